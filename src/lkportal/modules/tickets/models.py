"""Tables of tickets: what was asked, what was written, files, who has seen what, answers prepared by the company, managers of accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Ticket(Base):
    """A request of a customer. `state` is one of states.STATES, `facts` what its form asked: {"place": "Kitchen"}.

    `about_kind` and `about_id` name the thing it is about ("payments.bill" and a public id), `about_title` what it was called
    then. Terms: `answer_due` until the first answer, `solve_due` until it is solved; while the customer is asked something the
    clock stands: `solve_due` is empty and `paused` holds the working minutes that were left. `token` is of the form it was
    written in: the same form sent twice is one ticket. `last_side` is who wrote last.

    A conversation (type tickets.chat) has `talk`, the key of whose it is, as long as it goes on: unique, so that there is one.
    Its `solve_due` is until when the company answers what the customer wrote last. A ticket that another took in is merged and
    has `merged_id`.
    """

    __tablename__ = "tickets_tickets"
    __table_args__ = (
        UniqueConstraint("account_id", "token"),
        Index(None, "account_id", "changed_at"),
        Index(None, "state", "opened_at"),
        Index(None, "assignee_id", "state"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    type: Mapped[str] = mapped_column(String(60), nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False)
    subject: Mapped[str] = mapped_column(String(200), nullable=False)
    facts: Mapped[dict[str, str]] = mapped_column(JSONText(), nullable=False)
    about_kind: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    about_id: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    about_title: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    assignee_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    solved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    answer_due: Mapped[datetime | None] = mapped_column(UTCDateTime())
    solve_due: Mapped[datetime | None] = mapped_column(UTCDateTime())
    paused: Mapped[int | None] = mapped_column(Integer)
    last_side: Mapped[str] = mapped_column(String(12), nullable=False)
    rating: Mapped[int | None] = mapped_column(Integer)
    remark: Mapped[str] = mapped_column(String(1000), default="", nullable=False)
    rated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    talk: Mapped[str | None] = mapped_column(String(48), unique=True)
    merged_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("tickets_tickets.id"), index=True)


class Message(Base):
    """Something written in a ticket, or a step of it. `side` is customer, company or portal; `inner` is seen by staff alone.

    A step has no words: `state` is where the ticket came to, or a code of states.MARKS.
    """

    __tablename__ = "tickets_messages"
    __table_args__ = (Index(None, "ticket_id", "id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    ticket_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tickets_tickets.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    side: Mapped[str] = mapped_column(String(12), nullable=False)
    inner: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    body: Mapped[str] = mapped_column(Text(), default="", nullable=False)
    state: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    token: Mapped[str] = mapped_column(String(16), default="", nullable=False)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


_TOKEN = Message.token != literal_column("''")
Index(
    "uq_tickets_messages_token", Message.ticket_id, Message.token,
    unique=True, sqlite_where=_TOKEN, postgresql_where=_TOKEN,
)  # fmt: skip


class File(Base):
    """A file of a message. `file_key` finds its bytes in the storage."""

    __tablename__ = "tickets_files"
    __table_args__ = (Index(None, "message_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    message_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tickets_messages.id"), nullable=False)
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    media_type: Mapped[str] = mapped_column(String(80), nullable=False)
    size: Mapped[int] = mapped_column(Integer, nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    file_key: Mapped[str] = mapped_column(String(80), nullable=False)
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Seen(Base):
    """How far a person has read a ticket."""

    __tablename__ = "tickets_seen"
    __table_args__ = (Index(None, "identity_id"),)

    ticket_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tickets_tickets.id"), primary_key=True)
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(big_key(), nullable=False)


class Macro(Base):
    """An answer prepared by the company: words by language, and the state it leads to ("" for none)."""

    __tablename__ = "tickets_macros"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    texts: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    state: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Rule(Base):
    """Who takes care of which requests: the first rule that fits decides. What is empty fits all.

    `type` is a request type, `words` lines of which one is said in the request, `segment` is "household" or "company". It gives the
    request to `assignee_id`, and makes it `urgent`. Rules of a smaller `position` are asked first.
    """

    __tablename__ = "tickets_rules"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    type: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    words: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    segment: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    assignee_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    position: Mapped[int] = mapped_column(Integer, default=100, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Manager(Base):
    """Somebody of the company whom customers know by name: `position` under it, and hours of their own as in the settings
    ({"mon": "09:00-18:00"}); without any those of the company."""

    __tablename__ = "tickets_managers"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), unique=True, nullable=False)
    position: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    week: Mapped[dict[str, str]] = mapped_column(JSONText(), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Managed(Base):
    """The manager of an account, since when."""

    __tablename__ = "tickets_managed"
    __table_args__ = (Index(None, "manager_id"),)

    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), primary_key=True)
    manager_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tickets_managers.id"), nullable=False)
    since: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
