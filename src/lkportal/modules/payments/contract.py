"""What others may know of payments: the contract of a payment gateway (plain data, one Protocol, its outcomes) and the events.
Gateways live in gateways/ or in plugins; bills, the ledger and the state machine live in the slice beside this file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from lkportal.core.errors import PortalError
from lkportal.core.events import Event
from lkportal.core.i18n import Text, text
from lkportal.core.money import Money

PaymentStatus = Literal[
    "created", "pending", "authorized", "succeeded", "canceled", "failed", "refunded_part", "refunded", "unknown"
]
"""One vocabulary for all providers. `unknown` is a state the adapter has no word for: ask again, never treat as failed."""

RefundStatus = Literal["pending", "succeeded", "canceled", "unknown"]
ReceiptStatus = Literal["", "pending", "succeeded", "canceled"]
Vat = Literal["", "none", "0", "5", "7", "10", "20", "22", "5/105", "7/107", "10/110", "20/120", "22/122"]
"""VAT of a receipt's line in per cent (tag 1199), or the share of a sum that holds it; "": as the gateway's settings say."""
Way = Literal["card", "sbp", "wallet"]
"""By what a payer pays: two gateways that offer the same ways are one choice for him."""
Ability = Literal["hold", "refund", "refund_part", "save", "list", "receipt", "qr"]
"""What not every provider can: hold money, give back (a part), save a method, list payments by time, make receipts, show a QR."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a fiscal receipt. `amount` is the line's total in minor units, always positive.

    The other fields override what the gateway's settings say: `vat` is the rate, which every adapter turns into its own code;
    `subject`, `mode` and `measure` are the words for tags 1212, 1214 and 2108 of 54-FZ ("service", "full_payment", "piece").
    """

    description: str
    amount: int
    vat: Vat = ""
    subject: str = ""
    mode: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptContact:
    """To whom the receipt goes: an e-mail or a phone (E.164) is required by law, name and INN are for companies."""

    email: str = ""
    phone: str = ""
    name: str = ""
    inn: str = ""


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """What we ask a provider to collect. Written to the database, with its key, before the provider is called.

    `amount` is in minor units. `idempotency_key` belongs to one attempt: the same key always carries the same intent.
    `receipt` lines sum to `amount`. `prefer` asks for the provider's page or for the text of a QR code; `hold` reserves the
    money until `capture`. `save` asks to keep the method for later charges, `payer` is our name for whose method it is (no
    personal data); `method` is the token of a saved one, for `charge_saved`.
    """

    public_id: str
    amount: int
    currency: str
    description: str
    return_url: str
    idempotency_key: str
    contact: ReceiptContact = ReceiptContact()
    receipt: tuple[ReceiptLine, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    prefer: Literal["redirect", "qr"] = "redirect"
    hold: bool = False
    save: bool = False
    payer: str = ""
    method: str = ""


@dataclass(frozen=True, slots=True)
class RefundIntent:
    """Money to give back: part of a payment or the whole. `receipt` lines sum to `amount`."""

    provider_payment_id: str
    amount: int
    currency: str
    idempotency_key: str
    description: str = ""
    contact: ReceiptContact = ReceiptContact()
    receipt: tuple[ReceiptLine, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """A method the provider keeps for later charges. `token` is a secret: whoever has it with our key can take money.

    `title` is what the payer recognises ("MIR *4242"); `expires` is the last month of a card, "2031-08", when told.
    """

    token: str = field(repr=False)
    title: str
    kind: Way = "card"
    last4: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A payment as the provider tells it. Amounts in minor units; `refunded` is the part already given back.

    `metadata["attempt"]` is our key, and `metadata["payment_id"]` our public id where the provider keeps more than one word.
    `reason` is why it was cancelled, in the provider's code; `saved` is the method it keeps because of this payment.
    """

    provider_id: str
    status: PaymentStatus
    amount: int
    currency: str
    refunded: int = 0
    paid: bool = False
    method: str = ""
    method_title: str = ""
    last4: str = ""
    reason: str = ""
    receipt: ReceiptStatus = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    expires_at: datetime | None = None
    test: bool = False
    saved: SavedMethod | None = None


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """A refund as the provider tells it; `reason` is why it was cancelled, in the provider's code."""

    provider_id: str
    provider_payment_id: str
    status: RefundStatus
    amount: int
    currency: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the payer does next: goes to `value` (redirect), scans `value` (qr) or nothing (none)."""

    kind: Literal["redirect", "qr", "none"] = "none"
    value: str = ""


@dataclass(frozen=True, slots=True)
class Created:
    """The answer to `create`: the payment as it stands and the payer's next step."""

    payment: GatewayPayment
    next_step: NextStep


@dataclass(frozen=True, slots=True)
class Hint:
    """A callback says only "look at this payment": nothing in it is believed until the payment is fetched."""

    provider_id: str
    event: str
    refund_id: str = ""


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """What the provider wants to hear when its callback has been dealt with."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class GatewayError(PortalError):
    """A call to a provider that did not end well: `Declined`, `Rejected` or `GatewayUnavailable`."""


class Declined(GatewayError):
    """The provider decided against this attempt and no money was taken. A new attempt needs a new key."""

    def __init__(self, payment: GatewayPayment) -> None:
        message = text("payments.gateway.declined", "The bank declined the payment. No money was taken.")
        super().__init__("payments.declined", message, 402)
        self.payment = payment
        self.reason = payment.reason


class Rejected(GatewayError):
    """The provider (or the adapter, before calling) refused the request as it stands: nothing happened, repeating won't help.

    `reason` is the provider's code, `parameter` the field at fault, `detail` the provider's words for the log.
    """

    def __init__(self, reason: str, parameter: str = "", detail: str = "", status: int = 400) -> None:
        message: Text = text(
            "payments.gateway.rejected",
            "The payment could not be started. No money was taken. Try again later or pay another way.",
        )
        super().__init__("payments.rejected", message, 502)
        self.reason = reason
        self.parameter = parameter
        self.detail = detail
        self.provider_status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.reason} {self.parameter} {self.detail}".rstrip()


class GatewayUnavailable(GatewayError):
    """The outcome is unknown: the provider may or may not have done it. Repeat with the same key, or fetch; never "failed".

    `retry_after` is how many seconds the provider asked us to wait, when it did.
    """

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        message = text(
            "payments.gateway.unavailable",
            "The bank has not answered yet. There is no need to pay again: we keep asking and will tell you.",
        )
        super().__init__("payments.unavailable", message, 503)
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class Forged(GatewayError):
    """A callback that did not come from the provider. It is refused, written to the audit, and changes nothing."""

    def __init__(self, detail: str) -> None:
        message = text("payments.gateway.forged", "This message did not come from the payment provider.")
        super().__init__("payments.forged", message, 403)
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class PaymentGateway(Protocol):
    """A payment provider behind one face. Every method that calls out is used outside a unit of work, within a time limit.

    Each may raise `GatewayUnavailable` (unknown, ask again with the same key) and `Rejected` (nothing happened).
    """

    @property
    def name(self) -> str:
        """The stable word in settings, URLs and rows: "yookassa"."""
        ...

    @property
    def title(self) -> str:
        """What the payer reads, a proper name: "ЮKassa"."""
        ...

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins a form of ours may lead to: they join `form-action` of the page that starts a payment."""
        ...

    @property
    def ways(self) -> frozenset[Way]:
        """By what payers pay on its page."""
        ...

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies it takes (ISO 4217)."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can beside taking payments; a method whose ability is not named raises `Rejected("not_able")`."""
        ...

    def create(self, intent: PaymentIntent) -> Created:
        """Ask for a payment. Raises `Declined` when the provider says no at once. The same key never makes a second one."""
        ...

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Return the payment as the provider knows it now: the only thing that is believed."""
        ...

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Return the payment an attempt of [since, until) made, by our key, or None: its answer may never have reached us."""
        ...

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """Yield the payments made in [since, until), for reconciliation ("list")."""
        ...

    def charge_saved(self, intent: PaymentIntent) -> Created:
        """Take money by the saved method `intent.method`, without the payer ("save"). Like `create`: once for a key.

        Raises `Declined` when the bank says no; reason "method_revoked" says that this method will never work again.
        """
        ...

    def forget(self, token: str) -> None:
        """Let the provider forget a saved method ("save"). One it does not know is forgotten already."""
        ...

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        """Take held money, the whole or less; the rest is released."""
        ...

    def cancel(self, provider_id: str, idempotency_key: str) -> GatewayPayment:
        """Release held money."""
        ...

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give money back. The same key never gives it twice."""
        ...

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Return a refund as the provider knows it now."""
        ...

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> Sequence[Hint]:
        """Return what to look at. Calls nobody. Raises `Forged` when the sender is not the provider or the body makes no sense.

        `peer_ip` is the sender's address as the edge established it (from trusted proxies only).
        """
        ...

    def callback_answer(self, hints: Sequence[Hint]) -> CallbackAnswer:
        """Return the answer that tells the provider these hints have been dealt with."""
        ...


@dataclass(frozen=True)
class BillsImported(Event):
    """A batch of charge lines reached the books: one event for each batch of an import (public id), with its counts."""

    name: ClassVar[str] = "payments.bills_imported"
    import_id: str
    batch: int
    bills: int
    lines: int


@dataclass(frozen=True)
class PaymentStarted(Event):
    """A person decided to pay; nothing is collected yet."""

    name: ClassVar[str] = "payments.payment_started"
    payment: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class PaymentSucceeded(Event):
    """The provider has the money and the ledger holds it: told exactly once for each credit."""

    name: ClassVar[str] = "payments.payment_succeeded"
    payment: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class PaymentCanceled(Event):
    """The provider ended a payment without taking money: the bank declined it, or the time to pay ran out.

    `reason` is the provider's code.
    """

    name: ClassVar[str] = "payments.payment_canceled"
    payment: str
    amount: Money
    reason: str


@dataclass(frozen=True)
class PaymentFailed(Event):
    """A payment never came to be at the provider: it was rejected as asked, or never reached it."""

    name: ClassVar[str] = "payments.payment_failed"
    payment: str
    amount: Money
    reason: str


@dataclass(frozen=True)
class PaymentRefunded(Event):
    """Money of a payment went back to who paid, the whole or a part: `amount` is what is new. Told once for each entry."""

    name: ClassVar[str] = "payments.payment_refunded"
    payment: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class AutopayPlanned(Event):
    """Autopay means to take `amount` on `day` ("2026-12-10"): told before it is taken, so that a person may say no."""

    name: ClassVar[str] = "payments.autopay_planned"
    amount: Money
    day: str


@dataclass(frozen=True)
class AutopayFailed(Event):
    """The bank refused what autopay asked for. `day` is when it is tried again, "" when it is not; `reason` is the provider's code."""

    name: ClassVar[str] = "payments.autopay_failed"
    amount: Money
    day: str
    reason: str
