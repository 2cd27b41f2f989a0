"""What payments know that proves an account: the amount of its last bill."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import ClaimProof
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.money import parse_amount
from lkportal.modules.payments.models import Bill

_LAST = (
    select(Bill.total).where(Bill.account_id == bindparam("of")).order_by(Bill.period.desc(), Bill.id.desc()).limit(1)
)


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
