"""What other rooms are told of money: what is owed on several accounts at once, what the newest bill of a month of one says. Fills the ports
Owes and LastBill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from lkportal.accounts.contract import Billed, BilledLine
from lkportal.core.databases.prepared import Prepared
from lkportal.core.money import Money
from lkportal.modules.payments.models import Bill, ChargeLine, Ledger
from lkportal.modules.payments.views import ASKED

_THESE: BindParameter[int] = bindparam("accounts", expanding=True)
_OWED = Prepared(select(Ledger.account_id, Ledger.balance, Ledger.currency).where(Ledger.account_id.in_(_THESE)))

_NEWEST = (
    select(Bill.id)
    .where(Bill.account_id == bindparam("account_id"), func.coalesce(Bill.source, "").not_like(f"{ASKED}%"))
    .order_by(Bill.period.desc(), Bill.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LINES = (
    select(
        Bill.period,
        Bill.currency,
        ChargeLine.kind,
        ChargeLine.service,
        ChargeLine.unit,
        ChargeLine.volume_milli,
        ChargeLine.rate_millionths,
        ChargeLine.amount,
    )
    .join(ChargeLine, ChargeLine.bill_id == Bill.id)
    .where(Bill.id == _NEWEST)
    .order_by(ChargeLine.position, ChargeLine.id)
)
_ONCE = ("recalculation", "penalty")


class NewestBill:
    """What the newest bill of an account says."""

    right = "payments.view"

    def of(self, connection: Connection, account_id: int) -> Billed | None:
        """Return the newest bill, in one statement; None when there was none."""
        rows = connection.execute(_LINES, {"account_id": account_id}).all()
        if not rows:
            return None
        lines = [
            BilledLine(
                row.service, row.unit, row.volume_milli, row.rate_millionths, int(row.amount), once=row.kind in _ONCE
            )
            for row in rows
        ]
        return Billed(rows[0].period, rows[0].currency, tuple(lines))


class Balances:
    """The balances of customers as the ledger keeps them."""

    right = "payments.view"

    def __init__(self, *, paying: bool) -> None:
        self.together = "payments:together" if paying else ""

    def amounts(self, connection: Connection, account_ids: Sequence[int]) -> Mapping[int, Money]:
        """Return what is owed by account id, in one statement; an account that was never charged is absent."""
        found = _OWED.all(connection, {"accounts": list(account_ids)})
        return {row.account_id: Money(row.balance, row.currency) for row in found}
