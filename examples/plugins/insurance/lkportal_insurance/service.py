"""The rules: a premium becomes a bill, is paid, is asked no more; a policy gets its paper. Each change is conditional: what was
changed meanwhile, by another worker or the same job run twice, is left alone."""

from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.payments.contract import Billing, Charge
from lkportal_insurance.contract import PremiumPaid
from lkportal_insurance.models import Policy, Premium
from lkportal_insurance.settings import Insurer

_OPEN: Any = (
    select(
        Premium.id, Premium.public_id, Premium.state, Premium.amount, Premium.unpaid, Policy.public_id.label("policy")
    )
    .join(Policy, Policy.id == Premium.policy_id)
    .where(
        Premium.account_id == bindparam("of"),
        Premium.state.in_(("asked", "paid")),
        Premium.due_on >= bindparam("since"),
    )
    .order_by(Premium.id)
)


def key_of(premium: str) -> str:
    """Return the key under which payments know a premium (public id)."""
    return f"insurance:{premium}"


def ask(db: Session, account: AccountRef, premium: Any, number: str) -> bool:
    """Make a bill of a planned premium of the policy `number`; False when it is not planned any more."""
    if not _moved(db, premium.id, "planned", "asked"):
        return False
    asked = Charge(
        key_of(premium.public_id),
        text("insurance.charge.service", "Insurance premium"),
        premium.amount,
        premium.due_on,
        number=number,
        note=text("insurance.charge.note", "Policy No. %(number)s", number=number),
    )
    bill = port(db, Billing).charge(db, account, asked)  # type: ignore[type-abstract]
    db.connection().execute(update(Premium).where(Premium.id == premium.id).values(bill=bill))
    _record(db, "insurance.asked", account, premium)
    return True


def withdraw(db: Session, account: AccountRef, premium: Any) -> bool:
    """Ask no more for a premium of a cancelled policy; False when it was paid meanwhile."""
    if not _moved(db, premium.id, premium.state, "withdrawn"):
        return False
    if premium.state == "asked":
        port(db, Billing).withdraw(db, account, key_of(premium.public_id))  # type: ignore[type-abstract]
        _record(db, "insurance.withdrawn", account, premium)
    return True


def reckon(db: Session, account: AccountRef) -> int:
    """Note what the money of an account has settled of the premiums of the last year, and what not any more; return how many changed."""
    today = port(db, Insurer).today(now(db))
    rows = db.execute(_OPEN, {"of": account.id, "since": date.fromordinal(today.toordinal() - 366)}).all()
    keys = [key_of(row.public_id) for row in rows]
    standing = port(db, Billing).standing(db.connection(), account, keys)  # type: ignore[type-abstract]
    changed = 0
    for row, key in zip(rows, keys, strict=True):
        left = standing[key].unpaid if key in standing else row.amount
        after = "asked" if left else "paid"
        if (after, left) == (row.state, row.unpaid):
            continue
        paid_on = None if left else today
        if _moved(db, row.id, row.state, after, unpaid=left, paid_on=paid_on):
            changed += 1
            if after != row.state and not left:
                emit(db, PremiumPaid(row.policy, row.public_id), account=account)
    return changed


def _moved(db: Session, premium: int, before: str, after: str, **more: Any) -> bool:
    statement = update(Premium).where(Premium.id == premium, Premium.state == before).values(state=after, **more)
    return db.connection().execute(statement).rowcount == 1


def _record(db: Session, action: str, account: AccountRef, premium: Any) -> None:
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, action, target=premium.public_id, account=account, detail={"amount": premium.amount})
