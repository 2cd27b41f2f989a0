"""Money that a module asks of an account (a premium, a fee): the port by which it becomes a bill and tells what is left to pay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef
from lkportal.core.i18n import Text


@dataclass(frozen=True, slots=True)
class Charge:
    """What a module asks to be paid: `amount` in minor units of the account's currency, above zero, until the day `due_on`.

    `key` names the fact for ever ("insurance:Xk3...", the module before the colon, at most 200 characters): it is charged once.
    `service` is the line that people read (90 characters), `note` what stands under it (200), `number` that of the bill (40);
    they are kept in the first language of the account's brand.
    """

    key: str
    service: Text | str
    amount: int
    due_on: date
    number: str = ""
    note: Text | str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """How a charge stands: the public id of its bill, and what is left of its amount when money settles the oldest bills first.
    A charge that was taken back has the amount 0."""

    bill: str
    amount: int
    unpaid: int
    currency: str
    due_on: date


class Billing(Protocol):
    """Port filled by payments, for modules that ask for money: each charge is a bill of its own, paid like any other."""

    def charge(self, db: Session, account: AccountRef, asked: Charge) -> str:
        """Put a charge among the bills of an account, in the unit of the rule that asks for it; return the public id of the bill.

        The same key again changes nothing and returns the same bill. Raises ValueError for a key without a module or an amount
        that is not above zero.
        """
        ...

    def withdraw(self, db: Session, account: AccountRef, key: str) -> bool:
        """Take a charge back: its bill becomes 0, what was paid for it stays in hand. False when there is none, or it was done already."""
        ...

    def standing(self, connection: Connection, account: AccountRef, keys: Iterable[str]) -> Mapping[str, Charged]:
        """Return how charges of an account stand, by key, in two statements; a key that was never charged is absent."""
        ...
