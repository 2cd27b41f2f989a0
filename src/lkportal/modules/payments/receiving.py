"""Money that came another way than through a gateway, posted (contract.Receiving): payment, entry, event and receipt in one unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import PaymentIntent, PaymentSucceeded, ReceiptLine, Received
from lkportal.modules.payments.fiscal import service as receipts
from lkportal.modules.payments.fiscal.service import ForEntry
from lkportal.modules.payments.models import Attempt, Bill, Payment
from lkportal.modules.payments.paying import intents

METHOD = "bank:transfer"
"""How such a payment names its method; pages say it in words."""
_POSTED = (
    select(Payment.public_id).join(Attempt, Attempt.payment_id == Payment.id).where(Attempt.key == bindparam("attempt"))
)
_BILLS = (
    select(Bill.number, Account.public_id)
    .join(Account, Account.id == Bill.account_id)
    .where(Bill.number.in_(bindparam("numbers", expanding=True)))
    .distinct()
)


class ReceivedMoney:
    """The port of payments for money that came another way."""

    def record(self, db: Session, received: Received) -> str:
        """Post it once."""
        key = str(uuid5(NAMESPACE_URL, f"lkportal:{received.channel}:{received.key}"))
        posted = db.execute(_POSTED, {"attempt": key}).scalar()
        return str(posted) if posted is not None else _post(db, received, key)

    def accounts_of_bills(self, connection: Connection, numbers: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the accounts of bills by their numbers."""
        found: dict[str, list[str]] = {}
        wanted = [each for each in numbers if each]
        for row in connection.execute(_BILLS, {"numbers": wanted}) if wanted else ():
            found.setdefault(row.number, []).append(row.public_id)
        return found


def _post(db: Session, received: Received, key: str) -> str:
    account, moment = received.account, now(db)
    if received.currency != account.currency:
        raise PortalError("payments.received_currency", _CURRENCY, 422)
    customer = ledger.customer(db, account.id, account.currency)
    ledger.hold(db, customer)  # before the payment, as all who post do
    payment = public_id()
    paid = {
        "public_id": payment, "account_id": account.id, "actor": context(db).actor.label, "token": public_id(),
        "amount": received.amount, "currency": account.currency, "state": "paid", "created_at": moment, "paid_at": moment,
    }  # fmt: skip
    made = db.execute(insert(Payment).values(paid).returning(Payment.id)).scalar_one()
    lines = (ReceiptLine(received.description, received.amount),) if received.receipt else ()
    intent = PaymentIntent(payment, received.amount, account.currency, received.description, "", key, receipt=lines)
    attempt = {
        "payment_id": made, "gateway": received.channel, "key": key, "intent": intents.written(intent),
        "provider_id": received.key, "state": "succeeded", "method_title": METHOD, "created_at": moment, "asked_at": moment,
    }  # fmt: skip
    db.execute(insert(Attempt).values(attempt))
    origin, where = f"payment:{key}", ledger.shared(db, "provider", received.channel, account.currency)
    ledger.book(db, origin, "payment", where, customer, received.amount, account.currency, received.day)
    emit(db, PaymentSucceeded(payment, Money(received.amount, account.currency), received.channel), account=account)
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    detail: dict[str, str | int] = {"amount": received.amount, "gateway": received.channel}
    log.record(db, "payments.succeeded", target=payment, account=account, detail=detail)
    entry = ForEntry(received.channel, made, origin, "sell", lines, intent.contact, account.currency)
    receipts.owe(db, entry)
    return payment


_CURRENCY = text("payments.received.currency", "This account is kept in another currency.")
