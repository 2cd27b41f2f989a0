"""Prepared reads of payments for pages and cards. Every statement of a customer's page is bound to one account: the one the
request proved. What rules and jobs read stands in cases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, bindparam, func, literal_column, select, union_all

from lkportal.accounts.models import Account, Organisation, Premise
from lkportal.core.databases.prepared import Prepared
from lkportal.modules.payments.models import LIVE, Assertion, Attempt, Bill, ChargeLine, Entry, Ledger, Payment

MOST_BILLS = 240
CARD_BILLS = 5

_MINE: BindParameter[int] = bindparam("account_id")
_BILL_COLUMNS = (
    Bill.id,
    Bill.public_id,
    Bill.period,
    Bill.number,
    Bill.total,
    Bill.currency,
    Bill.issued_on,
    Bill.due_on,
    Bill.seen_at,
    Bill.source,
)
# States are written out, not bound: a partial index is used for a constant, and SQLite plans anew for every value bound there.
_PAID: ColumnElement[str] = literal_column("'paid'")
_WAITS: ColumnElement[str] = literal_column("'waiting'")
_UNPOSTED = (Payment.account_id == _MINE, Payment.state == _PAID, Payment.acknowledged_at.is_(None))
_WAITING = (
    select(Payment.public_id)
    .where(Payment.account_id == _MINE, Payment.state == _WAITS)
    .order_by(Payment.id.desc())
    .limit(1)
)
# When billing last said what is owed; bills tell by themselves when they were last confirmed.
_BILLING_TOLD = (
    select(Assertion.seen_at)
    .where(Assertion.account_id == _MINE)
    .order_by(Assertion.as_of.desc(), Assertion.id.desc())
    .limit(1)
)

STANDING = select(
    Ledger.balance,
    Ledger.currency,
    select(func.sum(Payment.amount)).where(*_UNPOSTED).scalar_subquery().label("unposted"),
    select(func.max(Payment.paid_at)).where(*_UNPOSTED).scalar_subquery().label("last_paid_at"),
    _WAITING.scalar_subquery().label("waiting"),
    _BILLING_TOLD.scalar_subquery().label("told_at"),
).where(Ledger.account_id == _MINE)

_NEWEST = select(*_BILL_COLUMNS).where(Bill.account_id == _MINE).order_by(Bill.period.desc(), Bill.id.desc())
BALANCE = select(Ledger.balance).where(Ledger.account_id == _MINE).scalar_subquery().label("balance")
LAST_BILLS = _NEWEST.limit(CARD_BILLS)
BILLS = _NEWEST.limit(MOST_BILLS)
LINES = (
    select(
        ChargeLine.bill_id,
        ChargeLine.position,
        ChargeLine.kind,
        ChargeLine.service,
        ChargeLine.note,
        ChargeLine.volume_milli,
        ChargeLine.unit,
        ChargeLine.rate_millionths,
        ChargeLine.amount,
    )
    .where(ChargeLine.bill_id.in_([bindparam("bill"), bindparam("before")]))
    .order_by(ChargeLine.bill_id, ChargeLine.position, ChargeLine.id)
)
_PAYMENTS = (
    select(
        Payment.public_id,
        Payment.amount,
        Payment.currency,
        Payment.state,
        Payment.refunded,
        Payment.created_at,
        Payment.paid_at,
        Payment.acknowledged_at,
        select(Attempt.state)
        .where(Attempt.payment_id == Payment.collector())
        .order_by(Attempt.id.desc())
        .limit(1)
        .correlate(Payment)
        .scalar_subquery()
        .label("attempt_state"),
    )
    .where(Payment.account_id == _MINE)
    .order_by(Payment.id.desc())
)
LAST_PAYMENTS = _PAYMENTS.limit(10)
_NEWEST_PAYMENTS = _PAYMENTS.limit(bindparam("limit"))
_LAST_SEEN = (
    select(Payment.id).where(Payment.public_id == bindparam("after"), Payment.account_id == _MINE).scalar_subquery()
)
_OLDER_PAYMENTS = _NEWEST_PAYMENTS.where(Payment.id < _LAST_SEEN)
PAYMENT = (
    select(
        Payment.public_id,
        Payment.amount,
        Payment.currency,
        Payment.state,
        Payment.created_at,
        Payment.paid_at,
        Payment.acknowledged_at,
        Payment.refunded,
        Payment.lead_id,
        Payment.actor,
        Attempt.id.label("attempt_id"),
        Attempt.state.label("attempt_state"),
        Attempt.reason,
        Attempt.next_kind,
        Attempt.next_value,
        Attempt.method_title,
        Attempt.asked_at,
        Bill.public_id.label("bill"),
        Bill.period,
    )
    .join(Attempt, Attempt.payment_id == Payment.collector())
    .outerjoin(Bill, Bill.id == Payment.bill_id)
    .where(Payment.public_id == bindparam("payment"), Payment.account_id == _MINE)
    .order_by(Attempt.id.desc())
    .limit(1)
)
_SIDES = union_all(
    select(Entry.id, Entry.kind, Entry.occurred_on, Entry.amount.label("change"))
    .join(Ledger, Ledger.id == Entry.debit_id)
    .where(Ledger.account_id == _MINE),
    select(Entry.id, Entry.kind, Entry.occurred_on, (-Entry.amount).label("change"))
    .join(Ledger, Ledger.id == Entry.credit_id)
    .where(Ledger.account_id == _MINE),
).subquery()
_RUNNING = func.sum(_SIDES.c.change).over(order_by=(_SIDES.c.occurred_on, _SIDES.c.id))
MOVEMENTS = (
    select(_SIDES.c.id, _SIDES.c.kind, _SIDES.c.occurred_on, _SIDES.c.change, _RUNNING.label("balance"))
    .order_by(_SIDES.c.occurred_on.desc(), _SIDES.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_BEFORE = select(func.coalesce(func.sum(_SIDES.c.change), 0)).where(_SIDES.c.occurred_on < bindparam("since"))
_WITHIN = (
    select(_SIDES.c.kind, _SIDES.c.occurred_on, _SIDES.c.change)
    .where(_SIDES.c.occurred_on >= bindparam("since"), _SIDES.c.occurred_on <= bindparam("until"))
    .order_by(_SIDES.c.occurred_on, _SIDES.c.id)
    .limit(bindparam("limit"))
)
_PARTY = (
    select(Account.holder, Organisation.name, Organisation.tax_number, Premise.address)
    .outerjoin(Organisation, Organisation.id == Account.organisation_id)
    .outerjoin(Premise, Premise.id == Account.premise_id)
    .where(Account.id == _MINE)
)
_HOME = select(Account.public_id)
_OF_BILL = _HOME.join(Bill, Bill.account_id == Account.id).where(Bill.public_id == bindparam("bill"))
_OF_PAYMENT = _HOME.join(Payment, Payment.account_id == Account.id).where(Payment.public_id == bindparam("payment"))
UNSETTLED = (
    select(
        Payment.public_id,
        func.coalesce(Attempt.amount, Payment.amount).label("amount"),
        Payment.currency,
        Payment.state,
        Payment.created_at,
        Attempt.state.label("attempt_state"),
        Attempt.reason,
        Attempt.gateway,
        Attempt.provider_id,
        Account.number,
        Account.public_id.label("account"),
    )
    .join(Attempt, Attempt.payment_id == Payment.id)
    .join(Account, Account.id == Payment.account_id)
    .where(
        (Attempt.state == "attention")
        | (Attempt.state.in_(LIVE) & Attempt.next_ask_at.is_not(None) & (Attempt.created_at < bindparam("before")))
    )
    .order_by(Attempt.id.desc())
    .limit(200)
)


_STANDING, _BILLS, _LINES = Prepared(STANDING), Prepared(BILLS), Prepared(LINES)


def standing(connection: Connection, account_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return what an account owes, what is being posted and the payment under way; None when nothing ever happened."""
    found = _STANDING.all(connection, {"account_id": account_id})
    return found[0] if found else None


def bills(connection: Connection, account_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the bills of an account, newest first."""
    return _BILLS.all(connection, {"account_id": account_id})


def lines(connection: Connection, bill: int, before: int | None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the lines of a bill and of the one before it, which were found through their account."""
    return _LINES.all(connection, {"bill": bill, "before": before})


def last_payments(connection: Connection, account_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest payments of an account."""
    return connection.execute(LAST_PAYMENTS, {"account_id": account_id}).all()


def payments_behind(
    connection: Connection, account_id: int, limit: int, after: str = ""
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return payments of an account, newest first, behind the one of the public id `after`."""
    values = {"account_id": account_id, "limit": limit, "after": after}
    return connection.execute(_OLDER_PAYMENTS if after else _NEWEST_PAYMENTS, values).all()


def payment(connection: Connection, account_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a payment of an account with its newest attempt, or None."""
    return connection.execute(PAYMENT, {"account_id": account_id, "payment": public}).first()


def movements(connection: Connection, account_id: int, limit: int, offset: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what moved on an account, newest first, each with the balance after it."""
    return connection.execute(MOVEMENTS, {"account_id": account_id, "limit": limit, "offset": offset}).all()


def owed_before(connection: Connection, account_id: int, since: date) -> int:
    """Return what an account owed when `since` began."""
    return int(connection.execute(_BEFORE, {"account_id": account_id, "since": since}).scalar_one())


def within(
    connection: Connection, account_id: int, since: date, until: date, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what moved on an account from `since` to `until`, both included, oldest first: (kind, occurred_on, change)."""
    values = {"account_id": account_id, "since": since, "until": until, "limit": limit}
    return connection.execute(_WITHIN, values).all()


def party(connection: Connection, account_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return who an account is with: (holder, name and tax_number of its organisation, address)."""
    return connection.execute(_PARTY, {"account_id": account_id}).first()


def account_of_bill(connection: Connection, bill: str) -> str | None:
    """Return the public id of the account a bill is of. For staff alone."""
    return connection.execute(_OF_BILL, {"bill": bill}).scalar()


def account_of_payment(connection: Connection, payment: str) -> str | None:
    """Return the public id of the account a payment is of. For staff alone."""
    return connection.execute(_OF_PAYMENT, {"payment": payment}).scalar()


def unsettled(connection: Connection, before: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return payments that a person must look at: doubted ones, and those unfinished since `before`. For staff."""
    return connection.execute(UNSETTLED, {"before": before}).all()


_TOLD = (
    select(Payment.public_id, Payment.amount, Payment.currency, Payment.paid_at, Account.title, Account.number)
    .join(Account, Account.id == Payment.account_id)
    .where(Payment.public_id == bindparam("payment"), Payment.paid_at.is_not(None))
)


def told(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a paid payment with its account: for the letter that confirms it, never for a page."""
    return connection.execute(_TOLD, {"payment": public}).first()
