"""Tables of privacy: the texts people were shown, what they decided, exports with their files, wishes to be erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

_UNDER_WAY = text("state IN ('waiting', 'working')")


class KeptText(Base):
    """A text as it was shown, kept for ever: the evidence of a decision points at its hash. Rows are only added."""

    __tablename__ = "privacy_texts"

    id: Mapped[int] = pk()
    hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    document: Mapped[str] = mapped_column(String(40), nullable=False)
    version: Mapped[str] = mapped_column(String(20), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    body: Mapped[str] = mapped_column(Text(), nullable=False)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Decision(Base):
    """What a person decided about a document: agreed, refused or withdrew; when, where, over which text. Only added.

    `how` is the page it was shown on: gate, card or page. `required` is what the document was then.
    """

    __tablename__ = "privacy_decisions"
    __table_args__ = (Index(None, "identity_id", "id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    document: Mapped[str] = mapped_column(String(40), nullable=False)
    version: Mapped[str] = mapped_column(String(20), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    text_hash: Mapped[str] = mapped_column(String(64), nullable=False)
    purpose: Mapped[str] = mapped_column(String(40), nullable=False)
    decision: Mapped[str] = mapped_column(String(10), nullable=False)
    how: Mapped[str] = mapped_column(String(10), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    network: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    device: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    request_id: Mapped[str] = mapped_column(String(64), nullable=False)


class Standing(Base):
    """The last decision of a person about a document: what pages and modules ask. The evidence is in Decision."""

    __tablename__ = "privacy_standings"
    __table_args__ = (UniqueConstraint("identity_id", "document"),)

    id: Mapped[int] = pk()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    document: Mapped[str] = mapped_column(String(40), nullable=False)
    version: Mapped[str] = mapped_column(String(20), nullable=False)
    decision: Mapped[str] = mapped_column(String(10), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Export(Base):
    """A person's wish for their data. `state`: asked, ready, gone (its files are deleted), failed."""

    __tablename__ = "privacy_exports"
    __table_args__ = (Index(None, "identity_id", "id"), Index(None, "expires_at"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    brand: Mapped[str] = mapped_column(String(40), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    ready_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    row_count: Mapped[int] = mapped_column(Integer, default=0, nullable=False)


class ExportFile(Base):
    """A file of an export, sealed: it goes with its row, and nothing of it stays on a disk when a worker dies."""

    __tablename__ = "privacy_export_files"
    __table_args__ = (UniqueConstraint("export_id", "kind"),)

    id: Mapped[int] = pk()
    export_id: Mapped[int] = mapped_column(big_key(), ForeignKey("privacy_exports.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(4), nullable=False)
    size: Mapped[int] = mapped_column(Integer, nullable=False)
    packed: Mapped[str] = mapped_column(Encrypted("privacy_export_files.packed"), nullable=False)


class Erasure(Base):
    """A person's wish to be erased. `state`: waiting (it may be taken back until `due_at`), cancelled, working, done.

    `kept` tells, as packed texts, what stays and why; it is written when the work begins.
    """

    __tablename__ = "privacy_erasures"
    __table_args__ = (
        Index(
            "uq_privacy_erasures_under_way",
            "identity_id",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
        Index(None, "state", "due_at"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    brand: Mapped[str] = mapped_column(String(40), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    begun_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    kept: Mapped[list[Any]] = mapped_column(JSONText(), default=list, nullable=False)
