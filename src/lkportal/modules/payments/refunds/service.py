"""The rules of refunds: deciding one, and what the provider's answer changes. Asking the provider stands in asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.money import Money
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.contract import GatewayPayment, GatewayRefund
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.paying import pace, recording
from lkportal.modules.payments.paying.cases import Case, Share
from lkportal.modules.payments.paying.recording import Seen
from lkportal.modules.payments.refunds import cases
from lkportal.modules.payments.refunds.cases import RefundCase
from lkportal.modules.payments.refunds.models import LIVE, Refund

FIRST_ASK = timedelta(seconds=60)
"""When others take over a refund whose own job said nothing more of it."""

_PROMISE = (
    update(Attempt)
    .where(
        Attempt.id == bindparam("attempt"),
        Attempt.state == "succeeded",
        Attempt.promised == 0,
        Attempt.refunded + bindparam("part") <= bindparam("captured"),
    )
    .values(promised=bindparam("part"))
    .returning(Attempt.refunded)
)
_RELEASE = update(Attempt).where(Attempt.id == bindparam("attempt")).values(promised=0)
_IT = Refund.id == bindparam("refund")
_LIVE = Refund.state.in_(LIVE)
_KNOW = update(Refund).where(_IT, _LIVE, Refund.provider_id.is_(None)).values(provider_id=bindparam("provider"))
_WAIT = (
    update(Refund)
    .where(_IT, _LIVE)
    .values(state=bindparam("to"), asked_at=bindparam("now"), next_ask_at=bindparam("later"))
)
_END = (
    update(Refund)
    .where(_IT, _LIVE)
    .values(
        state=bindparam("to"),
        why=bindparam("because"),
        asked_at=bindparam("now"),
        done_at=bindparam("now"),
        next_ask_at=None,
    )
)
_DOUBT = (
    update(Refund)
    .where(_IT, _LIVE)
    .values(state="attention", why=bindparam("because"), asked_at=bindparam("now"), next_ask_at=None)
)
_SAME_FORM = (
    select(Refund.public_id)
    .join(Payment, Payment.id == Refund.payment_id)
    .where(Payment.public_id == bindparam("payment"), Refund.token == bindparam("token"))
)
_GIVEN = select(Attempt.refunded).where(Attempt.id == bindparam("attempt"))
TOO_MUCH = text(
    "payments.refund.too_much",
    "This cannot be given back now: it is more than is left of the payment, or another refund of it is under way.",
)

ONLY_WHOLE = text("payments.refund.whole", "This provider gives back the whole payment or nothing.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person of the company wants given back: minor units, why, and the token of the form. `alone` is the most that all
    refunds of the payment may come to without a second person; None when one agreed."""

    amount: int
    reason: str
    token: str
    alone: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider said: the refund, the payment as it stands now, or why it refused. All empty: it did not answer."""

    refund: GatewayRefund | None = None
    payment: GatewayPayment | None = None
    refused: str = ""
    is_silent: bool = False
    retry_after: float | None = None


def start(db: Session, payment: str, wish: Wish) -> str:
    """Write a refund and queue the question to the provider; return its public id. The same form twice is one refund.

    What is left of the payment is decided by one conditional statement, and one refund of it is under way at a time.
    Raises NotFound for a payment that the gateway did not take, PortalError("payments.refund_too_much") when nothing fits.
    """
    known = db.execute(_SAME_FORM, {"payment": payment, "token": wish.token}).scalar()
    if known is not None:
        return str(known)
    taken = cases.taken(db.connection(), payment, desk_of(db))
    if not taken:
        raise NotFound
    for case in taken:
        gateway = desk_of(db).of(case.gateway)
        if wish.amount < case.amount and gateway and "refund_part" not in gateway.abilities:
            raise PortalError("payments.refund_too_much", ONLY_WHOLE, 409)
        promise = {"attempt": case.id, "part": wish.amount, "captured": case.amount}
        given_before = db.connection().execute(_PROMISE, promise).scalar()
        if given_before is not None:
            share = cases.share_of(db.connection(), case, payment)
            if wish.amount > share.amount - share.refunded:
                break
            if wish.alone is not None and share.refunded + wish.amount > wish.alone:  # another refund was quicker
                raise PortalError("payments.refund_too_much", limit_words(wish.alone, case.currency), 409)
            return _write(db, case, share, wish, given_before)
    raise PortalError("payments.refund_too_much", TOO_MUCH, 409)


def record(db: Session, refund: RefundCase, told: Told) -> None:
    """Write down what the provider said of a refund, and everything that follows from it."""
    given = told.refund
    if given is not None:
        wrong = _misfit(refund, given)
        if wrong:
            _doubt(db, refund, wrong)
            return
        moved(db, _KNOW, {"refund": refund.id, "provider": given.provider_id})
        if given.status == "canceled":
            _end(db, refund, "canceled", given.reason or "canceled")
        elif given.status == "succeeded" and _is_booked(db, refund, told.payment):
            _end(db, refund, "succeeded", "")
        else:
            _wait(db, refund, "pending", None)
    elif told.is_silent or told.payment is None or refund.provider_id is not None:
        _wait(db, refund, "unknown" if refund.state == "intended" else refund.state, told.retry_after)
    elif told.payment.refunded <= refund.given_before:
        _end(db, refund, "failed", told.refused or "never_reached")
    elif told.payment.refunded == refund.given_before + refund.amount and _is_booked(db, refund, told.payment):
        _end(db, refund, "succeeded", "")
    else:
        _doubt(db, refund, "another_amount")


def look_again(db: Session, refund: RefundCase) -> None:
    """Ask the provider once more about a refund that did not add up; the rest follows from its answer."""
    moved(db, _WAIT, {"refund": refund.id, "to": "unknown", "now": now(db), "later": now(db) + FIRST_ASK})
    enqueue(db, "payments.refund_ask", {"refund": refund.id}, dedup=f"payments.refund_ask:{refund.id}")


def _write(db: Session, case: Case, share: Share, wish: Wish, given_before: int) -> str:
    name = public_id()
    row = {
        "public_id": name,
        "payment_id": share.payment_id,
        "attempt_id": case.id,
        "actor": context(db).actor.label,
        "token": wish.token,
        "key": str(uuid4()),
        "amount": wish.amount,
        "currency": case.currency,
        "given_before": given_before,
        "reason": wish.reason,
        "state": "intended",
        "created_at": now(db),
        "next_ask_at": now(db) + FIRST_ASK,
    }
    key = db.execute(insert(Refund).values(row).returning(Refund.id)).scalar_one()
    _audit(db, case, share, "payments.refund_asked", wish.amount)
    enqueue(db, "payments.refund_ask", {"refund": key}, dedup=f"payments.refund_ask:{key}")
    return name


def _misfit(refund: RefundCase, given: GatewayRefund) -> str:
    if given.provider_payment_id != refund.case.provider_id:
        return "another_payment"
    if given.currency != refund.case.currency:
        return "another_currency"
    return "" if given.amount == refund.amount else "another_amount"


def _is_booked(db: Session, refund: RefundCase, payment: GatewayPayment | None) -> bool:
    """Book what the payment shows as given back; tell whether this refund is in it. The books follow the payment alone."""
    if payment is None:
        return False
    recording.record(db, refund.case, Seen(payment))
    given = db.connection().execute(_GIVEN, {"attempt": refund.case.id}).scalar_one()
    return bool(given >= refund.given_before + refund.amount)


def _end(db: Session, refund: RefundCase, state: str, why: str) -> None:
    if moved(db, _END, {"refund": refund.id, "to": state, "because": why[:100], "now": now(db)}):
        moved(db, _RELEASE, {"attempt": refund.case.id})
        if state != "succeeded":
            _audit(db, refund.case, refund.share, "payments.refund_failed", refund.amount)


def _doubt(db: Session, refund: RefundCase, why: str) -> None:
    if moved(db, _DOUBT, {"refund": refund.id, "because": why, "now": now(db)}):
        _audit(db, refund.case, refund.share, "payments.doubted", refund.amount, refused=True)


def _wait(db: Session, refund: RefundCase, state: str, retry_after: float | None) -> None:
    moment = now(db)
    pause = max(pace.pause(moment - refund.created_at), timedelta(seconds=min(retry_after or 0, 3600)))
    moved(db, _WAIT, {"refund": refund.id, "to": state, "now": moment, "later": moment + pause})


def _audit(db: Session, case: Case, share: Share, action: str, amount: int, *, refused: bool = False) -> None:
    detail: dict[str, str | int] = {"amount": amount, "gateway": case.gateway}
    outcome = "refused" if refused else "done"
    port(db, AuditLog).record(db, action, target=share.payment, account=share.account, outcome=outcome, detail=detail)  # type: ignore[type-abstract,arg-type]


def limit_words(limit: int, currency: str) -> Text:
    """Return the sentence about what one person may give back alone."""
    return text(
        "payments.refund.alone",
        "Above %(limit)s a second person has to agree.",
        limit=Money(limit, currency),
    )
