"""The table of a person's home pages, a row for each account they arranged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key
from lkportal.core.db import Base


class HomeLayout(Base):
    """How a person wants the home page of an account: `cards` as layout.Layout writes it, `before` what the last act changed.

    `edition` is compared by each change: of two at once the second looks again.
    """

    __tablename__ = "accounts_home_layouts"
    __table_args__ = (Index(None, "account_id"),)

    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), primary_key=True)
    cards: Mapped[str] = mapped_column(String(4000), nullable=False)
    before: Mapped[str | None] = mapped_column(String(4000))
    edition: Mapped[int] = mapped_column(Integer, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
