"""Tables of reports: what was counted, and when. Sums alone, nothing in them names a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, pk
from lkportal.core.db import Base


class Total(Base):
    """What a measure counted. `part` and `currency` are "" where it has none; a measure by month stands on its first day."""

    __tablename__ = "staff_totals"
    __table_args__ = (UniqueConstraint("measure", "month", "day", "part", "currency"),)

    id: Mapped[int] = pk()
    measure: Mapped[str] = mapped_column(String(60), nullable=False)
    month: Mapped[date] = mapped_column(Date(), nullable=False)
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    part: Mapped[str] = mapped_column(String(90), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    amount: Mapped[int] = mapped_column(BigInteger(), nullable=False)


class Count(Base):
    """When a measure was counted last; `since` is the earliest month that ever was."""

    __tablename__ = "staff_counts"

    measure: Mapped[str] = mapped_column(String(60), primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    since: Mapped[date] = mapped_column(Date(), nullable=False)
