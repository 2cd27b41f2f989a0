"""What a payment provider tells, in one vocabulary for all of them. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PaymentStatus = Literal[
    "created", "pending", "authorized", "succeeded", "canceled", "failed", "refunded_part", "refunded", "unknown"
]
"""One vocabulary for all providers. `unknown` is a state the adapter has no word for: ask again, never treat as failed."""

RefundStatus = Literal["pending", "succeeded", "canceled", "unknown"]

ReceiptStatus = Literal["", "pending", "succeeded", "canceled"]

Way = Literal["card", "sbp", "wallet"]
"""By what a payer pays: two gateways that offer the same ways are one choice for him."""


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
