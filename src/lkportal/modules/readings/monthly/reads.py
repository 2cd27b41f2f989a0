"""Reads of the jobs: whose readings are awaited, which registers have none, what similar homes used. In batches by key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, exists, func, or_, select

from lkportal.accounts.models import Account
from lkportal.modules.readings.models import Estimate, Home, Meter, Reading, Register, Rule
from lkportal.modules.readings.queries import CATEGORY

Rows = Sequence[Row[*tuple[Any, ...]]]
_UNSENT = or_(Register.last_period.is_(None), Register.last_period < bindparam("period"))
_IN_USE = (Meter.removed_on.is_(None), Account.closed_at.is_(None))
_AWAITED = (
    select(
        Account.id,
        Account.public_id,
        Account.number,
        Account.title,
        CATEGORY.label("category"),
        func.count().label("meters"),
    )
    .join(Meter, Meter.account_id == Account.id)
    .join(Register, Register.meter_id == Meter.id)
    .where(*_IN_USE, _UNSENT, Account.id > bindparam("after"))
    .group_by(Account.id, Account.public_id, Account.number, Account.title, Account.organisation_id)
    .order_by(Account.id)
    .limit(bindparam("most"))
)
_STILL = (
    select(Register.id)
    .join(Meter, Meter.id == Register.meter_id)
    .where(Meter.account_id == bindparam("of"), Meter.removed_on.is_(None), _UNSENT)
    .limit(1)
)
_MISSING = (
    select(
        Register.id,
        Meter.account_id,
        Meter.resource,
        Meter.installed_on,
        CATEGORY.label("category"),
        func.coalesce(Home.residents, 0).label("residents"),
        Register.estimate,
    )
    .join(Meter, Meter.id == Register.meter_id)
    .join(Account, Account.id == Meter.account_id)
    .outerjoin(Home, Home.account_id == Account.id)
    .where(
        *_IN_USE,
        _UNSENT,
        Register.last_on.is_not(None),
        Register.id > bindparam("after"),
        ~exists().where(Estimate.register_id == Register.id, Estimate.period == bindparam("period")),
    )
    .order_by(Register.id)
    .limit(bindparam("most"))
)
_USED = (
    select(
        Reading.register_id,
        func.count(func.distinct(Reading.period)).label("months"),
        func.sum(Reading.added_milli).label("added"),
        func.min(Reading.period).label("first"),
    )
    .where(
        Reading.register_id.in_(bindparam("registers", expanding=True)),
        Reading.period < bindparam("period"),
        Reading.period >= bindparam("since"),
    )
    .group_by(Reading.register_id)
)
_ALL_RULES = (
    select(Rule.__table__)
    .where(Rule.valid_from <= bindparam("today"))
    .order_by(Rule.category, Rule.resource, Rule.valid_from)
)
_COHORTS = (
    select(
        Account.brand_id,
        CATEGORY.label("category"),
        Home.residents,
        Meter.resource,
        Reading.account_id,
        func.sum(Reading.added_milli).label("used"),
    )
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .join(Account, Account.id == Reading.account_id)
    .join(Home, Home.account_id == Account.id)
    .where(Reading.period == bindparam("period"), Home.residents > 0, Account.closed_at.is_(None))
    .group_by(Account.brand_id, Account.id, Account.organisation_id, Home.residents, Meter.resource, Reading.account_id)
)
_GROWN = (
    select(
        Account.id,
        Account.public_id,
        Account.number,
        Account.title,
        Meter.resource,
        Meter.unit,
        func.sum(case((Reading.period == bindparam("period"), Reading.added_milli), else_=0)).label("now"),
        func.sum(case((Reading.period < bindparam("period"), Reading.added_milli), else_=0)).label("before"),
        func.count(func.distinct(case((Reading.period < bindparam("period"), Reading.period)))).label("months"),
    )
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .join(Account, Account.id == Reading.account_id)
    .where(
        Reading.period >= bindparam("since"),
        Reading.period <= bindparam("period"),
        Account.closed_at.is_(None),
        Account.id > bindparam("after"),
        Account.id <= bindparam("until"),
    )
    .group_by(Account.id, Account.public_id, Account.number, Account.title, Meter.resource, Meter.unit)
)
_LAST_ACCOUNT = select(func.max(Account.id))


def awaited(connection: Connection, period: date, after: int, most: int) -> Rows:
    """Return accounts with a register that has no reading of a month."""
    return connection.execute(_AWAITED, {"period": period, "after": after, "most": most}).all()


def still_awaited(connection: Connection, account_id: int, period: date) -> bool:
    """Whether a register of an account has no reading of a month."""
    return connection.execute(_STILL, {"of": account_id, "period": period}).first() is not None


def missing(connection: Connection, period: date, after: int, most: int) -> Rows:
    """Return registers that had readings before and have none of a month, nor an average."""
    return connection.execute(_MISSING, {"period": period, "after": after, "most": most}).all()


def used(connection: Connection, registers: Sequence[int], since: date, period: date) -> dict[int, Any]:
    """Return what registers added from `since` until a month, by register."""
    rows = connection.execute(_USED, {"registers": list(registers), "since": since, "period": period})
    return {row.register_id: row for row in rows}


def all_rules(connection: Connection, today: date) -> Rows:
    """Return all rules that have begun, for jobs that go through many accounts."""
    return connection.execute(_ALL_RULES, {"today": today}).all()


def homes_used(connection: Connection, period: date) -> Rows:
    """Return what each home whose residents are known used of a resource in a month."""
    return connection.execute(_COHORTS, {"period": period}).all()


def grown(connection: Connection, since: date, period: date, after: int, until: int) -> Rows:
    """Return what accounts used of a resource in a month and in those before it, from one key to another."""
    values = {"since": since, "period": period, "after": after, "until": until}
    return connection.execute(_GROWN, values).all()


def last_account(connection: Connection) -> int:
    """Return the greatest key of an account."""
    return connection.execute(_LAST_ACCOUNT).scalar() or 0
