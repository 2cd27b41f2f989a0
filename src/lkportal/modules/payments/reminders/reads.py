"""Which bills are to be reminded of on a day, and whether one still is when the letter leaves. One law for both: what is left of a
bill when money settles the oldest first, and no payment of the account is under way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account
from lkportal.modules.payments.methods.models import Autopay, Run
from lkportal.modules.payments.models import Bill, Ledger, Payment

_NEWER = aliased(Bill)
_LATER: ColumnElement[int] = (
    select(func.coalesce(func.sum(case((_NEWER.total > 0, _NEWER.total), else_=0)), 0))
    .where(
        _NEWER.account_id == Bill.account_id,
        or_(_NEWER.period > Bill.period, and_(_NEWER.period == Bill.period, _NEWER.id > Bill.id)),
    )
    .correlate(Bill)
    .scalar_subquery()
)
_UNDER_WAY = exists(
    select(1).where(Payment.account_id == Bill.account_id, Payment.state == literal_column("'waiting'"))
).correlate(Bill)
_LEFT = Ledger.balance - _LATER
_TOLD = exists(
    select(1).where(
        Run.account_id == Bill.account_id,
        Run.state.in_((literal_column("'planned'"), literal_column("'charging'"))),
        Run.amount >= _LEFT,
    )
).correlate(Bill, Ledger)
_FAILED = exists(
    select(1).where(
        Run.account_id == Bill.account_id,
        Run.planned_on >= Bill.issued_on,
        Run.state.in_((literal_column("'failed'"), literal_column("'dropped'"))),
    )
).correlate(Bill)
_AGREED = exists(
    select(1).where(
        Autopay.account_id == Bill.account_id,
        Autopay.state == literal_column("'on'"),
        Autopay.mode == literal_column("'bill'"),
        Autopay.cap >= _LEFT,
    )
).correlate(Bill, Ledger)
NOBODY_ELSE_PAYS = ~or_(_TOLD, and_(bindparam("in_term", type_=Boolean()), _AGREED, ~_FAILED))
"""Autopay has not told that it takes the whole of a bill; nor, while the term is not over (`in_term`), was it agreed to and never failed."""
_OPEN = (Bill.total > 0, Ledger.balance >= bindparam("least"), Ledger.balance > _LATER, ~_UNDER_WAY)
DUE = (
    select(
        Bill.id,
        Bill.account_id,
        Bill.public_id,
        Bill.period,
        Bill.due_on,
        Bill.currency,
        _LEFT.label("owed"),
        Account.title,
        Account.number,
    )
    .join(Ledger, Ledger.account_id == Bill.account_id)
    .join(Account, Account.id == Bill.account_id)
    .where(Bill.due_on == bindparam("day"), Bill.id > bindparam("after"), Account.closed_at.is_(None))
    .where(*_OPEN, NOBODY_ELSE_PAYS)
    .order_by(Bill.id)
    .limit(bindparam("limit"))
)
STILL = (
    select(Bill.id)
    .join(Ledger, Ledger.account_id == Bill.account_id)
    .where(Bill.public_id == bindparam("bill"), Bill.account_id == bindparam("account_id"), *_OPEN)
)
_STILL_TO_TELL = STILL.where(NOBODY_ELSE_PAYS)


def due(
    connection: Connection, day: date, least: int, after: int, limit: int, *, in_term: bool
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return unpaid bills whose term is `day`, by key above `after`; `owed` is what is left of it and of all before it. Those that
    autopay takes are left out."""
    return connection.execute(
        DUE, {"day": day, "least": least, "after": after, "limit": limit, "in_term": in_term}
    ).all()


def still_to_tell(connection: Connection, account_id: int, bill: str, *, in_term: bool) -> bool:
    """Whether a bill is open and neither a payment under way nor autopay takes it."""
    values = {"bill": bill, "account_id": account_id, "least": 1, "in_term": in_term}
    return connection.execute(_STILL_TO_TELL, values).first() is not None


def still_open(connection: Connection, account_id: int, bill: str) -> bool:
    """Whether something of a bill is left to pay, and no payment of its account is under way."""
    return connection.execute(STILL, {"bill": bill, "account_id": account_id, "least": 1}).first() is not None
