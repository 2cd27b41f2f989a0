"""The table of exports. The file itself is kept by the storage."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, UTCDateTime, pk, public_id_column
from lkportal.core.db import Base


class Export(Base):
    """One file of a period, both days included. `origin` names the schedule and its day, or the form it was asked by: unique,
    so that each is made once. `state` is waiting or ready; `total` is the sum of its amounts in minor units."""

    __tablename__ = "payments_exports"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    origin: Mapped[str] = mapped_column(String(80), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    form: Mapped[str] = mapped_column(String(4), nullable=False)
    since: Mapped[date] = mapped_column(Date(), nullable=False)
    until: Mapped[date] = mapped_column(Date(), nullable=False)
    state: Mapped[str] = mapped_column(String(8), nullable=False)
    lines: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    total: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    file_key: Mapped[str] = mapped_column(String(80), default="", nullable=False)
    size: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    ready_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
