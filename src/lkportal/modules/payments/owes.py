"""What is owed on several accounts at once, told beside them where a person chooses between them. Fills the port Owes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, select

from lkportal.core.money import Money
from lkportal.modules.payments.models import Ledger

_THESE: BindParameter[int] = bindparam("accounts", expanding=True)
_BALANCES = select(Ledger.account_id, Ledger.balance, Ledger.currency).where(Ledger.account_id.in_(_THESE))


class Balances:
    """The balances of customers as the ledger keeps them."""

    right = "payments.view"

    def __init__(self, *, paying: bool) -> None:
        self.together = "payments:together" if paying else ""

    def amounts(self, connection: Connection, account_ids: Sequence[int]) -> Mapping[int, Money]:
        """Return what is owed by account id, in one statement; an account that was never charged is absent."""
        found = connection.execute(_BALANCES, {"accounts": list(account_ids)})
        return {row.account_id: Money(row.balance, row.currency) for row in found}
