"""What the portal asks of a payment provider: intents, and the receipt that goes with them. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Vat = Literal["", "none", "0", "5", "7", "10", "20", "22", "5/105", "7/107", "10/110", "20/120", "22/122"]
"""VAT of a receipt's line in per cent (tag 1199), or the share of a sum that holds it; "": as the gateway's settings say."""


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
