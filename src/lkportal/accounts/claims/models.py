"""Tables of claims: codes that prove an account, and claims that may still be refused.
The account itself and who belongs to it stand in accounts.models."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text


class NotHere(PortalError):
    """What a form names is not on this account, or not any more: taken back, refused, over."""

    def __init__(self) -> None:
        super().__init__("not_here", text("accounts.not_here", "This is not here any more. Reload the page."), 409)


class ProofCode(Base):
    """A code that proves an account. `kind` is "paper" (printed on a bill) or "post" (a letter of its own, asked for here).

    Only a keyed hash is kept. A letter that was asked for and not printed yet has no code: it is made while printing.
    """

    __tablename__ = "accounts_proof_codes"
    __table_args__ = (Index(None, "account_id"), Index(None, "kind", "printed_at"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    asked_by: Mapped[int | None] = mapped_column(big_key())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    printed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Claim(Base):
    """A person came to an account that others have already: until `refuse_until` its owners may refuse them."""

    __tablename__ = "accounts_claims"
    __table_args__ = (Index(None, "account_id"), Index(None, "identity_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    membership: Mapped[str] = mapped_column(String(16), nullable=False)
    role: Mapped[str] = mapped_column(String(20), nullable=False)
    proof: Mapped[str] = mapped_column(String(40), nullable=False)
    level: Mapped[int] = mapped_column(Integer, nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    refuse_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
