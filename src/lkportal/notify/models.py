"""Tables of notify: entries of people's lists, messages on their way, what people chose. How they come to be stands in telling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, false, literal_column, true
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Message(Base):
    """An entry of one person's list. Its words are made when it is shown, from the subject of `template` and `facts`, so
    that a person who changes the language reads the whole list in it. One event tells a person once per notice. An entry that is
    not `listed` is there for its messages alone: the person wants no list about this topic."""

    __tablename__ = "notify_messages"
    __table_args__ = (UniqueConstraint("event_id", "notice", "identity_id"), Index(None, "account_id"))

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
    listed: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true(), nullable=False)


Index("ix_notify_messages_identity_id_id", Message.identity_id, Message.id)
Index(
    "ix_notify_messages_unread",
    Message.identity_id,
    sqlite_where=Message.read_at.is_(None),
    postgresql_where=Message.read_at.is_(None),
)


class Letter(Base):
    """A message on its way by one `channel` (email, sms, push): queued, held for a gathered letter, gathered into one, failed (it is
    tried again), sent (whoever carries it took it), bounced, dead, or dropped: `error` says why (read, done, off, gone).

    `entry` is the entry of the list it tells of; one that leaves only while that is unread has `unless_read`. `device` is the
    browser a push goes to, `digest` the letter this one was gathered into, `due_at` when it is to leave.

    To a person of the portal (`identity_id`) it goes to the mailbox they have when it leaves; `recipient` is for others.
    `message_id` is the same at every try, so that a letter sent twice in a crash is known as one. `facts` hold no secret.
    """

    __tablename__ = "notify_letters"
    __table_args__ = (Index(None, "identity_id"), Index(None, "created_at"), Index(None, "digest"))

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
    channel: Mapped[str] = mapped_column(String(10), default="email", server_default="email", nullable=False)
    notice: Mapped[str] = mapped_column(String(80), default="", server_default="", nullable=False)
    entry: Mapped[str | None] = mapped_column(String(16))
    unless_read: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false(), nullable=False)
    device: Mapped[str | None] = mapped_column(String(16))
    digest: Mapped[str | None] = mapped_column(String(16))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


_HELD = Letter.state == literal_column("'held'")
Index("ix_notify_letters_held", Letter.due_at, Letter.identity_id, sqlite_where=_HELD, postgresql_where=_HELD)


class Choice(Base):
    """How a person wants to be told about a topic; `account` is a public id, or "" for all accounts without a choice of their own.
    `email` is at_once, daily, weekly or off."""

    __tablename__ = "notify_choices"
    __table_args__ = (UniqueConstraint("identity_id", "topic", "account"),)

    id: Mapped[int] = pk()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    topic: Mapped[str] = mapped_column(String(80), nullable=False)
    account: Mapped[str] = mapped_column(String(16), default="", nullable=False)
    in_app: Mapped[bool] = mapped_column(Boolean, nullable=False)
    email: Mapped[str] = mapped_column(String(10), nullable=False)
    push: Mapped[bool] = mapped_column(Boolean, nullable=False)
    sms: Mapped[bool] = mapped_column(Boolean, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Habit(Base):
    """When and how a person is told at all: quiet hours in minutes of their day (both empty: none), their time zone ("": the
    account's), whether ways follow one another until a notice is read, whether push shows what a notice is about."""

    __tablename__ = "notify_habits"

    identity_id: Mapped[int] = mapped_column(
        big_key(), ForeignKey("auth_identities.id"), primary_key=True, autoincrement=False
    )
    quiet_from: Mapped[int | None] = mapped_column(Integer)
    quiet_until: Mapped[int | None] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    step_by_step: Mapped[bool] = mapped_column(Boolean, nullable=False)
    push_titles: Mapped[bool] = mapped_column(Boolean, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Returned(Base):
    """An address of a person that letters came back from: how many one after another, why the last one did, and since when it is
    marked. A mark holds while `address` is the person's; no letter is written to a marked one."""

    __tablename__ = "notify_returned"

    identity_id: Mapped[int] = mapped_column(
        big_key(), ForeignKey("auth_identities.id"), primary_key=True, autoincrement=False
    )
    address: Mapped[str] = mapped_column(String(254), nullable=False)
    reason: Mapped[str] = mapped_column(String(20), nullable=False)
    returned: Mapped[int] = mapped_column(Integer, nullable=False)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    marked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Device(Base):
    """A browser that a person allowed to show push messages. `endpoint` and the keys open it: they are kept encrypted."""

    __tablename__ = "notify_devices"
    __table_args__ = (Index(None, "identity_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    endpoint_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    endpoint: Mapped[str] = mapped_column(Encrypted("notify_devices.endpoint"), nullable=False)
    keys: Mapped[str] = mapped_column(Encrypted("notify_devices.keys"), nullable=False)
    name: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    paused_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
