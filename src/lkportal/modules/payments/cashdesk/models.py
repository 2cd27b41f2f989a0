"""Tables of the cash desk: days, slips, and the payments that each slip is made of. The payments themselves are like all others."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

GATEWAY = "cashdesk"
"""What stands for a gateway in the attempts of money taken at the desk."""


class CashDay(Base):
    """A day of the desk in one currency: each has a drawer of its own. `state` is open or closed. What came and went is counted in the
    unit of each slip: `cash` and `card` were taken, `returned_cash` and `returned_card` given back on this day. `counted` is what was in
    the drawer at the closing."""

    __tablename__ = "payments_cash_days"
    __table_args__ = (UniqueConstraint("day", "currency"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    state: Mapped[str] = mapped_column(String(8), nullable=False)
    cash: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    card: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    returned_cash: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    returned_card: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    counted: Mapped[int | None] = mapped_column(Minor())
    closed_by: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reopened_why: Mapped[str] = mapped_column(String(200), default="", nullable=False)


class Slip(Base):
    """Money taken at once from one payer. `kind` is cash or card, `state` taken or reversed; `given` less `total` is the change.

    `actor` recorded it, `cashier` is how that person was called then: it stands on the receipt. `token` is the form's.
    """

    __tablename__ = "payments_slips"
    __table_args__ = (
        UniqueConstraint("actor", "token"),
        Index(None, "day_id"),
        Index(None, "reversed_day_id"),
        CheckConstraint("total > 0 AND given >= total", name="total"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    day_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_cash_days.id"), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    cashier: Mapped[str] = mapped_column(String(120), nullable=False)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    kind: Mapped[str] = mapped_column(String(4), nullable=False)
    state: Mapped[str] = mapped_column(String(8), nullable=False)
    total: Mapped[int] = mapped_column(Minor(), nullable=False)
    given: Mapped[int] = mapped_column(Minor(), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    reversed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    reversed_by: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    reversed_day_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("payments_cash_days.id"))
    reason: Mapped[str] = mapped_column(String(200), default="", nullable=False)


class SlipPart(Base):
    """The payment that a slip made for one account."""

    __tablename__ = "payments_slip_parts"
    __table_args__ = (UniqueConstraint("payment_id"), Index(None, "slip_id"))

    id: Mapped[int] = pk()
    slip_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_slips.id"), nullable=False)
    payment_id: Mapped[int] = mapped_column(big_key(), ForeignKey("payments_payments.id"), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
