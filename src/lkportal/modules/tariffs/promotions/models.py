"""The table of promotions. Who took one stands in the orders."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, Provenance, big_key, pk, public_id_column
from lkportal.core.db import Base


class Promotion(Provenance, Base):
    """An offer that may be taken from `since` to `until` by accounts of a `segment` ("": by all): an offering of the catalogue for `price`
    during `months`, then for what the catalogue says. `connect_price` is paid once. Minor units of the account's currency."""

    __tablename__ = "tariffs_promotions"
    __table_args__ = (
        CheckConstraint("months BETWEEN 1 AND 60", name="months"),
        CheckConstraint("price >= 0 AND connect_price >= 0", name="prices"),
        CheckConstraint("since <= until", name="days"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    offering_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tariffs_offerings.id"), index=True, nullable=False)
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    note: Mapped[str] = mapped_column(String(300), default="", nullable=False)
    segment: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    since: Mapped[date] = mapped_column(Date(), nullable=False)
    until: Mapped[date] = mapped_column(Date(), nullable=False)
    price: Mapped[int] = mapped_column(Minor(), nullable=False)
    months: Mapped[int] = mapped_column(Integer, nullable=False)
    connect_price: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
