"""The table of signed links."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class SignedLink(Base):
    """A link that lets whoever holds it do one thing about one account, once. Only the hash of its token is kept."""

    __tablename__ = "accounts_guest_links"
    __table_args__ = (Index(None, "account_id"), Index(None, "expires_at"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    purpose: Mapped[str] = mapped_column(String(40), nullable=False)
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    target: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    origin: Mapped[str] = mapped_column(String(10), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    result: Mapped[str] = mapped_column(String(40), default="", nullable=False)
