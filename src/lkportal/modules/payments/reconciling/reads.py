"""Prepared reads of reconciliation: our side of a provider's payments for the job; days and differences for the desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account
from lkportal.core.columns import Minor
from lkportal.modules.payments.models import Attempt, Entry, Payment
from lkportal.modules.payments.reconciling.comparing import Ours
from lkportal.modules.payments.reconciling.models import Difference, Reconciliation

MOST_DAYS, MOST_OPEN = 60, 200
_PART = aliased(Payment)
_OWN: ColumnElement[int] = (
    select(func.coalesce(func.sum(Entry.amount), 0))
    .where(Entry.origin == "payment:" + Attempt.key)
    .correlate(Attempt)
    .scalar_subquery()
)
_OF_PARTS: ColumnElement[int] = (
    select(func.coalesce(func.sum(Entry.amount), 0))
    .select_from(_PART)
    .join(Entry, Entry.origin == "payment:" + _PART.public_id)
    .where(_PART.lead_id == Attempt.payment_id, _PART.id != Attempt.payment_id)
    .correlate(Attempt)
    .scalar_subquery()
)
_OURS = (
    select(
        Attempt.id.label("attempt"),
        Attempt.key,
        Attempt.provider_id,
        Attempt.state,
        func.coalesce(Attempt.amount, Payment.amount).label("amount"),
        Payment.currency,
        Attempt.refunded,
        type_coerce(_OWN + _OF_PARTS, Minor()).label("booked"),
    )
    .join(Payment, Payment.id == Attempt.payment_id)
    .where(Attempt.gateway == bindparam("gateway"))
)
_NAMED = _OURS.where(
    or_(
        Attempt.provider_id.in_(bindparam("ids", expanding=True)),
        Attempt.key.in_(bindparam("attempts", expanding=True)),
    )
)
_OF_DAY = (
    _OURS.where(
        Attempt.created_at >= bindparam("since"),
        Attempt.created_at < bindparam("until"),
        Attempt.id > bindparam("after"),
        Attempt.state.not_in(("canceled", "failed")),
    )
    .order_by(Attempt.id)
    .limit(bindparam("most"))
)
_IS_OPEN = Difference.state == literal_column("'open'")
_DAYS = (
    select(
        *Reconciliation.__table__.columns,
        func.count(Difference.id).label("found"),
        func.coalesce(func.sum(case((_IS_OPEN, 1), else_=0)), 0).label("open"),
    )
    .outerjoin(Difference, Difference.reconciliation_id == Reconciliation.id)
    .group_by(*Reconciliation.__table__.columns)
    .order_by(Reconciliation.day.desc(), Reconciliation.gateway, Reconciliation.currency)
    .limit(MOST_DAYS)
)
_DAY = select(*Reconciliation.__table__.columns).where(Reconciliation.public_id == bindparam("reconciliation"))
_DIFFERENCES: Select[*tuple[Any, ...]] = (
    select(
        *Difference.__table__.columns,
        Reconciliation.gateway,
        Reconciliation.day,
        Reconciliation.currency,
        Reconciliation.public_id.label("reconciliation"),
        Payment.public_id.label("payment"),
        Account.number,
    )
    .join(Reconciliation, Reconciliation.id == Difference.reconciliation_id)
    .outerjoin(Attempt, Attempt.id == Difference.attempt_id)
    .outerjoin(Payment, Payment.id == Attempt.payment_id)
    .outerjoin(Account, Account.id == Payment.account_id)
)
_OPEN = _DIFFERENCES.where(_IS_OPEN).order_by(Reconciliation.day.desc(), Difference.id).limit(MOST_OPEN)
_IN_DAY = _DIFFERENCES.where(Difference.reconciliation_id == bindparam("key")).order_by(Difference.id)
_ONE = _DIFFERENCES.where(Difference.public_id == bindparam("difference"))
_COUNT = select(func.count()).select_from(Difference).where(_IS_OPEN)


def named(connection: Connection, gateway: str, ids: Iterable[str], keys: Iterable[str]) -> list[Ours]:
    """Return our side of the payments that the provider names by its ids or by our keys."""
    wanted = {"gateway": gateway, "ids": list(ids), "attempts": list(keys)}
    return [Ours(**row._mapping) for row in connection.execute(_NAMED, wanted)]


def of_day(connection: Connection, gateway: str, since: datetime, until: datetime, after: int, most: int) -> list[Ours]:
    """Return attempts begun in [since, until) that may have taken money, `most` of those above the key `after`."""
    wanted = {"gateway": gateway, "since": since, "until": until, "after": after, "most": most}
    return [Ours(**row._mapping) for row in connection.execute(_OF_DAY, wanted)]


def days(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest days compared, with how many differences were found and how many are open."""
    return connection.execute(_DAYS).all()


def day(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return one day, or None."""
    return connection.execute(_DAY, {"reconciliation": public}).first()


def open_ones(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the differences that wait for a person, the newest day first."""
    return connection.execute(_OPEN).all()


def in_day(connection: Connection, key: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return all differences of a day."""
    return connection.execute(_IN_DAY, {"key": key}).all()


def difference(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return one difference, or None."""
    return connection.execute(_ONE, {"difference": public}).first()


def how_many(connection: Connection) -> int:
    """Return how many differences wait for a person."""
    return int(connection.execute(_COUNT).scalar_one())
