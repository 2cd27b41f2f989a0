"""Prepared reads of readings. Every statement is bound to one account: the one the request proved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account
from lkportal.core.databases.prepared import Prepared
from lkportal.modules.readings.models import Cohort, Home, Meter, Photo, Reading, Register, Rule

_LATER = aliased(Reading)
_MINE = Meter.account_id == bindparam("account_id")

PLACES = (Meter.place, Meter.resource, Meter.id, Register.code)
"""The order of meters on a page."""
ANY_REGISTERS = select(
    Register.id.label("register_id"),
    Register.public_id.label("register"),
    Register.code,
    Register.digits,
    Register.decimals,
    Register.last_milli,
    Register.last_on,
    Register.last_period,
    Register.usual_milli,
    Register.estimate,
    Register.estimate_period,
    Meter.coefficient,
    Meter.public_id.label("meter"),
    Meter.resource,
    Meter.unit,
    Meter.serial,
    Meter.place,
    Meter.verified_until,
).join(Meter, Meter.id == Register.meter_id)
"""The columns of a register, whosever it is."""
REGISTERS = ANY_REGISTERS.where(_MINE, Meter.removed_on.is_(None)).order_by(*PLACES)
AWAITED = REGISTERS.where(
    exists(select(Account.id).where(Account.id == bindparam("account_id"), Account.closed_at.is_(None)))
)
"""The registers of an account that is not closed: of a closed one nobody awaits readings."""

CATEGORY = func.coalesce(
    select(func.nullif(Home.category, "")).where(Home.account_id == Account.id).correlate(Account).scalar_subquery(),
    case((Account.organisation_id.is_(None), "household"), else_="company"),
)
"""The category of an account: what the company says of it, else whether it is an organisation's."""

ANY_RULES = (
    select(
        Rule.category,
        Rule.resource,
        Rule.window_first,
        Rule.window_last,
        Rule.late,
        Rule.jump_factor,
        Rule.jump_floor,
        Rule.norm_milli,
        Rule.average_months,
        Rule.average_times,
    )
    .where(Rule.valid_from <= bindparam("today"), or_(Rule.category == "", Rule.category == CATEGORY))
    .order_by(Rule.category, Rule.resource, Rule.valid_from)
)
"""The rules of a day for whatever account is joined to them."""
RULES = ANY_RULES.join(Account, Account.id == bindparam("account_id"))
"""The rules that hold for an account on a day, most general first: "" sorts before every category and resource."""

CONSUMPTION = (
    select(Reading.period, Meter.resource, Meter.unit, func.sum(Reading.added_milli).label("added_milli"))
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .where(Reading.account_id == bindparam("account_id"), Reading.period >= bindparam("since"))
    .group_by(Reading.period, Meter.resource, Meter.unit)
    .order_by(Reading.period, Meter.resource)
)

HISTORY = (
    select(
        Reading.public_id,
        Reading.value_milli,
        Reading.added_milli,
        Reading.taken_on,
        Reading.period,
        Reading.submitted_at,
        Reading.channel,
        Reading.rolled_over,
        Reading.corrects_id,
        _LATER.public_id.label("corrected_by"),
        Photo.public_id.label("photo"),
        Register.public_id.label("register"),
        Register.code,
        Meter.resource,
        Meter.unit,
        Meter.serial,
        Meter.place,
    )
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .outerjoin(_LATER, _LATER.corrects_id == Reading.id)
    .outerjoin(Photo, Photo.reading_id == Reading.id)
    .where(Reading.account_id == bindparam("account_id"))
    .order_by(Reading.taken_on.desc(), Reading.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)

SIMILAR = (
    select(Cohort.resource, Cohort.period, Cohort.homes, Cohort.middle_milli)
    .join(Account, Account.brand_id == Cohort.brand_id)
    .join(Home, Home.account_id == Account.id)
    .where(
        Account.id == bindparam("account_id"),
        Cohort.residents == Home.residents,
        Cohort.category == CATEGORY,
        Cohort.period >= bindparam("since"),
    )
)

_LAST_SEEN = (
    select(Reading.taken_on, Reading.id)
    .where(Reading.public_id == bindparam("after"), Reading.account_id == bindparam("account_id"))
    .subquery()
)
_NEWEST = HISTORY.offset(None)
_OLDER = _NEWEST.where(
    exists(
        select(1)
        .select_from(_LAST_SEEN)
        .where(
            or_(
                Reading.taken_on < _LAST_SEEN.c.taken_on,
                and_(Reading.taken_on == _LAST_SEEN.c.taken_on, Reading.id < _LAST_SEEN.c.id),
            )
        )
        .correlate(Reading)
    )
)

LATEST = HISTORY.limit(None).offset(None).limit(6)

READINGS = (
    select(
        Reading.value_milli,
        Reading.added_milli,
        Reading.channel,
        Meter.resource,
        Meter.unit,
        Meter.serial,
        Meter.place,
        Register.code,
    )
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .where(Reading.public_id.in_(bindparam("readings", expanding=True)))
    .order_by(Reading.id)
)


def has_meters(account_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether an account has, or had, a meter: without one there is nothing to send and nothing to look at."""
    return exists(select(1).select_from(Meter).where(Meter.account_id == account_id).correlate_except(Meter))


_REGISTERS, _RULES = Prepared(REGISTERS), Prepared(RULES)


def registers(connection: Connection, account_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the registers of an account's meters in use, with the last value of each, in the order of the page."""
    return _REGISTERS.all(connection, {"account_id": account_id})


def rules(connection: Connection, account_id: int, today: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rules that hold for an account on a day, for `dated.Rules`."""
    return _RULES.all(connection, {"account_id": account_id, "today": today})


def consumption(connection: Connection, account_id: int, since: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return consumption by month and resource, oldest first."""
    return connection.execute(CONSUMPTION, {"account_id": account_id, "since": since}).all()


def history(connection: Connection, account_id: int, limit: int, offset: int = 0) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the readings of an account, newest first."""
    return connection.execute(HISTORY, {"account_id": account_id, "limit": limit, "offset": offset}).all()


def behind(connection: Connection, account_id: int, limit: int, after: str = "") -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the readings of an account, newest first, behind the one of the public id `after`."""
    values = {"account_id": account_id, "limit": limit, "after": after}
    return connection.execute(_OLDER if after else _NEWEST, values).all()


def similar(connection: Connection, account_id: int, since: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what homes like an account's used of each resource, by month; none when too few are like it."""
    return connection.execute(SIMILAR, {"account_id": account_id, "since": since}).all()


def submitted(connection: Connection, readings: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return readings by their public ids: for the letter that confirms them, never for a page."""
    return connection.execute(READINGS, {"readings": list(readings)}).all()
