"""The table of Bitrix24: which deal is which request, and how far it was read."""

from __future__ import annotations

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import big_key, pk
from lkportal.core.db import Base


class Deal(Base):
    """The deal of a ticket (public id). `stage` is the one it was last seen in, `comment_id` the last comment read; one that is `over`
    is not asked about any more."""

    __tablename__ = "bitrix24_deals"

    id: Mapped[int] = pk()
    ticket: Mapped[str] = mapped_column(String(16), unique=True, nullable=False)
    deal_id: Mapped[int] = mapped_column(big_key(), unique=True, nullable=False)
    stage: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    comment_id: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    over: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False, index=True)
