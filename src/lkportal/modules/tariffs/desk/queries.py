"""Prepared reads of the desk about services and orders, whosever they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Date, Row, and_, bindparam, case, func, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.search import matching
from lkportal.modules.tariffs import queries
from lkportal.modules.tariffs.models import Offering, Order, Service
from lkportal.modules.tariffs.states import PROCESSED, REJECTED, WAITING

Found = Sequence[Row[*tuple[Any, ...]]]
_TODAY = bindparam("today", type_=Date())
_decider = aliased(Identity, name="decider")
_ROW = (
    queries.ORDER.add_columns(
        Account.public_id.label("account"),
        Account.number.label("account_number"),
        Account.title.label("account_title"),
        Account.time_zone,
        Account.currency,
        Service.place.label("service_place"),
        Identity.name.label("who"),
        _decider.name.label("decider"),
    )
    .join(Account, Account.id == Order.account_id)
    .outerjoin(Identity, Identity.id == Order.identity_id)
    .outerjoin(_decider, _decider.id == Order.decided_by)
)
_ONE = _ROW.where(Order.public_id == bindparam("order"))
SHOWN: Mapping[str, ColumnElement[bool]] = {
    "waiting": Order.state == WAITING,
    "due": and_(Order.state == WAITING, Order.effective_on <= _TODAY),
    "processed": Order.state == PROCESSED,
    "rejected": Order.state == REJECTED,
    "all": Order.id > 0,
}
_COUNTS = select(
    *(func.count(case((SHOWN[name], 1))).label(name) for name in ("waiting", "due"))
).where(Order.state == WAITING)  # fmt: skip
QUEUE = select(func.count().label("waiting"), func.min(Order.asked_at).label("oldest")).where(Order.state == WAITING)
"""What waits for the desk: a line of its first page."""
ORDERS_OF_ACCOUNT = queries.ORDER.where(Order.account_id == bindparam("account_id")).order_by(Order.id.desc()).limit(5)


def queue(connection: Connection, today: date, show: str, typed: str, limit: int, offset: int) -> Found:
    """Return orders as the desk narrowed them: those that wait by their day, the others newest first."""
    conditions = [SHOWN[show]]
    found = matching(typed, Account.number, Account.title, Offering.title)
    if found is not None:
        conditions.append(found)
    order = (Order.effective_on, Order.id) if show in ("waiting", "due") else (Order.id.desc(),)
    statement = _ROW.where(*conditions).order_by(*order).limit(limit).offset(offset)
    return connection.execute(statement, {"today": today}).all()


def counts(connection: Connection, today: date) -> Mapping[str, int]:
    """Return how many orders wait, and of how many the day has come."""
    return connection.execute(_COUNTS, {"today": today}).one()._asdict()


def one(connection: Connection, order: str) -> Row[*tuple[Any, ...]] | None:
    """Return an order with its account and people, or None."""
    return connection.execute(_ONE, {"order": order}).first()
