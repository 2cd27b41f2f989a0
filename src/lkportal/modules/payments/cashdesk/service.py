"""The rules of the cash desk. A slip, its payments, their entries and the day's totals are one unit; a closed day takes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.duties import demand_other
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.cashdesk.models import GATEWAY, CashDay, Slip, SlipPart
from lkportal.modules.payments.contract import PaymentIntent, PaymentRefunded, PaymentSucceeded, ReceiptLine
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.fiscal import service as receipts
from lkportal.modules.payments.fiscal.service import ForEntry
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.paying import cases, intents
from lkportal.modules.payments.paying.cases import local_date

Kind = Literal["cash", "card"]
METHODS: dict[str, str] = {"cash": "desk:cash", "card": "desk:card"}
"""How a payment at the desk names its method; pages say it in words."""

_DAY = select(CashDay.id, CashDay.state).where(
    CashDay.day == bindparam("day"), CashDay.currency == bindparam("currency")
)
_NEW_DAY = insert_if_new(CashDay.__table__)  # type: ignore[arg-type]
_OPEN = (CashDay.id == bindparam("key"), CashDay.state == "open")
_COUNT = (
    update(CashDay)
    .where(*_OPEN)
    .values(
        cash=CashDay.cash + bindparam("in_cash"),
        card=CashDay.card + bindparam("in_card"),
        returned_cash=CashDay.returned_cash + bindparam("out_cash"),
        returned_card=CashDay.returned_card + bindparam("out_card"),
    )
)
_CLOSE = (
    update(CashDay)
    .where(*_OPEN)
    .values(state="closed", counted=bindparam("drawer"), closed_by=bindparam("who"), closed_at=bindparam("moment"))
)
_REOPEN = (
    update(CashDay)
    .where(CashDay.id == bindparam("key"), CashDay.state == "closed")
    .values(state="open", counted=None, closed_by="", closed_at=None, reopened_why=bindparam("because"))
)
_KNOWN = select(Slip.public_id).where(Slip.actor == bindparam("who"), Slip.token == bindparam("token"))
_SLIP = select(Slip.id, Slip.kind, Slip.total, Slip.currency).where(Slip.public_id == bindparam("slip"))
_REVERSE = (
    update(Slip)
    .where(Slip.id == bindparam("key"), Slip.state == "taken")
    .values(
        state="reversed",
        reversed_at=bindparam("moment"),
        reversed_by=bindparam("who"),
        reversed_day_id=bindparam("today"),
        reason=bindparam("because"),
    )
)
_ATTEMPTS = (
    select(Attempt.id)
    .join(SlipPart, SlipPart.payment_id == Attempt.payment_id)
    .where(SlipPart.slip_id == bindparam("key"), Attempt.state == "succeeded")
    .order_by(Attempt.id)
)
_GIVE_BACK = (
    update(Attempt)
    .where(Attempt.id == bindparam("attempt"), Attempt.refunded == 0, Attempt.promised == 0)
    .values(refunded=bindparam("part"))
)
_GIVEN_BACK = update(Payment).where(Payment.id == bindparam("payment")).values(refunded=bindparam("part"))
_DAY_BY_ID = select(CashDay.id).where(CashDay.public_id == bindparam("day"))


@dataclass(frozen=True, slots=True)
class Taking:
    """What the cashier does: how money comes, for which accounts how much (minor units), how much was handed over."""

    kind: Kind
    parts: Sequence[tuple[AccountRef, int]]
    given: int
    token: str
    description: str

    @property
    def total(self) -> int:
        """What is taken in all, minor units."""
        return sum(amount for _, amount in self.parts)


def take(db: Session, taking: Taking) -> str:
    """Record money taken by hand; return the public id of the slip. The same form twice is one slip.

    Raises PortalError("payments.day_closed") when the day is closed, PortalError("payments.given_short") when too little was given.
    """
    if taking.given < taking.total:
        raise PortalError("payments.given_short", GIVEN_SHORT, 422)
    day, actor = open_day(db, taking.parts[0][0].currency), context(db).actor
    _count(db, day)  # whoever else records on this day waits here, the same form in another window too
    known = db.execute(_KNOWN, {"who": actor.label, "token": taking.token}).scalar()
    if known is not None:
        return str(known)
    _count(db, day, **{f"in_{taking.kind}": taking.total})
    slip = public_id()
    row = {
        "public_id": slip,
        "day_id": day,
        "actor": actor.label,
        "cashier": actor.name or actor.login,
        "token": taking.token,
        "kind": taking.kind,
        "state": "taken",
        "total": taking.total,
        "given": taking.given,
        "currency": taking.parts[0][0].currency,
        "taken_at": now(db),
    }
    key = db.execute(insert(Slip).values(row).returning(Slip.id)).scalar_one()
    for account, amount in sorted(taking.parts, key=lambda part: part[0].id):
        payment = _credit(db, taking, account, amount)
        db.execute(insert(SlipPart).values(slip_id=key, payment_id=payment, amount=amount))
        _audit(db, "payments.cash_taken", slip, account, amount)
    return slip


def reverse(db: Session, slip: str, reason: str) -> None:
    """Give the money of a slip back, all of it, on today's day. Never alone by who recorded it (SamePerson).

    Raises NotFound, PortalError("payments.slip_reversed") when it was reversed before.
    """
    row = db.execute(_SLIP, {"slip": slip}).first()
    if row is None:
        raise NotFound
    demand_other(db, "payments.cash_reversed", slip)
    day, actor = open_day(db, row.currency), context(db).actor
    _count(db, day)
    values = {"key": row.id, "moment": now(db), "who": actor.name or actor.login, "today": day, "because": reason}
    if not moved(db, _REVERSE, values):
        raise PortalError("payments.slip_reversed", _REVERSED, 409)
    _count(db, day, **{f"out_{row.kind}": row.total})
    for attempt in db.scalars(_ATTEMPTS, {"key": row.id}).all():
        _give_back(db, slip, attempt)


def close(db: Session, day: str, counted: int) -> None:
    """Close a day with what was counted in the drawer. Raises PortalError("payments.day_closed") when it is closed."""
    actor = context(db).actor
    values = {"key": _day(db, day), "drawer": counted, "who": actor.name or actor.login, "moment": now(db)}
    if not moved(db, _CLOSE, values):
        raise PortalError("payments.day_closed", DAY_CLOSED, 409)
    _audit(db, "payments.day_closed", day, None, counted)


def reopen(db: Session, day: str, reason: str) -> None:
    """Open a closed day again, with a word why; it is closed anew with what is counted then."""
    if moved(db, _REOPEN, {"key": _day(db, day), "because": reason}):
        _audit(db, "payments.day_reopened", day, None, 0)


def open_day(db: Session, currency: str) -> int:
    """Return the key of today's day in a currency, begun when it is new. Raises PortalError("payments.day_closed")."""
    today = {"day": desk_of(db).today(), "currency": currency}
    found = db.execute(_DAY, today).first()
    if found is None:
        row = {
            **today,
            "public_id": public_id(),
            "state": "open",
            "cash": 0,
            "card": 0,
            "returned_cash": 0,
            "returned_card": 0,
            "closed_by": "",
            "reopened_why": "",
        }
        moved(db, _NEW_DAY[db.get_bind().dialect.name], row)
        found = db.execute(_DAY, today).one()
    if found.state != "open":
        raise PortalError("payments.day_closed", DAY_CLOSED, 409)
    return int(found.id)


def _credit(db: Session, taking: Taking, account: AccountRef, amount: int) -> int:
    payment, key, moment = public_id(), str(uuid4()), now(db)
    paid = {
        "public_id": payment,
        "account_id": account.id,
        "actor": context(db).actor.label,
        "token": public_id(),
        "amount": amount,
        "currency": account.currency,
        "state": "paid",
        "created_at": moment,
        "paid_at": moment,
    }
    made = db.execute(insert(Payment).values(paid).returning(Payment.id)).scalar_one()
    line = ReceiptLine(taking.description, amount)
    intent = PaymentIntent(payment, amount, account.currency, taking.description, "", key, receipt=(line,))
    attempt = {
        "payment_id": made,
        "gateway": GATEWAY,
        "key": key,
        "intent": intents.written(intent),
        "provider_id": payment,
        "state": "succeeded",
        "method_title": METHODS[taking.kind],
        "created_at": moment,
        "asked_at": moment,
    }
    db.execute(insert(Attempt).values(attempt))
    drawer = ledger.shared(db, "provider", f"{GATEWAY}:{taking.kind}", account.currency)
    customer = ledger.customer(db, account.id, account.currency)
    day = local_date(account, moment)
    ledger.book(db, f"payment:{key}", "payment", drawer, customer, amount, account.currency, day)
    emit(db, PaymentSucceeded(payment, Money(amount, account.currency), GATEWAY), account=account)
    entry = ForEntry(
        GATEWAY, made, f"payment:{key}", "sell", (line,), intent.contact, account.currency, taking.kind == "cash"
    )
    receipts.owe(db, entry)
    return int(made)


def _give_back(db: Session, slip: str, attempt: int) -> None:
    case = cases.by_id(db.connection(), attempt)
    if case is None or not moved(db, _GIVE_BACK, {"attempt": attempt, "part": case.amount}):
        raise PortalError("payments.slip_reversed", _REVERSED, 409)
    kind = db.execute(_SLIP, {"slip": slip}).one().kind
    drawer = ledger.shared(db, "provider", f"{GATEWAY}:{kind}", case.currency)
    customer = ledger.customer(db, case.account.id, case.currency)
    ledger.hold(db, customer)  # before the payment, as imports do
    moved(db, _GIVEN_BACK, {"payment": case.payment_id, "part": case.amount})
    origin, day = f"refund:{case.key}:{case.amount}", local_date(case.account, now(db))
    ledger.book(db, origin, "refund", customer, drawer, case.amount, case.currency, day)
    emit(db, PaymentRefunded(case.payment, Money(case.amount, case.currency), GATEWAY), account=case.account)
    lines, contact = case.intent.receipt, case.intent.contact
    entry = ForEntry(GATEWAY, case.payment_id, origin, "sell_refund", lines, contact, case.currency, kind == "cash")
    receipts.owe(db, entry)
    _audit(db, "payments.cash_reversed", slip, case.account, case.amount)


def _count(db: Session, day: int, **changes: int) -> None:
    """Add to the totals of an open day; whoever closes it first wins."""
    nothing = {"in_cash": 0, "in_card": 0, "out_cash": 0, "out_card": 0}
    if not moved(db, _COUNT, {"key": day, **nothing, **changes}):
        raise PortalError("payments.day_closed", DAY_CLOSED, 409)


def _day(db: Session, day: str) -> int:
    found = db.execute(_DAY_BY_ID, {"day": day}).scalar()
    if found is None:
        raise NotFound
    return int(found)


def _audit(db: Session, action: str, target: str, account: AccountRef | None, amount: int) -> None:
    detail: dict[str, Any] = {"amount": amount}
    port(db, AuditLog).record(db, action, target=target, account=account, detail=detail)  # type: ignore[type-abstract]


DAY_CLOSED = text("payments.cash.closed", "This day is closed: nothing was recorded. An accountant can open it again.")
GIVEN_SHORT = text("payments.cash.short", "Less was handed over than is to be paid.")
_REVERSED = text("payments.cash.reversed_before", "This slip was given back before. Nothing was done now.")
