"""What is asked of a provider, as it is kept with its attempt: the same key always carries the same words."""

from __future__ import annotations

import json
from dataclasses import asdict

from lkportal.modules.payments.contract import PaymentIntent, ReceiptContact, ReceiptLine

ATTEMPT = "attempt"
"""The entry of a payment's metadata by which an attempt is found again: its key."""


def written(intent: PaymentIntent) -> str:
    """Return an intent as JSON."""
    return json.dumps(asdict(intent), ensure_ascii=False, sort_keys=True)


def read(kept: str) -> PaymentIntent:
    """Return the intent that was written."""
    known = json.loads(kept)
    contact = ReceiptContact(**known.pop("contact"))
    receipt = tuple(ReceiptLine(**line) for line in known.pop("receipt"))
    return PaymentIntent(**known, contact=contact, receipt=receipt)


def contact_of(typed: str) -> ReceiptContact:
    """Return where a receipt goes for an e-mail or a phone number (E.164); nobody for anything else."""
    if "@" in typed:
        return ReceiptContact(email=typed)
    return ReceiptContact(phone=typed) if typed.startswith("+") else ReceiptContact()
