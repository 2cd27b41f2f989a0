"""What people are told about payments: the facts of the letter that says the money has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lkportal.core.events import Envelope
from lkportal.core.money import Money
from lkportal.modules.payments import queries


def succeeded_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what the letter says of a payment, or None when it is gone."""
    row = queries.told(db.connection(), envelope.body["payment"])
    if row is None:
        return None
    return {
        "amount": Money(row.amount, row.currency),
        "number": row.public_id,
        "account_title": row.title,
        "account_number": row.number,
        "paid_on": row.paid_at.date(),
    }


def refunded_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what the letter says of money that went back, or None when its payment is gone."""
    row = queries.told(db.connection(), envelope.body["payment"])
    if row is None:
        return None
    given = envelope.body["amount"]
    return {
        "amount": Money(given["minor"], given["currency"]),
        "number": row.public_id,
        "account_title": row.title,
        "account_number": row.number,
    }
