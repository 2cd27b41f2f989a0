"""Deciding to pay: the payment and its first attempt are written before anybody outside is called. Calling is in asking,
what the provider's answer changes in recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound
from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import PaymentIntent, PaymentStarted, ReceiptLine
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.models import Attempt, Bill, Payment
from lkportal.modules.payments.paying import cases, intents

FIRST_ASK = timedelta(seconds=60)
"""When others take over an attempt whose own process said nothing more of it: it died, or it waits for the provider."""

_SAME_FORM = select(Payment.public_id, Payment.amount).where(
    Payment.account_id == bindparam("account_id"), Payment.token == bindparam("token")
)
_SAME_AMOUNT = (
    select(Payment.public_id, Payment.actor, Attempt.intent)
    .join(Attempt, Attempt.payment_id == Payment.id)
    .where(
        Payment.account_id == bindparam("account_id"),
        Payment.amount == bindparam("amount"),
        Payment.state == "waiting",
        Payment.created_at > bindparam("since"),
        Payment.lead_id.is_(None),
    )
    .order_by(Payment.id.desc(), Attempt.id.desc())
)
_STATE = select(Payment.state, Payment.actor).where(
    Payment.public_id == bindparam("payment"), Payment.account_id == bindparam("account_id")
)
_BILL = select(Bill.id).where(Bill.public_id == bindparam("bill"), Bill.account_id == bindparam("account_id"))
_TRY_AGAIN = (
    update(Payment).where(Payment.id == bindparam("payment"), Payment.state == "declined").values(state="waiting")
)


@dataclass(frozen=True, slots=True)
class Order:
    """What a person decided: an amount in minor units, for a bill (public id) or for none.

    `token` is the form's: sent twice, it is one payment. `contact` is where the fiscal receipt goes; `description` is what
    the payer reads at the provider. `return_address(payment)` leads back. `gateway` is the one he chose, when he had a choice.
    `save` asks the provider to keep the method, `payer` names whose it is; `method` is the token of one kept before.
    """

    amount: int
    token: str
    description: str
    return_address: Callable[[str], str]
    contact: str = ""
    bill: str = ""
    gateway: str = ""
    save: bool = False
    payer: str = ""
    method: str = ""


def start(db: Session, account: AccountRef, order: Order) -> str:
    """Write a payment with its first attempt, ready to be asked for; return its public id.

    The same form with the same amount gives the same payment, and so does the same amount while an earlier payment of it is
    unfinished: a second click, window or person of the family goes on with the first, as far as it is theirs to go on with. A form
    that comes back with another amount is another payment. Raises NotFound for a bill of another account.
    """
    desk = desk_of(db)
    gateway = desk.chosen(account.currency, order.gateway).name
    ledger.hold(db, ledger.customer(db, account.id, account.currency))
    since = now(db) - timedelta(minutes=desk.settings.same_within)
    same = {"account_id": account.id, "token": order.token, "amount": order.amount, "since": since}
    form = db.execute(_SAME_FORM, same).first()
    known = form.public_id if form and form.amount == order.amount else _unfinished(db, same)
    if known is not None:
        return str(known)
    return opened(db, account, replace(order, token=public_id()) if form else order, gateway)


def opened(db: Session, account: AccountRef, order: Order, gateway: str) -> str:
    """Write a payment with its first attempt whatever else is under way; return its public id."""
    payment = public_id()
    row = {
        "public_id": payment,
        "account_id": account.id,
        "bill_id": _bill(db, account, order.bill),
        "actor": context(db).actor.label,
        "token": order.token,
        "amount": order.amount,
        "currency": account.currency,
        "state": "waiting",
        "created_at": now(db),
    }
    key = db.execute(insert(Payment).values(row).returning(Payment.id)).scalar_one()
    attempt(db, key, _intent(account, order, payment), gateway)
    emit(db, PaymentStarted(payment, Money(order.amount, account.currency), gateway), account=account)
    detail: dict[str, str | int] = {"amount": order.amount}
    if order.method and context(db).actor.kind == "system":
        detail["via"] = "autopay"
    port(db, AuditLog).record(db, "payments.started", target=payment, account=account, detail=detail)  # type: ignore[type-abstract]
    return payment


def again(db: Session, account: AccountRef, payment: str) -> None:
    """Make another attempt at a declined payment; nothing happens when it is not declined (any more).

    Nor when it was of several accounts at once: those are chosen and proved anew (see together). Raises NotFound when the account
    has no such payment.
    """
    row = db.execute(_STATE, {"payment": payment, "account_id": account.id}).first()
    if row is None:
        raise NotFound
    last = cases.last_of(db.connection(), payment, account.id) if row.state == "declined" else None
    if last is None or last.joint or not ledger.moved(db, _TRY_AGAIN, {"payment": last.payment_id}):
        return
    by_hand = replace(last.intent, method="", save=last.intent.save and row.actor == context(db).actor.label)
    attempt(db, last.payment_id, by_hand, desk_of(db).chosen(account.currency, last.gateway).name)
    port(db, AuditLog).record(db, "payments.tried_again", target=payment, account=account)  # type: ignore[type-abstract]


def attempt(db: Session, payment: int, intent: PaymentIntent, gateway: str, *, amount: int | None = None) -> None:
    """Write an attempt at a payment under a key of its own; `amount` when it collects more than that payment."""
    key = str(uuid4())
    fresh = replace(intent, idempotency_key=key, metadata={**intent.metadata, intents.ATTEMPT: key})
    row = {
        "payment_id": payment,
        "gateway": gateway,
        "key": key,
        "intent": intents.written(fresh),
        "amount": amount,
        "state": "intended",
        "created_at": now(db),
        "next_ask_at": now(db) + FIRST_ASK,
    }
    db.execute(insert(Attempt).values(row))


def _unfinished(db: Session, same: Mapping[str, object]) -> str | None:
    """Return the payment of this amount that the actor may go on with. What keeps the card of whoever pays is for one person; a
    guest is led to no payment of a customer's, for the provider shows the number and the address it was begun with."""
    actor = context(db).actor
    for row in db.execute(_SAME_AMOUNT, same):
        is_open = actor.kind != "guest" or row.actor.startswith("guest:")
        if row.actor == actor.label or (is_open and not intents.read(row.intent).save):
            return str(row.public_id)
    return None


def _intent(account: AccountRef, order: Order, payment: str) -> PaymentIntent:
    return PaymentIntent(
        public_id=payment,
        amount=order.amount,
        currency=account.currency,
        description=order.description,
        return_url=order.return_address(payment),
        idempotency_key="",
        contact=intents.contact_of(order.contact),
        receipt=(ReceiptLine(order.description, order.amount),),
        save=order.save,
        payer=order.payer,
        method=order.method,
    )


def _bill(db: Session, account: AccountRef, bill: str) -> int | None:
    if not bill:
        return None
    found = db.execute(_BILL, {"bill": bill, "account_id": account.id}).scalar()
    if found is None:
        raise NotFound
    return int(found)
