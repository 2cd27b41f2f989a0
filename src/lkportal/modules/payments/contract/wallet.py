"""The contract of the wallet: what is in hand on an account, and charging it for what the portal sells in advance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from sqlalchemy import ColumnElement, Connection
from sqlalchemy.orm import Session

from lkportal.core.databases.published import published
from lkportal.core.policy import AccountRef

LEDGERS = published("payments_ledgers", "account_id", "balance")
"""One row of each account on which money ever moved: `balance` is what it owes, minor units; below zero it has so much in hand. For joins of
statements that show what is in hand beside something else; to decide by it, ask Wallet.hold."""


def in_hand() -> ColumnElement[int]:
    """Return what is in hand by the joined row of LEDGERS, minor units: null for an account on which money never moved."""
    found: ColumnElement[int] = -LEDGERS.c.balance
    return found


class Wallet(Protocol):
    """Port filled by payments, for modules whose services are paid in advance. What is in hand is the balance of the ledger turned
    round: above zero when more was paid than charged."""

    def in_hand(self, connection: Connection, account_ids: Sequence[int]) -> Mapping[int, int]:
        """Return what is in hand by account id, minor units, in one statement; an account that was never charged is absent."""
        ...

    def hold(self, db: Session, account: AccountRef) -> int:
        """Return what is in hand and let all others who move money of the account wait until this unit ends."""
        ...

    def charge(self, db: Session, account: AccountRef, origin: str, amount: int, day: date) -> bool:
        """Charge an account for the fact named by `origin` ("tariffs:Xk3.../2026-12-01"); False when it was charged already."""
        ...
