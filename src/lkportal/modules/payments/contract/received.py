"""Money that reached the company past the portal's gateways (a transfer to its bank account): the port by which it is posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef


@dataclass(frozen=True, slots=True)
class Received:
    """Money received for an account: `amount` in minor units, on `day`. `key` names the fact for ever (at most 64 characters): it is
    posted once. `channel` is how it came ("bank"); `receipt` whether a fiscal receipt is owed for it."""

    key: str
    account: AccountRef
    amount: int
    currency: str
    day: date
    description: str
    channel: str = "bank"
    receipt: bool = False


class Receiving(Protocol):
    """Port of payments for money that came another way."""

    def record(self, db: Session, received: Received) -> str:
        """Post it, in the unit of whoever found it, and return the public id of the payment; the same one for the same key.

        Raises PortalError("payments.received_currency") when the account is kept in another currency.
        """
        ...

    def accounts_of_bills(self, connection: Connection, numbers: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the accounts (public ids) of bills by their numbers."""
        ...
