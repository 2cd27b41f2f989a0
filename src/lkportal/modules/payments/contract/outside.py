"""Payments as another system (an accounting system, billing) is told of them: the port by which it reads one and says that it knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment that is paid: `amount` in minor units, `account` the number people know it by, `day` in the account's time zone."""

    payment: str
    account: str
    amount: int
    currency: str
    day: date
    gateway: str


class PaymentsOutside(Protocol):
    """Port of payments for a system that is told of them."""

    def read(self, connection: Connection, payment: str) -> PaymentRecord | None:
        """Return a payment by public id; None when there is none that is paid."""
        ...

    def acknowledge(self, db: Session, payment: str) -> None:
        """Note that the other system knows a payment: until then the customer reads "paid, being posted"."""
        ...
