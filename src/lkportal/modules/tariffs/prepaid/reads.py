"""Prepared reads of what is paid in advance: what is in hand beside a promise, charges, services of an account, accounts to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, Row, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.modules.payments.contract import LEDGERS, in_hand
from lkportal.modules.tariffs import queries
from lkportal.modules.tariffs.models import Offering, Price, Service
from lkportal.modules.tariffs.prepaid.models import Charge, Promise
from lkportal.modules.tariffs.states import ACTIVE, ENDED, SUSPENDED

Found = Sequence[Row[*tuple[Any, ...]]]
_DAY, _LATEST = bindparam("day", type_=Date()), bindparam("latest", type_=Date())
_MINE: Any = bindparam("account_id")
_PRICE = (
    select(Price.amount)
    .where(Price.offering_id == Offering.id, Price.since <= _DAY)
    .order_by(Price.since.desc())
    .limit(1)
    .correlate(Offering)
    .scalar_subquery()
)
_IS_PREPAID = and_(Offering.prepaid, Offering.months > 0)
_LIVE = (
    select(Service.id, Offering.title, Offering.months, func.coalesce(queries.own_price(_DAY), _PRICE).label("amount"))
    .join(Offering, Offering.id == Service.offering_id)
    .where(Service.account_id == _MINE, Service.state != ENDED, _IS_PREPAID)
    .order_by(Offering.kind.desc(), Service.id)
)
_PROMISED = (
    select(func.coalesce(func.sum(Promise.amount), 0))
    .where(Promise.account_id == Account.id, Promise.state == "open")
    .correlate(Account)
    .scalar_subquery()
)
IN_HAND = func.coalesce(in_hand(), 0)
_STANDING = (
    select(
        IN_HAND.label("in_hand"), Promise.public_id.label("promise"), Promise.amount.label("promised"), Promise.until
    )
    .select_from(Account)
    .outerjoin(LEDGERS, LEDGERS.c.account_id == Account.id)
    .outerjoin(Promise, and_(Promise.account_id == Account.id, Promise.state == "open"))
    .where(Account.id == _MINE)
)
_OPEN = select(Promise).where(Promise.account_id == _MINE, Promise.state == "open")
_LAST_PROMISE = select(func.max(Promise.until)).where(Promise.account_id == _MINE, Promise.state != "open")
_CHARGES = (
    select(Charge.kind, Charge.title, Charge.amount, Charge.day, Charge.since, Charge.until)
    .where(Charge.account_id == _MINE)
    .order_by(Charge.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_theirs = (Service.account_id == Account.id, Service.offering_id == Offering.id, _IS_PREPAID)
_COVER = IN_HAND + _PROMISED - bindparam("below")
_ACCOUNTS = (
    select(Account.id, Account.public_id.label("account"))
    .outerjoin(LEDGERS, LEDGERS.c.account_id == Account.id)
    .where(
        Account.id > bindparam("after"),
        or_(
            exists().where(*_theirs, Service.state == ACTIVE, Service.charge_on <= _LATEST),
            and_(_COVER < 0, exists().where(*_theirs, Service.state == ACTIVE)),
            and_(_COVER >= 0, exists().where(*_theirs, Service.state == SUSPENDED)),
            exists().where(Promise.account_id == Account.id, Promise.state == "open", Promise.until < _LATEST),
            exists().where(
                *_theirs, Service.state == SUSPENDED, Service.charge_on < bindparam("given_up", type_=Date())
            ),
        ),
    )
    .order_by(Account.id)
    .limit(bindparam("limit"))
)
CARD = (
    queries.OF_TODAY.add_columns(
        IN_HAND.label("in_hand"), Promise.amount.label("promised"), Promise.until.label("promised_until")
    )
    .outerjoin(LEDGERS, LEDGERS.c.account_id == Service.account_id)
    .outerjoin(Promise, and_(Promise.account_id == Service.account_id, Promise.state == "open"))
)
"""What is connected to :account_id :today beside what is in hand: one statement for the dashboard."""


def services(db: Session, account_id: int, day: date) -> Found:
    """Return the services of an account that are paid in advance, plans first, with their prices of a day."""
    return db.connection().execute(_LIVE, {"account_id": account_id, "day": day}).all()


def standing(connection: Connection, account_id: int) -> Row[*tuple[Any, ...]]:
    """Return what is in hand on an account and its open promise (promise, promised, until: None without one)."""
    return connection.execute(_STANDING, {"account_id": account_id}).one()


def open_promise(db: Session, account_id: int) -> Promise | None:
    """Return the open promise of an account, or None."""
    return db.execute(
        _OPEN, {"account_id": account_id}, execution_options={"populate_existing": True}
    ).scalar_one_or_none()


def last_promise(connection: Connection, account_id: int) -> date | None:
    """Return the last day of the promise that ended last, or None."""
    return connection.execute(_LAST_PROMISE, {"account_id": account_id}).scalar()


def charges(connection: Connection, account_id: int, limit: int, offset: int) -> Found:
    """Return what the portal charged an account, newest first."""
    return connection.execute(_CHARGES, {"account_id": account_id, "limit": limit, "offset": offset}).all()


def accounts(connection: Connection, latest: date, given_up: date, below: int, after: int, limit: int) -> Found:
    """Return accounts on which something may have to be done: a charge has come, money ran out or came, a promise ended."""
    values = {"latest": latest, "given_up": given_up, "below": below, "after": after, "limit": limit}
    return connection.execute(_ACCOUNTS, values).all()
