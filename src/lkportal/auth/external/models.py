"""Tables of people known elsewhere: links to identities, sign-ins under way, logout tokens already used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class External(Base):
    """A person as somebody else knows them, linked to one identity. `issuer` and `subject` name them; `label` is for their eyes."""

    __tablename__ = "auth_external"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "identity_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    issuer: Mapped[str] = mapped_column(String(255), nullable=False)
    subject: Mapped[str] = mapped_column(String(255), nullable=False)
    provider: Mapped[str] = mapped_column(String(40), nullable=False)
    label: Mapped[str] = mapped_column(String(254), default="", nullable=False)
    linked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Flow(Base):
    """A sign-in elsewhere that is under way in one browser: used once, for one purpose ("enter", "link", "prove").

    `state_hash` is of what the provider returns, `browser_hash` of what the browser's cookie holds.
    """

    __tablename__ = "auth_external_flows"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[int] = pk()
    state_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    browser_hash: Mapped[str] = mapped_column(String(64), nullable=False)
    provider: Mapped[str] = mapped_column(String(40), nullable=False)
    brand: Mapped[str] = mapped_column(String(40), nullable=False)
    purpose: Mapped[str] = mapped_column(String(10), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key())
    wanted: Mapped[str] = mapped_column(String(1000), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Stranger(Base):
    """Somebody a provider vouches for and nobody here knows yet: waits in one browser until they say who they are.

    `identity_id` is set when their confirmed e-mail belongs to a known person: only that person may take the link.
    """

    __tablename__ = "auth_external_strangers"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[int] = pk()
    browser_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    issuer: Mapped[str] = mapped_column(String(255), nullable=False)
    subject: Mapped[str] = mapped_column(String(255), nullable=False)
    provider: Mapped[str] = mapped_column(String(40), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    name: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    email: Mapped[str] = mapped_column(String(254), default="", nullable=False)
    label: Mapped[str] = mapped_column(String(254), default="", nullable=False)
    two: Mapped[bool] = mapped_column(Boolean(), default=False, nullable=False)
    wanted: Mapped[str] = mapped_column(String(1000), default="", nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class LogoutToken(Base):
    """A logout token a provider sent, so that none is taken twice."""

    __tablename__ = "auth_logout_tokens"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[int] = pk()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class SignedInThere(Base):
    """A session that began at a provider, by the number the provider gave its own session: signed out there, it ends here."""

    __tablename__ = "auth_external_sessions"
    __table_args__ = (Index(None, "external_id"), Index(None, "session_id"))

    id: Mapped[int] = pk()
    external_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_external.id"), nullable=False)
    session_id: Mapped[int] = mapped_column(big_key(), nullable=False)
    sid_hash: Mapped[str] = mapped_column(String(64), default="", nullable=False)
