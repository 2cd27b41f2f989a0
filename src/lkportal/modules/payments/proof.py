"""What payments know that proves an account: the amount of its last bill, and how well that can be guessed in this company."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import ClaimProof, Finding
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.money import parse_amount
from lkportal.modules.payments.models import Bill

_LAST = (
    select(Bill.total).where(Bill.account_id == bindparam("of")).order_by(Bill.period.desc(), Bill.id.desc()).limit(1)
)


_NEWEST = select(func.max(Bill.period)).scalar_subquery()
_SUMS = (
    select(Bill.total, func.count().label("bills"))
    .where(Bill.period == _NEWEST)
    .group_by(Bill.total)
    .order_by(func.count().desc())
)
_FEW = 1_000
"""Bills below which a share says nothing."""
_MOST = 0.01


def amounts_are_told_apart(portal: Any) -> list[Finding]:
    """Return how many accounts somebody would open who tries the commonest amounts, as often as the limits let them."""
    table = portal.settings_of("accounts").claim
    if LAST_BILL.name not in table.proofs:
        return []
    with portal.database.reading() as connection:
        counts = [row.bills for row in connection.execute(_SUMS)]
    share = sum(counts[: table.number_month]) / sum(counts) if sum(counts) >= _FEW else 0.0
    if share <= _MOST:
        return []
    sentence = (
        f"The {table.number_month} commonest amounts are those of {share:.0%} of the newest bills: who tries them opens that"
        f" share of accounts. Take {LAST_BILL.name!r} out of accounts.claim.proofs, or lower accounts.claim.number_month."
    )
    return [Finding("warn", sentence)]


def check_amount(db: Session, account_id: int, typed: str) -> bool:
    """Whether `typed` is the amount of the newest bill of an account, to the kopeck. A bill of nothing proves nothing."""
    total = db.execute(_LAST, {"of": account_id}).scalar()
    try:
        amount = parse_amount(typed)
    except PortalError:
        return False
    return total is not None and total == amount and amount > 0


LAST_BILL = ClaimProof(
    "payments.amount",
    text("payments.proof.amount", "Amount of the last bill"),
    text("payments.proof.amount_label", "Amount of the last bill, to the kopeck"),
    text("payments.proof.amount_hint", "As it stands on the newest paper bill, such as 1482.60"),
    check_amount,
    level=0,
    order=30,
    inputmode="decimal",
)
