"""Tables of audit: what was done or refused, and the seals over it. Rows are only ever added: see append_only in the module."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

_AS = text("on_behalf_of IS NOT NULL")
_LOOKS = text("action IN ('staff.view_begun', 'privacy.consents_seen')")


class Record(Base):
    """One act: who did, was refused or looked at what, on which account. Ids and codes; names live elsewhere."""

    __tablename__ = "audit_records"
    __table_args__ = (
        Index(None, "account", "id"),
        Index(None, "actor", "id"),
        Index(None, "target"),
        Index("ix_audit_records_on_behalf_of", "on_behalf_of", "id", sqlite_where=_AS, postgresql_where=_AS),
        Index("ix_audit_records_looks", "target", "id", sqlite_where=_LOOKS, postgresql_where=_LOOKS),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    actor: Mapped[str] = mapped_column(String(60), nullable=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(80), nullable=False)
    outcome: Mapped[str] = mapped_column(String(10), nullable=False)
    target: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    account: Mapped[str | None] = mapped_column(String(16))
    request_id: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    detail: Mapped[dict[str, str | int]] = mapped_column(JSONText(), default=dict, nullable=False)


class Seal(Base):
    """A link of the chain: the hash over the seal before it and a batch of records, in their order."""

    __tablename__ = "audit_seals"

    id: Mapped[int] = pk()
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    records: Mapped[int] = mapped_column(Integer, nullable=False)
    previous: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    hash: Mapped[str] = mapped_column(String(64), nullable=False)


class Sealed(Base):
    """Which seal a record lies under, and in which place. A record that commits late is sealed by a later seal."""

    __tablename__ = "audit_sealed"
    __table_args__ = (Index(None, "seal_id", "place", unique=True),)

    record_id: Mapped[int] = mapped_column(big_key(), primary_key=True, autoincrement=False)
    seal_id: Mapped[int] = mapped_column(big_key(), ForeignKey("audit_seals.id"), nullable=False)
    place: Mapped[int] = mapped_column(Integer, nullable=False)
