"""Reads of the history: payments in whatever state, and the entries that no payment stands for. Bound to one account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, union_all

from lkportal.modules.payments.models import Attempt, Entry, Ledger, Payment

Rows = Sequence[Row[*tuple[Any, ...]]]
_NEWEST = (
    select(func.max(Attempt.id)).where(Attempt.payment_id == Payment.collector()).correlate(Payment).scalar_subquery()
)
_MOMENT = func.coalesce(Payment.paid_at, Payment.created_at)
_STATES: dict[str, ColumnElement[bool]] = {
    "waiting": Payment.state == "waiting",
    "paid": (Payment.state == "paid") & (Payment.refunded == 0),
    "returned": (Payment.state == "paid") & (Payment.refunded > 0),
    "declined": Payment.state == "declined",
    "attention": Payment.state == "attention",
}


def _payments(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Payment.public_id,
            Payment.amount,
            Payment.currency,
            Payment.state,
            Payment.refunded,
            Payment.created_at,
            Payment.paid_at,
            Attempt.state.label("attempt_state"),
            Attempt.gateway,
            Attempt.method_title,
        )
        .outerjoin(Attempt, Attempt.id == _NEWEST)
        .where(
            Payment.account_id == bindparam("account_id"),
            Payment.created_at >= bindparam("start"),
            Payment.created_at < bindparam("end"),
            *conditions,
        )
        .order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(bindparam("limit"))
    )


def _entries() -> Select[*tuple[Any, ...]]:
    def side(ledger: ColumnElement[int], sign: int) -> Select[*tuple[Any, ...]]:
        return (
            select(Entry.id, Entry.kind, Entry.occurred_on, (Entry.amount * sign).label("change"))
            .join(Ledger, Ledger.id == ledger)
            .where(
                Ledger.account_id == bindparam("account_id"),
                Entry.kind.in_(bindparam("kinds", expanding=True)),
                Entry.occurred_on >= bindparam("since"),
                Entry.occurred_on <= bindparam("until"),
            )
        )

    sides = union_all(side(Entry.debit_id, 1), side(Entry.credit_id, -1)).subquery()  # type: ignore[arg-type]
    return select(sides).order_by(sides.c.occurred_on.desc(), sides.c.id.desc()).limit(bindparam("limit"))


PAYMENTS = _payments()
BY_STATE = {state: _payments(condition) for state, condition in _STATES.items()}
ENTRIES = _entries()


def payments(connection: Connection, account_id: int, start: datetime, end: datetime, state: str, limit: int) -> Rows:
    """Return payments begun in [start, end), newest first, each with its newest attempt; `state` is one of HistoryForm's."""
    values = {"account_id": account_id, "start": start, "end": end, "limit": limit}
    return connection.execute(BY_STATE.get(state, PAYMENTS), values).all()


def entries(
    connection: Connection, account_id: int, kinds: Sequence[str], since: date, until: date, limit: int
) -> Rows:
    """Return entries of these kinds (id, kind, occurred_on, change), newest first; `change` adds to what is owed."""
    values = {"account_id": account_id, "kinds": list(kinds), "since": since, "until": until, "limit": limit}
    return connection.execute(ENTRIES, values).all()
