"""The tables of the import engine: what was imported, how far it came, what was not taken. Who writes them is imports_run."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from lkportal.core.columns import JSONText, UTCDateTime, big_key
from lkportal.core.db import Base

imports = Table(
    "core_imports",
    Base.metadata,
    Column("id", big_key(), primary_key=True),
    Column("public_id", String(16), nullable=False, unique=True),
    Column("kind", String(60), nullable=False),
    # The same content for the same purpose: hash of kind, file and parameters. `run` counts deliberate repetitions.
    Column("fingerprint", String(64), nullable=False),
    Column("run", Integer, nullable=False),
    Column("file_name", String(255), nullable=False),
    Column("file_hash", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("layout", JSONText, nullable=False),
    Column("parameters", JSONText, nullable=False),
    # running | done | abandoned (another run was begun)
    Column("state", String(10), nullable=False),
    Column("batch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("counts", JSONText, nullable=False),
    Column("actor", String(60), nullable=False),
    Column("started_at", UTCDateTime, nullable=False),
    Column("updated_at", UTCDateTime, nullable=False),
    Column("finished_at", UTCDateTime),
    UniqueConstraint("fingerprint", "run"),
)

rejects = Table(
    "core_import_rejects",
    Base.metadata,
    Column("import_id", BigInteger, ForeignKey("core_imports.id"), primary_key=True),
    Column("line", BigInteger, primary_key=True, autoincrement=False),
    Column("column_name", String(60), nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("original", Text, nullable=False),
)
