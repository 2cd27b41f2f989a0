"""What a provider's answer changes: state, ledger, events, in one unit. Every move is a conditional UPDATE whose row count
decides, so answers may come doubled, late and in any order. Late money always wins; nothing is believed that does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.money import Money
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.contract import (
    GatewayPayment,
    NextStep,
    PaymentCanceled,
    PaymentFailed,
    PaymentRefunded,
    PaymentSucceeded,
    ReceiptLine,
)
from lkportal.modules.payments.fiscal import service as receipts
from lkportal.modules.payments.fiscal.lines import parts_of
from lkportal.modules.payments.fiscal.service import ForEntry
from lkportal.modules.payments.methods import keeping
from lkportal.modules.payments.models import LIVE, Attempt, Payment
from lkportal.modules.payments.paying import cases, intents
from lkportal.modules.payments.paying.cases import Case, Share, local_date
from lkportal.modules.payments.paying.pace import pause
from lkportal.modules.payments.refunds.models import LIVE as UNDER_WAY
from lkportal.modules.payments.refunds.models import Refund

_IT = Attempt.id == bindparam("attempt")
_OPEN = Attempt.state.in_((*LIVE, "attention"))
_KNOW = (
    update(Attempt)
    .where(_IT, or_(Attempt.provider_id.is_(None), Attempt.provider_id == bindparam("provider")))
    .values(provider_id=bindparam("provider"), method_title=bindparam("method"))
)
_STEP = update(Attempt).where(_IT).values(next_kind=bindparam("kind"), next_value=bindparam("value"))
_WAIT = (
    update(Attempt)
    .where(_IT, Attempt.state.in_(LIVE))
    .values(state=bindparam("to"), asked_at=bindparam("now"), next_ask_at=bindparam("later"))
)
_SUCCEED = (
    update(Attempt)
    .where(_IT, Attempt.state != "succeeded")
    .values(state="succeeded", reason="", asked_at=bindparam("now"), next_ask_at=None)
)
_END = (
    update(Attempt)
    .where(_IT, _OPEN)
    .values(state=bindparam("to"), reason=bindparam("why"), asked_at=bindparam("now"), next_ask_at=None)
)
_GIVE_BACK = update(Attempt).where(_IT, Attempt.refunded == bindparam("before")).values(refunded=bindparam("after"))
_COLLECTED = or_(Payment.id == bindparam("payment"), Payment.lead_id == bindparam("payment"))
_PAID = update(Payment).where(_COLLECTED, Payment.state != "paid").values(state="paid", paid_at=bindparam("now"))
_NOT_PAID = update(Payment).where(_COLLECTED, Payment.state.in_(("waiting", "attention"))).values(state=bindparam("to"))
_GIVEN_BACK = (
    update(Payment)
    .where(Payment.id == bindparam("payment"), Payment.refunded == bindparam("before"))
    .values(refunded=bindparam("after"))
)
_ASKED_FOR = select(Refund.payment_id).where(Refund.attempt_id == bindparam("attempt"), Refund.state.in_(UNDER_WAY))
_TAKEN = frozenset({"succeeded", "refunded_part", "refunded"})


@dataclass(frozen=True, slots=True)
class Seen:
    """The provider showed the payment; `next_step` when it was just made."""

    payment: GatewayPayment
    next_step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class Silent:
    """The provider did not answer, or asked to come back in `retry_after` seconds: the outcome is unknown."""

    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider refused the question as it stands; `reason` is its code."""

    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider never got the attempt, and its key can make nothing any more."""


Answer = Seen | Silent | Refused | Absent


def record(db: Session, case: Case, answer: Answer, *, refusal_is_final: bool = False) -> None:
    """Write down what the provider said of `case`, and everything that follows from it."""
    match answer:
        case Seen(seen, step):
            _seen(db, case, seen, step)
        case Refused(reason) if refusal_is_final:
            _fail(db, case, reason)
        case Silent(retry_after):
            _wait(db, case, "unknown" if case.state == "intended" else case.state, retry_after)
        case Refused():
            _wait(db, case, case.state)
        case Absent():
            _fail(db, case, "never_reached")


def _seen(db: Session, case: Case, seen: GatewayPayment, step: NextStep | None) -> None:
    wrong = _misfit(case, seen)
    known = {"attempt": case.id, "provider": seen.provider_id, "method": seen.method_title[:100]}
    if not wrong and not moved(db, _KNOW, known):
        wrong = "another_payment"
    if wrong:
        _doubt(db, case, wrong)
        return
    if step is not None:
        moved(db, _STEP, {"attempt": case.id, "kind": step.kind, "value": step.value})
    if seen.status in _TAKEN:
        _credit(db, case)
        if seen.saved is not None and case.intent.save:
            keeping.keep(db, case, seen.saved)
        _give_back(db, case, seen.refunded)
    elif seen.status in ("canceled", "failed"):
        _cancel(db, case, seen.reason or seen.status)
    else:
        _wait(db, case, "authorized" if seen.status == "authorized" else "pending")


def _misfit(case: Case, seen: GatewayPayment) -> str:
    """Return what of the provider's payment is not what we asked for; "" when all fits."""
    if seen.amount != case.amount:
        return "another_amount"
    if seen.currency != case.currency:
        return "another_currency"
    same = (
        seen.metadata.get(intents.ATTEMPT) == case.key and seen.metadata.get("payment_id", case.payment) == case.payment
    )
    return "" if same else "another_payment"


def _credit(db: Session, case: Case) -> None:
    """Credit every account that the attempt collected for, all in this unit: each with its own amount, once."""
    moment = now(db)
    if not moved(db, _SUCCEED, {"attempt": case.id, "now": moment}):
        return
    provider = ledger.shared(db, "provider", case.gateway, case.currency)
    moved(db, _PAID, {"payment": case.payment_id, "now": moment})
    for share in cases.shares(db.connection(), case):
        customer = ledger.customer(db, share.account.id, case.currency)
        day = local_date(share.account, moment)
        if ledger.book(db, share.origin, "payment", provider, customer, share.amount, case.currency, day):
            money = Money(share.amount, case.currency)
            emit(db, PaymentSucceeded(share.payment, money, case.gateway), account=share.account)
            _owe_receipt(db, case, share, share.origin, "sell", share.amount)
            _audit(db, case, share, "payments.succeeded")


def _give_back(db: Session, case: Case, refunded: int) -> None:
    """Book what the provider gave back since we last looked. Refunds only grow: an older answer changes nothing."""
    if refunded <= case.refunded or refunded > case.amount:
        return
    if not moved(db, _GIVE_BACK, {"attempt": case.id, "before": case.refunded, "after": refunded}):
        return
    provider = ledger.shared(db, "provider", case.gateway, case.currency)
    shares = cases.shares(db.connection(), case)
    if case.joint:
        asked = db.execute(_ASKED_FOR, {"attempt": case.id}).scalar()
        shares.sort(key=lambda share: share.payment_id != asked)
    parts = returned(shares, refunded - case.refunded)
    for share, part in sorted(parts, key=lambda each: each[0].account.id):  # the order in which all lock accounts
        customer = ledger.customer(db, share.account.id, case.currency)
        day = local_date(share.account, now(db))
        own = f":{share.payment}" if case.joint else ""
        origin = f"refund:{case.key}:{refunded}{own}"
        if ledger.book(db, origin, "refund", customer, provider, part, case.currency, day):
            money = Money(part, case.currency)
            emit(db, PaymentRefunded(share.payment, money, case.gateway), account=share.account)
            _owe_receipt(db, case, share, origin, "sell_refund", part)
        moved(
            db,
            _GIVEN_BACK,
            {"payment": share.payment_id, "before": share.refunded, "after": share.refunded + part},
        )
        _audit(db, case, share, "payments.refunded", amount=part)


def _owe_receipt(
    db: Session, case: Case, share: Share, origin: str, kind: Literal["sell", "sell_refund"], amount: int
) -> None:
    """Owe the receipt of an entry: of our own register, unless the gateway makes it. Each account has its own."""
    whole = () if case.joint else case.intent.receipt
    lines = parts_of(whole or (ReceiptLine(case.intent.description, amount),), amount)
    entry = ForEntry(case.gateway, share.payment_id, origin, kind, lines, case.intent.contact, case.currency)
    receipts.owe(db, entry)


def returned(shares: Sequence[Share], part: int) -> list[tuple[Share, int]]:
    """Return of whose share how much was given back when the provider names only the sum `part`.

    Share after share in their order, each as far as it goes; the one that the desk gives back right now comes first.
    """
    found = []
    for share in shares:
        own = min(part, share.amount - share.refunded)
        part -= own
        if own:
            found.append((share, own))
    return found


def _cancel(db: Session, case: Case, reason: str) -> None:
    for share in _ended(db, case, "canceled", reason):
        money = Money(share.amount, case.currency)
        emit(db, PaymentCanceled(share.payment, money, reason[:100]), account=share.account)
        _audit(db, case, share, "payments.canceled")


def _fail(db: Session, case: Case, reason: str) -> None:
    for share in _ended(db, case, "failed", reason):
        money = Money(share.amount, case.currency)
        emit(db, PaymentFailed(share.payment, money, reason[:100]), account=share.account)
        _audit(db, case, share, "payments.failed")


def _ended(db: Session, case: Case, state: str, reason: str) -> Sequence[Share]:
    """End an attempt without money; return whose payments ended by it, nobody's when it had ended before."""
    if not moved(db, _END, {"attempt": case.id, "to": state, "why": reason[:100], "now": now(db)}):
        return ()
    moved(db, _NOT_PAID, {"payment": case.payment_id, "to": "declined"})
    return cases.shares(db.connection(), case)


def _doubt(db: Session, case: Case, why: str) -> None:
    """The provider tells of another payment than we asked for: a person must look, and nothing is credited."""
    if moved(db, _END, {"attempt": case.id, "to": "attention", "why": why, "now": now(db)}):
        moved(db, _NOT_PAID, {"payment": case.payment_id, "to": "attention"})
        for share in cases.shares(db.connection(), case):
            _audit(db, case, share, "payments.doubted", refused=True)


def _wait(db: Session, case: Case, state: str, retry_after: float | None = None) -> None:
    moment = now(db)
    later = moment + max(pause(moment - case.created_at), timedelta(seconds=min(retry_after or 0, 3600)))
    moved(db, _WAIT, {"attempt": case.id, "to": state, "now": moment, "later": later})


def _audit(db: Session, case: Case, share: Share, action: str, *, amount: int = 0, refused: bool = False) -> None:
    outcome = "refused" if refused else "done"
    detail: dict[str, str | int] = {"amount": amount or share.amount, "gateway": case.gateway}
    port(db, AuditLog).record(db, action, target=share.payment, account=share.account, outcome=outcome, detail=detail)  # type: ignore[type-abstract,arg-type]
