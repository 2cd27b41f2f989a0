"""Tables of webhooks: where systems want to be told, and what was sent there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

_WAITS = text("state = 'waiting'")


class Webhook(Base):
    """An address that is told of events. `events` empty: of all. `state`: on, off, gone (the receiver answered 410).

    `sending_until` is the claim of who sends there now: one at a time. `rests_until`: after failures in a row it is let alone.
    """

    __tablename__ = "api_webhooks"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    url: Mapped[str] = mapped_column(String(500), nullable=False)
    events: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    secret: Mapped[str] = mapped_column(Encrypted("api_webhooks.secret"), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    created_by: Mapped[str] = mapped_column(String(60), nullable=False)
    sending_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    rests_until: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Delivery(Base):
    """An event on its way to a webhook. State: waiting -> done | dead. `said` is the status, or why there was none."""

    __tablename__ = "api_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_api_deliveries_waiting", "webhook_id", "next_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index(None, "created_at"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    webhook_id: Mapped[int] = mapped_column(big_key(), ForeignKey("api_webhooks.id"), nullable=False)
    event_id: Mapped[str] = mapped_column(String(36), nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    attempts: Mapped[int] = mapped_column(BigInteger, default=0, nullable=False)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    said: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
