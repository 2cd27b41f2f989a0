"""Prepared reads of promotions: what is offered to an account today, one offer, all of them for the desk, prices that end soon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Row, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account, Brand
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AccountRef
from lkportal.modules.tariffs.models import Offering, Order, Price, Segment, Service
from lkportal.modules.tariffs.orders.quotes import Unfit
from lkportal.modules.tariffs.promotions.models import Promotion
from lkportal.modules.tariffs.queries import meant_for, offered
from lkportal.modules.tariffs.states import ACTIVE, ENDED, PROCESSED, WAITING

Found = Sequence[Row[*tuple[Any, ...]]]
One = Row[*tuple[Any, ...]]
OVER = text("tariffs.promotion.over", "This offer is over, or you have taken it already.")
_MINE: Any = bindparam("account_id")
_DAY, _LAST = bindparam("day", type_=Date()), bindparam("last", type_=Date())
_TODAY: Any = bindparam("today", type_=Date())
_TAKEN = Order.state.in_((WAITING, PROCESSED))
_mine, _of_family = aliased(Service, name="mine"), aliased(Offering, name="of_family")
_BRAND = select(Brand.key).join(Account, Account.brand_id == Brand.id).where(Account.id == _MINE).scalar_subquery()
_LIVING = (
    select(_mine.public_id)
    .join(_of_family, _of_family.id == _mine.offering_id)
    .where(_mine.account_id == _MINE, _mine.state != literal_column(f"'{ENDED}'"))
    .limit(1)
)
_HAS = _LIVING.where(_mine.offering_id == Promotion.offering_id).correlate(Promotion).exists()
_INSTEAD = (
    _LIVING.where(Offering.kind == "plan", _of_family.kind == "plan", _of_family.family == Offering.family)
    .correlate(Offering)
    .scalar_subquery()
)
_HAD = select(Order.id).where(Order.account_id == _MINE, Order.promotion_id == Promotion.id, _TAKEN)


def _offers(day: Any) -> Select[*tuple[Any, ...]]:
    catalogue = (
        select(Price.amount)
        .where(Price.offering_id == Offering.id, Price.since <= day)
        .order_by(Price.since.desc())
        .limit(1)
        .correlate(Offering)
        .scalar_subquery()
    )
    is_open = and_(
        offered(day, Promotion.until, Promotion.since), offered(day), ~_HAD.correlate(Promotion).exists(), ~_HAS
    )
    return (
        select(
            Promotion.id,
            Promotion.public_id,
            Promotion.source_key.label("code"),
            Promotion.title,
            Promotion.note,
            Promotion.until,
            Promotion.price.label("amount"),
            Promotion.months.label("price_months"),
            Promotion.connect_price,
            Offering.public_id.label("offering"),
            Offering.title.label("offering_title"),
            Offering.icon,
            Offering.months,
            catalogue.label("catalogue"),
            _INSTEAD.label("instead"),
            is_open.label("is_open"),
        )
        .join(Offering, Offering.id == Promotion.offering_id)
        .where(
            Offering.brand.in_(("", _BRAND)),
            meant_for(Promotion.segment),
            meant_for(Offering.segment),
            catalogue.is_not(None),
        )
    )


def _open(day: Any, most: int) -> Select[*tuple[Any, ...]]:
    found = _offers(day).subquery()
    return select(found).where(found.c.is_open).order_by(found.c.until, found.c.id).limit(most)


CARD = _open(_TODAY, 3)
"""What is offered to the account :account_id :today, what ends first before."""
_LIST = _open(_DAY, 20)
_ONE = _offers(_DAY).where(Promotion.public_id == bindparam("promotion"))
_TAKEN_TIMES = (
    select(func.count()).where(Order.promotion_id == Promotion.id, _TAKEN).correlate(Promotion).scalar_subquery()
)
_DESK = (
    select(
        Promotion.public_id,
        Promotion.source_key.label("code"),
        Promotion.title,
        Promotion.segment,
        Promotion.since,
        Promotion.until,
        Promotion.price,
        Promotion.months.label("price_months"),
        Promotion.connect_price,
        Offering.title.label("offering"),
        Offering.months,
        _TAKEN_TIMES.label("taken"),
    )
    .join(Offering, Offering.id == Promotion.offering_id)
    .order_by(Promotion.until.desc(), Promotion.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_OFFERINGS = (
    select(Offering.source_key.label("code"), Offering.title, Offering.family)
    .where(offered(_DAY), Offering.source_key.is_not(None))
    .order_by(Offering.place, Offering.title)
    .limit(300)
)
_SEGMENTS = select(Segment.segment).distinct().order_by(Segment.segment).limit(100)
_ENDING = (
    select(
        Service.id,
        Service.public_id,
        Service.account_id,
        Service.price_until,
        Offering.title,
        Offering.months,
        Service.price,
        select(Price.amount)
        .where(Price.offering_id == Offering.id, Price.since <= Service.price_until)
        .order_by(Price.since.desc())
        .limit(1)
        .correlate(Offering, Service)
        .scalar_subquery()
        .label("after"),
        Account.currency,
    )
    .join(Offering, Offering.id == Service.offering_id)
    .join(Account, Account.id == Service.account_id)
    .where(
        Service.state != ENDED, Service.price_until > _DAY, Service.price_until <= _LAST, Service.id > bindparam("after_id")
    )
    .order_by(Service.id)
    .limit(bindparam("limit"))
)  # fmt: skip
_STILL = select(Service.price_until).where(Service.public_id == bindparam("service"), Service.state == ACTIVE)


def open_offers(connection: Connection, account_id: int, day: date) -> Found:
    """Return what may be taken on a day, what ends first before."""
    return connection.execute(_LIST, {"account_id": account_id, "day": day}).all()


def offer(connection: Connection, account: AccountRef, public: str, day: date) -> One:
    """Return an offer that is meant for the account, whether it may still be taken or not. Raises NotFound for others."""
    row = connection.execute(_ONE, {"account_id": account.id, "promotion": public, "day": day}).first()
    if row is None:
        raise NotFound
    return row


def open_offer(connection: Connection, account: AccountRef, public: str, day: date) -> One:
    """Return an offer that is meant for the account. Raises NotFound for others, Unfit when it may not be taken any more."""
    row = offer(connection, account, public, day)
    if not row.is_open:
        raise Unfit("", OVER)
    return row


def all_offers(connection: Connection, limit: int, offset: int) -> Found:
    """Return all promotions with how often they were taken, what lasts longest first."""
    return connection.execute(_DESK, {"limit": limit, "offset": offset}).all()


def choices(connection: Connection, day: date) -> tuple[Found, list[str]]:
    """Return what a promotion may be made of: what is offered on a day, and the segments there are."""
    return connection.execute(_OFFERINGS, {"day": day}).all(), list(connection.execute(_SEGMENTS).scalars())


def ending(connection: Connection, day: date, last: date, after: int, limit: int) -> Found:
    """Return services whose own price ends after `day` and by `last`."""
    return connection.execute(_ENDING, {"day": day, "last": last, "after_id": after, "limit": limit}).all()


def ends_on(connection: Connection, service: str) -> date | None:
    """Return the day on which the own price of a service that works ends, or None."""
    found: date | None = connection.execute(_STILL, {"service": service}).scalar()
    return found
