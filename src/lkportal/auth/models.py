"""Tables of who may enter: identities, sessions, second factors, registrations, one-time tokens. Customers and memberships stand in accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.auth.external.models import External, Flow, LogoutToken, SignedInThere, Stranger
from lkportal.core.columns import Encrypted, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

IdentityKind = Literal["customer", "staff"]
ELSEWHERE = (External, Flow, Stranger, LogoutToken, SignedInThere)
"""Tables of people known elsewhere, which stand in external.models."""


class Identity(Base):
    """A person who signs in: a customer or one of the company's people, never both.

    `phone` is E.164. `asks` are the purposes for which they want a second factor, `second_ways` the second factors they have:
    words with spaces between ("entry payment", "totp passkey"), read with every request.
    """

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
    phone: Mapped[str] = mapped_column(String(20), default="", server_default="", nullable=False)
    phone_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    asks: Mapped[str] = mapped_column(String(60), default="", server_default="", nullable=False)
    second_ways: Mapped[str] = mapped_column(String(60), default="", server_default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Name(Base):
    """A name somebody signs in with: login, confirmed e-mail or confirmed phone, unique among all of them."""

    __tablename__ = "auth_names"
    __table_args__ = (Index(None, "identity_id"),)

    id: Mapped[int] = pk()
    name: Mapped[str] = mapped_column(String(254), unique=True, nullable=False)
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Session(Base):
    """A sign-in on one device. The cookie holds a random token, the row only its hash.

    `origin_id` is the first session of a family that crossed hosts: they end together. `expires_at` moves on with every visit (the idle limit) but never past `ends_at` (the whole limit).
    `viewing_identity_id` is the customer whose pages the company's person sees as theirs until `viewing_until`.
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
    methods: Mapped[str] = mapped_column(String(100), default="", server_default="", nullable=False)
    second_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    viewing_identity_id: Mapped[int | None] = mapped_column(big_key())
    viewing_until: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Entry(Base):
    """A sign-in that waits for its second step: the first one is proved, nothing is open yet. Used once, for minutes.

    `bound` is the fingerprint of the password it began under: recovery and a new password leave it worth nothing.
    """

    __tablename__ = "auth_entries"
    __table_args__ = (Index(None, "identity_id"), Index(None, "expires_at"))

    id: Mapped[int] = pk()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    methods: Mapped[str] = mapped_column(String(100), nullable=False)
    wanted: Mapped[str] = mapped_column(String(1000), nullable=False)
    bound: Mapped[str] = mapped_column(String(64), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Totp(Base):
    """The authenticator app of a person. `used_step` is the newest half minute whose code was taken: no code works twice."""

    __tablename__ = "auth_totp"

    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), primary_key=True)
    seed: Mapped[str] = mapped_column(Encrypted("auth_totp.seed"), nullable=False)
    used_step: Mapped[int] = mapped_column(BigInteger, default=0, nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class RecoveryCode(Base):
    """A code for the day the authenticator is lost: shown once, used once. `mark`, its first letters, says which one was typed,
    of the whole only a slow hash is kept."""

    __tablename__ = "auth_recovery_codes"
    __table_args__ = (Index(None, "identity_id"),)

    id: Mapped[int] = pk()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    mark: Mapped[str] = mapped_column(String(4), nullable=False)
    code_hash: Mapped[str] = mapped_column(String(200), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


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


class Code(Base):
    """A one-time code and link that a browser asked for. Only hashes are stored; `identity_id` is empty when nobody has the login.

    `target` is the new contact that a code of purpose "email" or "phone" proves.
    """

    __tablename__ = "auth_codes"
    __table_args__ = (Index(None, "identity_id"), Index(None, "expires_at"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    browser_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    link_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    code_hash: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    purpose: Mapped[str] = mapped_column(String(10), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    channel: Mapped[str] = mapped_column(String(10), nullable=False)
    target: Mapped[str | None] = mapped_column(Encrypted("auth_codes.target"))
    guesses: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    sent: Mapped[int] = mapped_column(Integer, default=1, nullable=False)
    device: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    network: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    locale: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    brand: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Passkey(Base):
    """A key pair whose private half stays with a person's device or password keeper. `public_key` is COSE in base64url.

    `rp_id` is the domain it was made for. `suspended_at`: its counter went back, so somebody may hold a copy; it opens nothing.
    """

    __tablename__ = "auth_passkeys"
    __table_args__ = (Index(None, "identity_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    credential_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    credential: Mapped[str] = mapped_column(String(1400), nullable=False)
    public_key: Mapped[str] = mapped_column(String(4000), nullable=False)
    sign_count: Mapped[int] = mapped_column(BigInteger(), nullable=False)
    rp_id: Mapped[str] = mapped_column(String(254), nullable=False)
    transports: Mapped[str] = mapped_column(String(100), default="", nullable=False)
    synced: Mapped[bool] = mapped_column(Boolean(), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class SpentChallenge(Base):
    """A signed challenge that was answered: its hash alone, kept until it would have run out. Written once, by one racer."""

    __tablename__ = "auth_spent_challenges"
    __table_args__ = (Index(None, "expires_at"),)

    value_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Visit(Base):
    """A sign-in, done or refused, for the history a person reads. `identity_id` is empty when nobody has the login."""

    __tablename__ = "auth_visits"
    __table_args__ = (Index(None, "identity_id", "id"), Index(None, "at"))

    id: Mapped[int] = pk()
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    outcome: Mapped[str] = mapped_column(String(10), nullable=False)
    methods: Mapped[str] = mapped_column(String(100), nullable=False)
    device: Mapped[str] = mapped_column(String(200), nullable=False)
    network: Mapped[str] = mapped_column(String(64), nullable=False)
    known: Mapped[bool] = mapped_column(Boolean(), nullable=False)


class Recovery(Base):
    """A forgotten password on its way to a new one. `state` moves along recovering.EDGES alone; `bound` is the fingerprint of the
    password the link was made under, `identity_id` is empty when nobody has the login."""

    __tablename__ = "auth_recoveries"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'nobody', 'sent', 'done', 'void', 'expired')", name="known_state"),
        Index(None, "identity_id"),
        Index(None, "expires_at"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    started_by: Mapped[str] = mapped_column(String(10), nullable=False)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    bound: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    locale: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    brand: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    moved_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
