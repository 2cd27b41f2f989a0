"""Prepared reads of saved methods and autopay: for its page, and for the jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Brand
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.methods.models import Autopay, Method, Run
from lkportal.modules.payments.models import Attempt, Ledger, Payment

BATCH = 200


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement with its account and method, as it was read."""

    id: int
    mode: str
    day: int
    cap: int
    below: int
    top_up: int
    about: str
    contact: str
    is_on: bool
    agreed_by: str
    method_id: int
    gateway: str
    token: str
    account: AccountRef

    def next_day(self, today: date, notice: int) -> date | None:
        """Return the day of the charge that is to be told of today, or None: a bill's day is told `notice` days before it, or later
        when nobody told of it then; a top-up's day is that many days away."""
        if self.mode == "balance":
            return today + timedelta(days=notice)
        day = today.replace(day=self.day)
        if day < today + timedelta(days=1):
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=self.day)
        return max(day, today + timedelta(days=1)) if day - today <= timedelta(days=notice) else None

    def wanted(self, owed: int) -> int:
        """Return what is to be paid when `owed` is due (below zero: in hand)."""
        if self.mode == "bill":
            return max(owed, 0)
        return self.top_up if -owed < self.below else 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A run with its agreement; `payment_state` and `reason` are those of its last payment, "" when it has none."""

    id: int
    amount: int
    tries: int
    first_on: date
    due_on: date
    payment_state: str
    reason: str
    attempt: int | None
    agreed: Agreed


_AGREED = (
    Autopay.id,
    Autopay.mode,
    Autopay.day,
    Autopay.cap,
    Autopay.below,
    Autopay.top_up,
    Autopay.about,
    Autopay.contact,
    Autopay.state,
    Autopay.agreed_by,
    Autopay.method_id,
    Method.gateway,
    Method.token,
    Account.id.label("account_id"),
    Account.public_id.label("account_public"),
    Account.number,
    Account.title,
    Account.time_zone,
    Account.currency,
    Account.organisation_id,
    Brand.key.label("brand"),
)
_JOINED = (
    select(*_AGREED)
    .join(Method, Method.id == Autopay.method_id)
    .join(Account, Account.id == Autopay.account_id)
    .join(Brand, Brand.id == Account.brand_id)
)
_ON = (
    _JOINED.where(Autopay.state == "on", Method.state == "active", Autopay.id > bindparam("after"))
    .order_by(Autopay.id)
    .limit(BATCH)
)
_LAST = select(func.max(Attempt.id)).where(Attempt.payment_id == Run.payment_id).correlate(Run).scalar_subquery()
_RUN_COLUMNS = (
    Run.id.label("run"),
    Run.amount,
    Run.tries,
    Run.first_on,
    Run.due_on,
    Payment.state.label("payment_state"),
    Attempt.reason,
    Attempt.id.label("attempt"),
)
_RUNS = (
    select(*_RUN_COLUMNS, *_AGREED)
    .select_from(Run)
    .join(Autopay, Autopay.id == Run.autopay_id)
    .join(Method, Method.id == Autopay.method_id)
    .join(Account, Account.id == Run.account_id)
    .join(Brand, Brand.id == Account.brand_id)
    .outerjoin(Payment, Payment.id == Run.payment_id)
    .outerjoin(Attempt, Attempt.id == _LAST)
)
_DUE = (
    _RUNS.where(
        Run.state == "planned",
        Run.due_on <= bindparam("today"),
        Autopay.state == "on",
        Method.state == "active",
        Run.id > bindparam("after"),
    )
    .order_by(Run.id)
    .limit(BATCH)
)
_CHARGING = _RUNS.where(Run.state == "charging", Run.id > bindparam("after")).order_by(Run.id).limit(BATCH)
_MEANT = select(func.coalesce(func.sum(Run.amount), 0)).where(
    Run.account_id == bindparam("account"),
    Run.month == bindparam("month"),
    Run.state.in_(("planned", "charging", "paid")),
)
_OPEN = select(Run.id).where(Run.account_id == bindparam("account"), Run.state.in_(("planned", "charging"))).limit(1)
_OWED = select(Ledger.balance).where(Ledger.account_id == bindparam("account"))
_ATTEMPT = select(func.max(Attempt.id)).where(Attempt.payment_id == bindparam("payment"))
METHODS = (
    select(Method.public_id, Method.actor, Method.title, Method.kind, Method.expires, Method.gateway, Method.created_at)
    .where(Method.account_id == bindparam("account_id"), Method.state == "active")
    .order_by(Method.id.desc())
    .limit(20)
)
CURRENT = (
    select(
        Autopay.mode,
        Autopay.day,
        Autopay.cap,
        Autopay.below,
        Autopay.top_up,
        Autopay.agreed_at,
        Method.public_id.label("method"),
        Method.title,
    )
    .join(Method, Method.id == Autopay.method_id)
    .where(Autopay.account_id == bindparam("account_id"), Autopay.state == "on")
)
LAST_RUNS = (
    select(Run.amount, Run.due_on, Run.state, Run.tries, Payment.public_id.label("payment"))
    .outerjoin(Payment, Payment.id == Run.payment_id)
    .where(Run.account_id == bindparam("account_id"))
    .order_by(Run.id.desc())
    .limit(6)
)


def switched_on(connection: Connection, after: int) -> Sequence[Agreed]:
    """Return agreements that are on, in batches by their keys."""
    return [_agreed(row) for row in connection.execute(_ON, {"after": after})]


def due(connection: Connection, today: date, after: int) -> Sequence[Planned]:
    """Return runs whose day has come, in batches by their keys."""
    return _planned(connection, _DUE, {"today": today, "after": after})


def charging(connection: Connection, after: int) -> Sequence[Planned]:
    """Return runs whose charge has begun, in batches by their keys."""
    return _planned(connection, _CHARGING, {"after": after})


def meant(db: Session, account_id: int, month: str) -> int:
    """Return what autopay has taken or means to take of an account in a month."""
    return int(db.execute(_MEANT, {"account": account_id, "month": month}).scalar_one())


def is_under_way(db: Session, account_id: int) -> bool:
    """Whether a charge of an account was told of and has not ended."""
    return db.execute(_OPEN, {"account": account_id}).first() is not None


def owed(db: Session, account_id: int) -> int:
    """Return what an account owes now; below zero it is in hand."""
    return int(db.execute(_OWED, {"account": account_id}).scalar() or 0)


def attempt(db: Session, payment: int) -> int:
    """Return the newest attempt at a payment."""
    return int(db.execute(_ATTEMPT, {"payment": payment}).scalar_one())


def local_day(account: AccountRef, moment: datetime) -> tuple[date, int]:
    """Return the date and hour of `moment` where the account is."""
    here = moment.astimezone(ZoneInfo(account.time_zone))
    return here.date(), here.hour


def _planned(
    connection: Connection, statement: Select[*tuple[Any, ...]], values: dict[str, object]
) -> Sequence[Planned]:
    return [
        Planned(
            row.run,
            row.amount,
            row.tries,
            row.first_on,
            row.due_on,
            row.payment_state or "",
            row.reason or "",
            row.attempt,
            _agreed(row),
        )
        for row in connection.execute(statement, values)
    ]


def _agreed(row: Row[*tuple[Any, ...]]) -> Agreed:
    account = AccountRef(
        row.account_id,
        row.account_public,
        row.number,
        row.title,
        row.time_zone,
        row.currency,
        row.brand,
        row.organisation_id,
    )
    return Agreed(
        row.id,
        row.mode,
        row.day,
        row.cap,
        row.below,
        row.top_up,
        row.about,
        row.contact,
        row.state == "on",
        row.agreed_by,
        row.method_id,
        row.gateway,
        row.token,
        account,
    )
