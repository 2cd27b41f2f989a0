"""Tables of notify: entries of people's lists, and letters on their way. How they come to be stands in telling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Message(Base):
    """An entry of one person's list. Its words are made when it is shown, from the subject of `template` and `facts`, so
    that a person who changes the language reads the whole list in it. One event tells a person once per notice."""

    __tablename__ = "notify_messages"
    __table_args__ = (UniqueConstraint("event_id", "notice", "identity_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    account_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"))
    event_id: Mapped[str] = mapped_column(String(36), nullable=False)
    notice: Mapped[str] = mapped_column(String(80), nullable=False)
    topic: Mapped[str] = mapped_column(String(80), nullable=False)
    template: Mapped[str] = mapped_column(String(120), nullable=False)
    route: Mapped[str] = mapped_column(String(80), default="", nullable=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONText(), default=dict, nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


Index("ix_notify_messages_identity_id_id", Message.identity_id, Message.id)
Index(
    "ix_notify_messages_unread",
    Message.identity_id,
    sqlite_where=Message.read_at.is_(None),
    postgresql_where=Message.read_at.is_(None),
)


class Letter(Base):
    """A letter: queued, failed (it is tried again), sent, dead, or dropped because its reader may not have it any more.

    To a person of the portal (`identity_id`) it goes to the mailbox they have when it leaves; `recipient` is for others.
    `message_id` is the same at every try, so that a letter sent twice in a crash is known as one. `facts` hold no secret.
    """

    __tablename__ = "notify_letters"
    __table_args__ = (Index(None, "identity_id"), Index(None, "created_at"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    message_id: Mapped[str] = mapped_column(String(200), unique=True, nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    account: Mapped[str | None] = mapped_column(String(16))
    recipient: Mapped[str | None] = mapped_column(Encrypted("notify_letters.recipient"))
    kind: Mapped[str] = mapped_column(String(80), nullable=False)
    action: Mapped[str] = mapped_column(String(80), default="", nullable=False)
    audience: Mapped[str] = mapped_column(String(10), default="", nullable=False)
    template: Mapped[str] = mapped_column(String(120), nullable=False)
    route: Mapped[str] = mapped_column(String(80), default="", nullable=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONText(), default=dict, nullable=False)
    locale: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    brand: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    error: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
