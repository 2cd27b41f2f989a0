"""Tables of tariffs: the catalogue with its prices by day, who belongs to which segment, what is connected to an account, orders. Those of
equipment, promotions and what is paid in advance stand with them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, Provenance, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base
from lkportal.modules.tariffs.equipment import models as _equipment  # noqa: F401 - its tables are ours
from lkportal.modules.tariffs.prepaid import models as _prepaid  # noqa: F401 - as above
from lkportal.modules.tariffs.promotions import models as _promotions  # noqa: F401 - as above

_WAITS = text("state = 'waiting'")
_LIVES = text("state <> 'ended'")
_TAKEN = text("promotion_id IS NOT NULL AND state IN ('waiting', 'processed')")


class Offering(Provenance, Base):
    """Something a company offers: a plan, of which an account has one in each `family`, or an addon. `source_key` is the code of
    the catalogue. `months` is what a price pays for (1: a month), 0: once. A `prepaid` one is paid in advance from what is in hand.
    One `at_address` is connected where somebody lives, so it can move; a mobile number is not.
    Offered are those of the account's brand ("": of all), of its segment ("": to all), from `since` to `until`."""

    __tablename__ = "tariffs_offerings"
    __table_args__ = (
        CheckConstraint("kind IN ('plan', 'addon')", name="kind"),
        CheckConstraint("months BETWEEN 0 AND 60", name="months"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    kind: Mapped[str] = mapped_column(String(5), nullable=False)
    family: Mapped[str] = mapped_column(String(60), nullable=False)
    icon: Mapped[str] = mapped_column(String(20), default="", nullable=False)
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    note: Mapped[str] = mapped_column(String(300), default="", nullable=False)
    months: Mapped[int] = mapped_column(Integer, nullable=False)
    connect_price: Mapped[int] = mapped_column(Minor(), default=0, nullable=False)
    prepaid: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    at_address: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true(), nullable=False)
    brand: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    segment: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    since: Mapped[date] = mapped_column(Date(), nullable=False)
    until: Mapped[date | None] = mapped_column(Date())
    place: Mapped[int] = mapped_column(Integer, default=100, nullable=False)


class Price(Base):
    """What an offering costs from a day on: minor units of the account's currency for its months."""

    __tablename__ = "tariffs_prices"
    __table_args__ = (UniqueConstraint("offering_id", "since"), CheckConstraint("amount >= 0", name="amount"))

    id: Mapped[int] = pk()
    offering_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tariffs_offerings.id"), nullable=False)
    since: Mapped[date] = mapped_column(Date(), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)


class Segment(Base):
    """An account belongs to a segment: "new", "village", "business". `told_by` is the import (public id) that said so last."""

    __tablename__ = "tariffs_segments"

    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), primary_key=True)
    segment: Mapped[str] = mapped_column(String(40), primary_key=True)
    told_by: Mapped[str] = mapped_column(String(16), nullable=False)


class Service(Provenance, Base):
    """A service connected to an account. `state` is one of states.SERVICE_STATES. `price` is agreed for this account alone, until
    the day `price_until` if there is one; empty: the catalogue's. `place` says where: an address, a number. `charge_on` is the day of the next charge, until which it is paid, `anchor`
    the day of the month it keeps to (31: the last); `renews`: it goes on by itself then. A freeze goes from `frozen_on` to `frozen_until`."""

    __tablename__ = "tariffs_services"
    __table_args__ = (
        Index(None, "account_id", "state"),
        Index("ix_tariffs_services_charge_on", "charge_on", sqlite_where=_LIVES, postgresql_where=_LIVES),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    offering_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tariffs_offerings.id"), index=True, nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    price: Mapped[int | None] = mapped_column(Minor())
    price_until: Mapped[date | None] = mapped_column(Date())
    place: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    since: Mapped[date] = mapped_column(Date(), nullable=False)
    charge_on: Mapped[date | None] = mapped_column(Date())
    anchor: Mapped[int] = mapped_column(Integer, default=1, nullable=False)
    renews: Mapped[bool] = mapped_column(Boolean, default=True, nullable=False)
    frozen_on: Mapped[date | None] = mapped_column(Date())
    frozen_until: Mapped[date | None] = mapped_column(Date())
    ended_on: Mapped[date | None] = mapped_column(Date())
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Order(Base):
    """What a customer ordered, with what was shown first: `price` once, `monthly` from then on (of its months), the day it takes effect.

    `subject` names what it is about, so that one thing waits in one order; `token` is of the form: sent twice it is one order.
    `before_id` is the offering that a change leaves. `until` ends a freeze, `place` is where a move leads. `reason` says why the
    company refused. Under a promotion `monthly` holds for `price_months`; each promotion is taken once.
    """

    __tablename__ = "tariffs_orders"
    __table_args__ = (
        UniqueConstraint("account_id", "token"),
        Index("uq_tariffs_orders_waiting", "account_id", "subject", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("uq_tariffs_orders_promotion", "account_id", "promotion_id", unique=True, sqlite_where=_TAKEN, postgresql_where=_TAKEN),
        Index("ix_tariffs_orders_due", "effective_on", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index(None, "account_id", "id"),
        Index(None, "service_id"),
    )  # fmt: skip

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    subject: Mapped[str] = mapped_column(String(80), nullable=False)
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    service_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("tariffs_services.id"))
    offering_id: Mapped[int] = mapped_column(big_key(), ForeignKey("tariffs_offerings.id"), nullable=False)
    before_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("tariffs_offerings.id"))
    promotion_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("tariffs_promotions.id"), index=True)
    price: Mapped[int] = mapped_column(Minor(), nullable=False)
    monthly: Mapped[int] = mapped_column(Minor(), nullable=False)
    price_months: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"), nullable=False)
    effective_on: Mapped[date] = mapped_column(Date(), nullable=False)
    until: Mapped[date | None] = mapped_column(Date())
    place: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    reason: Mapped[str] = mapped_column(String(500), default="", nullable=False)
    decided_by: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
