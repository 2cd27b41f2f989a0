"""Tables of the API: tokens (hashed), answers kept by their keys, and what systems push. The rows themselves are imported by
core.imports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.api.webhooks.models import Delivery, Webhook
from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

__all__ = ["Answer", "Delivery", "FeedRun", "Token", "Webhook"]
_RUNNING = text("state = 'running'")


class Token(Base):
    """A secret by which a system is known, or, with `identity_id`, a customer. `rights` are scopes like "feed.charges"; `networks`
    empty: from anywhere."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    ending: Mapped[str] = mapped_column(String(4), nullable=False)
    rights: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    networks: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    created_by: Mapped[str] = mapped_column(String(60), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_by: Mapped[str | None] = mapped_column(String(60))


class Answer(Base):
    """What a call was answered, by the key of its caller (a label: "customer:Xk3..."). It is written in the unit of the act."""

    __tablename__ = "api_answers"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    id: Mapped[int] = pk()
    caller: Mapped[str] = mapped_column(String(60), nullable=False)
    key: Mapped[str] = mapped_column(String(200), nullable=False)
    fingerprint: Mapped[str] = mapped_column(String(64), nullable=False)
    status: Mapped[int] = mapped_column(nullable=False)
    media: Mapped[str] = mapped_column(String(60), nullable=False)
    body: Mapped[str] = mapped_column(Text, nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False, index=True)


class FeedRun(Base):
    """One push. State: receiving -> waiting -> running -> done | failed. Of a kind, one runs at a time: the index says so."""

    __tablename__ = "api_feed_runs"
    __table_args__ = (
        UniqueConstraint("token_id", "kind", "key"),
        Index("ix_api_feed_runs_one_running", "kind", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        Index(None, "state", "kind"),
        Index(None, "import_id"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    token_id: Mapped[int] = mapped_column(big_key(), ForeignKey("api_tokens.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(60), nullable=False)
    key: Mapped[str] = mapped_column(String(200), nullable=False)
    parameters: Mapped[dict[str, str]] = mapped_column(JSONText(), nullable=False)
    packing: Mapped[str] = mapped_column(String(10), nullable=False)
    locale: Mapped[str] = mapped_column(String(10), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    received: Mapped[int] = mapped_column(BigInteger, nullable=False)
    hash: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    # The run of the engine (core_imports) once it began, and its sums once it ended.
    import_id: Mapped[int | None] = mapped_column(BigInteger)
    accepted: Mapped[int] = mapped_column(BigInteger, default=0, nullable=False)
    rejected: Mapped[int] = mapped_column(BigInteger, default=0, nullable=False)
    counts: Mapped[dict[str, int]] = mapped_column(JSONText(), default=dict, nullable=False)
    attempts: Mapped[int] = mapped_column(BigInteger, default=0, nullable=False)
    problem_code: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    problem: Mapped[str] = mapped_column(Text, default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    ready_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
