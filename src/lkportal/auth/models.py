"""Tables of who may enter: identities, sessions, registrations, one-time tokens. Customers and memberships stand in accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

IdentityKind = Literal["customer", "staff"]


class Identity(Base):
    """A person who signs in: a customer or one of the company's people, never both."""

    __tablename__ = "auth_identities"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    login: Mapped[str] = mapped_column(String(254), unique=True, nullable=False)
    email: Mapped[str] = mapped_column(String(254), default="", nullable=False)
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    password_hash: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    name: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    locale: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Session(Base):
    """A sign-in on one device. The cookie holds a random token, the row only its hash.

    `origin_id` is the first session of a family that crossed hosts: they end together. `expires_at` moves on with every visit (the idle limit) but never past `ends_at` (the whole limit).
    """

    __tablename__ = "auth_sessions"
    __table_args__ = (Index(None, "identity_id"), Index(None, "expires_at"), Index(None, "origin_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    stepped_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    device: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    network: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    account_id: Mapped[int | None] = mapped_column(big_key())
    origin_id: Mapped[int | None] = mapped_column(big_key())


class Registration(Base):
    """Somebody asked for access with this mailbox. An identity comes to be when a link sent there is opened."""

    __tablename__ = "auth_registrations"
    __table_args__ = (Index(None, "created_at"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    email: Mapped[str] = mapped_column(String(254), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    brand: Mapped[str] = mapped_column(String(40), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Token(Base):
    """A single-use proof sent to a mailbox, for one purpose and one identity or registration. Only its hash is stored.

    `bound` is the fingerprint of the password it was made under: once that changed, the token opens nothing. A crossing's is
    bound to host and browser, and to the session `session_id` it comes from.
    """

    __tablename__ = "auth_tokens"
    __table_args__ = (
        CheckConstraint("(identity_id IS NULL) <> (registration_id IS NULL)", name="one_owner"),
        Index(None, "identity_id"),
        Index(None, "registration_id"),
        Index(None, "expires_at"),
    )

    id: Mapped[int] = pk()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    purpose: Mapped[str] = mapped_column(String(20), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    registration_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_registrations.id"))
    bound: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    session_id: Mapped[int | None] = mapped_column(big_key())
