"""Several accounts in one payment: one attempt at the provider over the whole sum, and one payment for each account, so that each
account has its own history, receipt and posting. What the provider's answer does to all of them stands in recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import PaymentIntent, PaymentStarted, ReceiptLine
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.models import Payment
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.paying import intents

MOST_ACCOUNTS = 20
"""Accounts of one payment: a fiscal receipt has a line for each, and a payer must still be able to check the list."""

_SAME_FORM = select(Payment.id, Payment.public_id).where(
    Payment.account_id == bindparam("account_id"), Payment.token == bindparam("token")
)
_UNFINISHED = (
    select(Payment.id, Payment.public_id)
    .where(
        Payment.account_id == bindparam("account_id"),
        Payment.lead_id == Payment.id,
        Payment.state == "waiting",
        Payment.created_at > bindparam("since"),
    )
    .order_by(Payment.id.desc())
)
_PARTS = select(Payment.account_id, Payment.amount).where(Payment.lead_id == bindparam("lead"))
_LEAD = update(Payment).where(Payment.id == bindparam("lead")).values(lead_id=bindparam("lead"))


@dataclass(frozen=True, slots=True)
class Part:
    """What one account gets: minor units, and the words of its line on the receipt."""

    account: AccountRef
    amount: int
    description: str


@dataclass(frozen=True, slots=True)
class JointOrder:
    """What a person decided about several accounts (two at least, of one currency); the rest is as in pay.Order."""

    parts: Sequence[Part]
    token: str
    description: str
    return_address: Callable[[AccountRef, str], str]
    contact: str = ""

    @property
    def amount(self) -> int:
        """The whole sum."""
        return sum(part.amount for part in self.parts)


def start(db: Session, order: JointOrder) -> tuple[AccountRef, str]:
    """Write one payment for each account and one attempt for all; return the first account and its payment's public id.

    The same form with the same parts, or the same parts while an earlier payment of them is unfinished, go on with that one.
    """
    desk = desk_of(db)
    gateway = desk.chosen(order.parts[0].account.currency).name
    parts = sorted(order.parts, key=lambda part: part.account.id)  # the order in which all lock the books of accounts
    first = parts[0].account
    for part in parts:
        ledger.hold(db, ledger.customer(db, part.account.id, part.account.currency))
    same = {"account_id": first.id, "token": order.token}
    form = db.execute(_SAME_FORM, same).first()
    since = now(db) - timedelta(minutes=desk.settings.same_within)
    earlier = db.execute(_UNFINISHED, {"account_id": first.id, "since": since}).all()
    wanted = {part.account.id: part.amount for part in parts}
    for known in ([form] if form else []) + list(earlier):
        if {row.account_id: row.amount for row in db.execute(_PARTS, {"lead": known.id})} == wanted:
            return first, str(known.public_id)
    lead, payment = _write(db, parts, public_id() if form else order.token, gateway)
    pay.attempt(db, lead, _intent(order, parts, payment), gateway, amount=order.amount)
    return first, payment


def _write(db: Session, parts: Sequence[Part], token: str, gateway: str) -> tuple[int, str]:
    """Write the payments, the lead first; tell of each on its own account."""
    lead, leader = 0, ""
    for part in parts:
        row = {
            "public_id": public_id(),
            "account_id": part.account.id,
            "actor": context(db).actor.label,
            "token": public_id() if lead else token,
            "amount": part.amount,
            "currency": part.account.currency,
            "state": "waiting",
            "created_at": now(db),
            "lead_id": lead or None,
        }
        key = db.execute(insert(Payment).values(row).returning(Payment.id)).scalar_one()
        if not lead:
            lead, leader = key, str(row["public_id"])
            ledger.moved(db, _LEAD, {"lead": lead})
        _tell(db, part, str(row["public_id"]), gateway)
    return lead, leader


def _tell(db: Session, part: Part, payment: str, gateway: str) -> None:
    money = Money(part.amount, part.account.currency)
    emit(db, PaymentStarted(payment, money, gateway), account=part.account)
    port(db, AuditLog).record(  # type: ignore[type-abstract]
        db, "payments.started", target=payment, account=part.account, detail={"amount": part.amount}
    )


def _intent(order: JointOrder, parts: Sequence[Part], payment: str) -> PaymentIntent:
    first = parts[0].account
    return PaymentIntent(
        public_id=payment,
        amount=order.amount,
        currency=first.currency,
        description=order.description,
        return_url=order.return_address(first, payment),
        idempotency_key="",
        contact=intents.contact_of(order.contact),
        receipt=tuple(ReceiptLine(part.description, part.amount) for part in parts),
    )
