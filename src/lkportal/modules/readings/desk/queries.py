"""Prepared reads of the desk about readings: what waits for a look, rules, one meter. Whose they are is not limited here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from lkportal.accounts.models import Account
from lkportal.modules.readings.models import Meter, Photo, Reading, Register, Review, Rule

MOST = 50
_REVIEW = (
    select(
        Review.public_id,
        Review.why,
        Review.state,
        Review.opened_at,
        Account.public_id.label("account"),
        Account.number,
        Reading.public_id.label("reading"),
        Reading.value_milli,
        Reading.added_milli,
        Reading.taken_on,
        Reading.rolled_over,
        Register.usual_milli,
        Register.digits,
        Register.decimals,
        Meter.public_id.label("meter"),
        Meter.removed_on,
        Meter.resource,
        Meter.unit,
        Meter.serial,
        Meter.place,
        Photo.public_id.label("photo"),
        Photo.width,
        Photo.height,
    )
    .join(Reading, Reading.id == Review.reading_id)
    .join(Register, Register.id == Reading.register_id)
    .join(Meter, Meter.id == Register.meter_id)
    .join(Account, Account.id == Review.account_id)
    .outerjoin(Photo, Photo.reading_id == Reading.id)
)
_WAITING = _REVIEW.where(Review.state == "waiting").order_by(Review.id).limit(MOST)
_ONE = _REVIEW.where(Review.public_id == bindparam("review"))
_COUNT = select(func.count()).where(Review.state == "waiting")
_RULES = select(Rule).order_by(Rule.valid_from.desc(), Rule.category, Rule.resource).limit(200)
_DIALS = (
    select(
        Register.public_id.label("register"),
        Register.code,
        Register.digits,
        Register.decimals,
        Register.last_milli,
        Register.last_on,
        Meter.public_id.label("meter"),
        Meter.resource,
        Meter.unit,
        Meter.serial,
        Meter.place,
        Meter.coefficient,
        Account.public_id.label("account"),
        Account.number,
    )
    .join(Meter, Meter.id == Register.meter_id)
    .join(Account, Account.id == Meter.account_id)
    .where(Meter.public_id == bindparam("meter"), Meter.removed_on.is_(None))
    .order_by(Register.code)
)


def waiting(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the readings that wait for a look, the longest first."""
    return connection.execute(_WAITING).all()


def waiting_count(connection: Connection) -> int:
    """Return how many readings wait for a look."""
    return connection.execute(_COUNT).scalar_one()


def one(connection: Connection, review: str) -> Row[*tuple[Any, ...]] | None:
    """Return a reading to be looked at, or None."""
    return connection.execute(_ONE, {"review": review}).first()


def rules(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the rules by date, newest first."""
    return connection.execute(_RULES).all()


def dials(connection: Connection, meter: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the registers of a meter in use; none when there is no such meter."""
    return connection.execute(_DIALS, {"meter": meter}).all()
