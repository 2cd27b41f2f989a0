"""What is in hand on accounts, and charging it: fills the port Wallet. The books are in books/ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import BindParameter, Connection, bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.policy import AccountRef
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.models import Ledger

_THESE: BindParameter[int] = bindparam("accounts", expanding=True)
_BALANCES = select(Ledger.account_id, Ledger.balance).where(Ledger.account_id.in_(_THESE))
_BALANCE = select(Ledger.balance).where(Ledger.id == bindparam("ledger"))


class LedgerWallet:
    """The wallet as the ledger keeps it."""

    def in_hand(self, connection: Connection, account_ids: Sequence[int]) -> Mapping[int, int]:
        """Return what is in hand by account id."""
        found = connection.execute(_BALANCES, {"accounts": list(account_ids)})
        return {row.account_id: -row.balance for row in found}

    def hold(self, db: Session, account: AccountRef) -> int:
        """Return what is in hand; the ledger stays held until the unit ends."""
        key = ledger.customer(db, account.id, account.currency)
        ledger.hold(db, key)
        return -int(db.connection().execute(_BALANCE, {"ledger": key}).scalar_one() or 0)

    def charge(self, db: Session, account: AccountRef, origin: str, amount: int, day: date) -> bool:
        """Book a charge, once for an origin."""
        debit = ledger.customer(db, account.id, account.currency)
        credit = ledger.shared(db, "charged", origin.partition(":")[0], account.currency)
        return ledger.book(db, origin, "charge", debit, credit, amount, account.currency, day)
