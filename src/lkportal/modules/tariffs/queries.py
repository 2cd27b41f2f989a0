"""Prepared reads of a customer's services, catalogue and orders. What is of an account is bound to it; prices are those of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Row, Select, and_, bindparam, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from lkportal.modules.tariffs.models import Offering, Order, Price, Segment, Service
from lkportal.modules.tariffs.promotions.models import Promotion

Found = Sequence[Row[*tuple[Any, ...]]]
One = Row[*tuple[Any, ...]]
_DAY = bindparam("day", type_=Date())
_MINE: Any = bindparam("account_id")
_ENDED: Any = literal_column("'ended'")
_WAITING: Any = literal_column("'waiting'")
_Before = aliased(Offering, name="before")


def _price(column: Any, day: Any, *, coming: bool = False) -> Any:
    dated = Price.since > day if coming else Price.since <= day
    return (
        select(column)
        .where(Price.offering_id == Offering.id, dated)
        .order_by(Price.since if coming else Price.since.desc())
        .limit(1)
        .correlate(Offering)
        .scalar_subquery()
    )


def offered(day: Any, until: Any = Offering.until, since: Any = Offering.since) -> Any:
    """Return the condition that something is offered on a day: between two columns, both days included."""
    return and_(since <= day, or_(until.is_(None), until >= day))


def meant_for(segment: Any, account_id: Any = _MINE) -> Any:
    """Return the condition that what is for a `segment` ("": for all) is meant for the account."""
    belongs = select(Segment.account_id).where(Segment.account_id == account_id, Segment.segment == segment)
    return or_(segment == literal_column("''"), belongs.correlate(segment.class_).exists())


def own_price(day: Any) -> Any:
    """Return the price that is agreed for the account alone, as of a day; null when it is the catalogue's."""
    return case((or_(Service.price_until.is_(None), Service.price_until > day), Service.price))


AMOUNT = _price(Price.amount, _DAY)
_OFFERED = offered(_DAY)
_FOR_ACCOUNT = and_(Offering.brand.in_(("", bindparam("brand"))), meant_for(Offering.segment))
OFFERING = (
    Offering.id.label("offering_id"),
    Offering.public_id.label("offering"),
    Offering.source_key.label("code"),
    Offering.kind,
    Offering.family,
    Offering.icon,
    Offering.title,
    Offering.note,
    Offering.months,
    Offering.connect_price,
    Offering.prepaid,
    Offering.at_address,
    Offering.until.label("offered_until"),
)
_CATALOGUE = (
    select(
        *OFFERING,
        AMOUNT.label("amount"),
        _price(Price.since, _DAY, coming=True).label("next_since"),
        _price(Price.amount, _DAY, coming=True).label("next_amount"),
    )
    .where(_OFFERED, _FOR_ACCOUNT, AMOUNT.is_not(None))
    .order_by(Offering.place, Offering.family, AMOUNT, Offering.id)
    .limit(300)
)
_OFFERING_ONE = _CATALOGUE.where(Offering.public_id == bindparam("offering"))
_AFTER = (
    select(Price.amount)
    .where(Price.offering_id == Offering.id, Price.since <= Service.price_until)
    .order_by(Price.since.desc())
    .limit(1)
    .correlate(Offering, Service)
    .scalar_subquery()
)
_WAITS = (
    select(Order.public_id)
    .where(Order.service_id == Service.id, Order.state == _WAITING)
    .limit(1)
    .correlate(Service)
    .scalar_subquery()
)


def _services(day: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *OFFERING,
            Service.id,
            Service.public_id,
            Service.state,
            own_price(day).label("own_price"),
            Service.price_until,
            _AFTER.label("price_after"),
            Service.place,
            Service.since,
            Service.charge_on,
            Service.renews,
            Service.frozen_until,
            Service.ended_on,
            Service.seen_at,
            func.coalesce(own_price(day), _price(Price.amount, day)).label("amount"),
            _price(Price.since, day, coming=True).label("next_since"),
            _price(Price.amount, day, coming=True).label("next_amount"),
            _WAITS.label("waiting"),
        )
        .join(Offering, Offering.id == Service.offering_id)
        .where(Service.account_id == _MINE)
    )


TODAY: Any = bindparam("today", type_=Date())
OF_TODAY = (
    _services(TODAY).where(Service.state != _ENDED).order_by(Offering.place, Offering.kind.desc(), Service.id).limit(10)
)
"""What is connected to the account :account_id :today, for cards and sections."""
SERVICE = _services(_DAY).add_columns(and_(_OFFERED, _FOR_ACCOUNT).label("still_offered"))
_SERVICES = SERVICE.where(Service.state != _ENDED).order_by(Offering.place, Offering.kind.desc(), Service.id).limit(100)
_SERVICE_ONE = SERVICE.where(Service.public_id == bindparam("service"))
_PRICE_ON = select(AMOUNT).where(Offering.id == bindparam("offering"))
_PAST = (
    SERVICE.where(Service.state == _ENDED)
    .order_by(Service.ended_on.desc(), Service.id.desc())
    .limit(bindparam("limit"))
)
ORDER: Select[*tuple[Any, ...]] = (
    select(
        Order.id,
        Order.public_id,
        Order.kind,
        Order.state,
        Order.price,
        Order.monthly,
        Order.price_months,
        Order.effective_on,
        Order.until,
        Order.place,
        Order.reason,
        Order.asked_at,
        Order.changed_at,
        Offering.title,
        Offering.icon,
        Offering.months,
        Offering.source_key.label("code"),
        Service.public_id.label("service"),
        _Before.title.label("before"),
        Promotion.title.label("promotion"),
    )
    .join(Offering, Offering.id == Order.offering_id)
    .outerjoin(Service, Service.id == Order.service_id)
    .outerjoin(_Before, _Before.id == Order.before_id)
    .outerjoin(Promotion, Promotion.id == Order.promotion_id)
)
_ORDERS = (
    ORDER.where(Order.account_id == _MINE)
    .order_by(Order.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_NEWEST_ORDERS = ORDER.where(Order.account_id == _MINE).order_by(Order.id.desc()).limit(bindparam("limit"))
_LAST_SEEN = select(Order.id).where(Order.public_id == bindparam("after"), Order.account_id == _MINE).scalar_subquery()
_OLDER_ORDERS = _NEWEST_ORDERS.where(Order.id < _LAST_SEEN)
_ORDER_ONE = ORDER.where(Order.account_id == _MINE, Order.public_id == bindparam("order"))
_ORDERS_WAITING = ORDER.where(Order.account_id == _MINE, Order.state == _WAITING).order_by(Order.id.desc()).limit(50)


def catalogue(connection: Connection, account_id: int, brand: str, day: date) -> Found:
    """Return what is offered to an account on a day, in the company's order."""
    return connection.execute(_CATALOGUE, {"account_id": account_id, "brand": brand, "day": day}).all()


def offering(connection: Connection, account_id: int, brand: str, public: str, day: date) -> One | None:
    """Return one offering as it is offered to an account on a day, or None."""
    values = {"account_id": account_id, "brand": brand, "offering": public, "day": day}
    return connection.execute(_OFFERING_ONE, values).first()


def price_on(connection: Connection, offering_id: int, day: date) -> int:
    """Return what the catalogue asks for an offering on a day, minor units."""
    return int(connection.execute(_PRICE_ON, {"offering": offering_id, "day": day}).scalar() or 0)


def services(connection: Connection, account_id: int, brand: str, day: date) -> Found:
    """Return what is connected to an account, with prices of a day and the order that waits for it."""
    return connection.execute(_SERVICES, {"account_id": account_id, "brand": brand, "day": day}).all()


def past(connection: Connection, account_id: int, brand: str, day: date, limit: int) -> Found:
    """Return what was connected to an account, what ended last first."""
    return connection.execute(_PAST, {"account_id": account_id, "brand": brand, "day": day, "limit": limit}).all()


def service(connection: Connection, account_id: int, brand: str, public: str, day: date) -> One | None:
    """Return one service of an account, or None."""
    values = {"account_id": account_id, "brand": brand, "service": public, "day": day}
    return connection.execute(_SERVICE_ONE, values).first()


def orders(connection: Connection, account_id: int, limit: int, offset: int) -> Found:
    """Return the orders of an account, newest first."""
    return connection.execute(_ORDERS, {"account_id": account_id, "limit": limit, "offset": offset}).all()


def orders_behind(connection: Connection, account_id: int, limit: int, after: str) -> Found:
    """Return the orders of an account, newest first, behind the one of the public id `after` ("": from the newest)."""
    values = {"account_id": account_id, "limit": limit, "after": after}
    return connection.execute(_OLDER_ORDERS if after else _NEWEST_ORDERS, values).all()


def waiting(connection: Connection, account_id: int) -> Found:
    """Return the orders of an account that wait."""
    return connection.execute(_ORDERS_WAITING, {"account_id": account_id}).all()


def order(connection: Connection, account_id: int, public: str) -> One | None:
    """Return one order of an account, or None."""
    return connection.execute(_ORDER_ONE, {"account_id": account_id, "order": public}).first()


def has_services(account_id: Any) -> Any:
    """Return the condition that an account has something to do with services: one is connected, or was."""
    return select(Service.id).where(Service.account_id == account_id).exists()
