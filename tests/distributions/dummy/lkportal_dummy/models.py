"""The table of notes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Note(Base):
    """A note on an account. `weight` is counted by a job after the note was written."""

    __tablename__ = "dummy_notes"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    words: Mapped[str] = mapped_column(String(200), nullable=False)
    weight: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
