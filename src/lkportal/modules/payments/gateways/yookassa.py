"""YooKassa API v3 as a payment gateway: words, amounts, limits and receipts of its protocol. HTTP lives in yookassa_http.py.

Source: yookassa.ru/developers/api and the official client 3.13.0 (field names, limits, networks)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import get_args

import httpx2

from lkportal.core.money import decimal_string
from lkportal.modules.payments.contract.errors import Declined, Forged, GatewayUnavailable, Rejected
from lkportal.modules.payments.contract.gateway import Ability
from lkportal.modules.payments.contract.told import (
    CallbackAnswer,
    Created,
    GatewayPayment,
    GatewayRefund,
    Hint,
    NextStep,
    PaymentStatus,
    ReceiptStatus,
    RefundStatus,
    SavedMethod,
    Way,
)
from lkportal.modules.payments.contract.wishes import PaymentIntent, ReceiptContact, ReceiptLine, RefundIntent
from lkportal.modules.payments.gateways.calls import Json, step_to, word
from lkportal.modules.payments.gateways.settings import ReceiptSettings, YooKassaSettings
from lkportal.modules.payments.gateways.yookassa_http import YooKassaHttp

MAX_DESCRIPTION = 128
MAX_REFUND_DESCRIPTION = 250
MAX_METADATA = (16, 32, 512)
MAX_CUSTOMER_NAME = 256
PAGE = 100
TWO_DIGIT_CURRENCIES = frozenset({"RUB", "BYN", "KZT", "UZS", "CNY", "USD", "EUR"})

_VALUE = re.compile(r"(\d{1,13})\.(\d{2})")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STATUSES: Mapping[str, PaymentStatus] = {
    "pending": "pending",
    "waiting_for_capture": "authorized",
    "succeeded": "succeeded",
    "canceled": "canceled",
}
_VAT: Mapping[str, int] = {
    "none": 1,
    "0": 2,
    "10": 3,
    "20": 4,
    "10/110": 5,
    "20/120": 6,
    "5": 7,
    "7": 8,
    "5/105": 9,
    "7/107": 10,
    "22": 11,
    "22/122": 12,
}
_WAYS: Mapping[str, Way] = {"bank_card": "card", "sbp": "sbp"}
_RECEIPT_STATUSES: Mapping[str, ReceiptStatus] = {word: word for word in get_args(ReceiptStatus)}
_REFUND_STATUSES: Mapping[str, RefundStatus] = {"pending": "pending", "succeeded": "succeeded", "canceled": "canceled"}


class YooKassa:
    """One shop at YooKassa. Calls go through `client`: an opener that refuses to work inside a unit of work."""

    name = "yookassa"
    ways: frozenset[Way] = frozenset({"card", "sbp", "wallet"})
    currencies = TWO_DIGIT_CURRENCIES
    abilities: frozenset[Ability] = frozenset({"hold", "refund", "refund_part", "save", "list", "receipt", "qr"})

    def __init__(self, settings: YooKassaSettings, client: httpx2.Client) -> None:
        self.title = settings.title
        self.origins = settings.payment_page_origins
        self._settings = settings
        self._http = YooKassaHttp(settings, client)

    def create(self, intent: PaymentIntent) -> Created:
        """Ask for a payment; the payer confirms it on the provider's page or by a QR code."""
        body = _creation(intent, self._settings.receipt)
        answer = self._http.post("/payments", body, intent.idempotency_key)
        payment = payment_of(answer)
        if (payment.amount, payment.currency) != (intent.amount, intent.currency):
            raise GatewayUnavailable(f"payment {payment.provider_id} was made for another amount than asked")
        if payment.status == "canceled":
            raise Declined(payment)
        return Created(payment, self._next_step(answer))

    def charge_saved(self, intent: PaymentIntent) -> Created:
        """Take money by a saved method: the answer is usually final at once."""
        if not intent.method:
            raise Rejected("invalid_request", "payment_method_id", "a saved method is needed")
        return self.create(intent)

    def forget(self, token: str) -> None:
        """Nothing to call: the provider keeps no list of methods for a shop, and a token nobody sends is dead."""

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Return the payment made with `key` among those of its time."""
        return next((each for each in self.created_between(since, until) if each.metadata.get("attempt") == key), None)

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Return the payment as YooKassa knows it now."""
        payment = payment_of(self._http.get(f"/payments/{_checked_id(provider_id)}"))
        if payment.provider_id != provider_id:
            raise GatewayUnavailable(f"asked for payment {provider_id}, was told of {payment.provider_id}")
        return payment

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """Yield the shop's payments made in [since, until), newest first, page by page."""
        asked = {"created_at.gte": _stamp(since), "created_at.lt": _stamp(until), "limit": str(PAGE)}
        while True:
            answer = self._http.get("/payments", asked)
            for item in _items(answer):
                yield payment_of(item)
            cursor = answer.get("next_cursor")
            if not isinstance(cursor, str) or cursor == asked.get("cursor"):
                return
            asked["cursor"] = cursor

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        """Take held money, the whole or less."""
        body = {"amount": _money(amount, currency)}
        return payment_of(self._http.post(f"/payments/{_checked_id(provider_id)}/capture", body, idempotency_key))

    def cancel(self, provider_id: str, idempotency_key: str) -> GatewayPayment:
        """Release held money."""
        return payment_of(self._http.post(f"/payments/{_checked_id(provider_id)}/cancel", {}, idempotency_key))

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give back a part or the whole."""
        body: Json = {
            "payment_id": _checked_id(intent.provider_payment_id),
            "amount": _money(intent.amount, intent.currency),
        }
        if intent.description:
            body["description"] = _shortened(intent.description, MAX_REFUND_DESCRIPTION)
        if self._settings.receipt is not None:
            body["receipt"] = _receipt(intent.contact, intent.receipt, intent, self._settings.receipt)
        return refund_of(self._http.post("/refunds", body, intent.idempotency_key))

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Return a refund as YooKassa knows it now."""
        return refund_of(self._http.get(f"/refunds/{_checked_id(provider_id)}"))

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> list[Hint]:
        """Return whom a notification speaks of. YooKassa signs nothing: the sender's network is checked, the rest is fetched.

        Events that are not about payments and refunds give no hints.
        """
        if not self._is_provider(peer_ip):
            raise Forged(f"a notification from {peer_ip}, which is not in notification_networks")
        try:
            notice = json.loads(body)
            event, subject = notice["event"], notice["object"]
            if notice["type"] != "notification" or not isinstance(event, str):
                raise Forged("not a notification")
            if event.startswith("payment."):
                return [Hint(_checked_id(subject["id"]), event)]
            if event.startswith("refund."):
                return [Hint(_checked_id(subject["payment_id"]), event, _checked_id(subject["id"]))]
        except (ValueError, TypeError, LookupError, RecursionError, Rejected) as error:
            raise Forged("a notification without its fields") from error
        return []

    def callback_answer(self, hints: Sequence[Hint]) -> CallbackAnswer:
        """An empty 200: anything else makes YooKassa repeat the notification for a day."""
        return CallbackAnswer()

    def _is_provider(self, peer_ip: str) -> bool:
        try:
            address = ip_address(peer_ip)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._settings.notification_networks)

    def _next_step(self, answer: Json) -> NextStep:
        confirmation = answer.get("confirmation")
        if not isinstance(confirmation, dict):
            return NextStep()
        if confirmation.get("type") == "qr":
            return NextStep("qr", word(confirmation, "confirmation_data"))
        return step_to(word(confirmation, "confirmation_url"), self.origins)


def to_minor(value: object) -> int:
    """Return minor units for "2450.50". Raises GatewayUnavailable for what is not an amount: the answer can't be believed."""
    match = _VALUE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise GatewayUnavailable(f"{value!r:.40} is not an amount")
    return int(match[1]) * 100 + int(match[2])


def payment_of(answer: Json) -> GatewayPayment:
    """Return the payment told by YooKassa's object. Raises GatewayUnavailable when fields are missing."""
    amount, currency = _amount_of(answer, "amount")
    refunded = _amount_of(answer, "refunded_amount")[0] if answer.get("refunded_amount") else 0
    method, cancellation = _part(answer, "payment_method"), _part(answer, "cancellation_details")
    status = _STATUSES.get(word(answer, "status"), "unknown")
    if status == "succeeded" and refunded:
        status = "refunded" if refunded >= amount else "refunded_part"
    return GatewayPayment(
        provider_id=word(answer, "id"),
        status=status,
        amount=amount,
        currency=currency,
        refunded=refunded,
        paid=answer.get("paid") is True,
        method=str(method.get("type", "")),
        method_title=str(method.get("title", "")),
        last4=str(_part(method, "card").get("last4", "")),
        reason=_reason(str(cancellation.get("reason", ""))),
        saved=_saved(method),
        receipt=_RECEIPT_STATUSES.get(str(answer.get("receipt_registration")), ""),
        metadata={str(name): str(value) for name, value in _part(answer, "metadata").items()},
        created_at=_moment(answer.get("created_at")),
        expires_at=_moment(answer.get("expires_at")),
        test=answer.get("test") is True,
    )


def _reason(word: str) -> str:
    return "method_revoked" if word == "permission_revoked" else word


def _saved(method: Json) -> SavedMethod | None:
    if method.get("saved") is not True:
        return None
    card = _part(method, "card")
    until = f"{card['expiry_year']}-{card['expiry_month']}" if {"expiry_year", "expiry_month"} <= card.keys() else ""
    kind = _WAYS.get(str(method.get("type")), "wallet")
    title = str(method.get("title") or method.get("type", ""))
    return SavedMethod(_checked_id(method.get("id")), title[:60], kind, str(card.get("last4", ""))[:4], until[:7])


def refund_of(answer: Json) -> GatewayRefund:
    """Return the refund told by YooKassa's object. Raises GatewayUnavailable when fields are missing."""
    amount, currency = _amount_of(answer, "amount")
    return GatewayRefund(
        provider_id=word(answer, "id"),
        provider_payment_id=word(answer, "payment_id"),
        status=_REFUND_STATUSES.get(word(answer, "status"), "unknown"),
        amount=amount,
        currency=currency,
        reason=str(_part(answer, "cancellation_details").get("reason", "")),
    )


def _creation(intent: PaymentIntent, receipt: ReceiptSettings | None) -> Json:
    body: Json = {
        "amount": _money(intent.amount, intent.currency),
        "capture": not intent.hold,
        "description": _shortened(intent.description, MAX_DESCRIPTION),
        "metadata": _metadata({**intent.metadata, "payment_id": intent.public_id, "attempt": intent.idempotency_key}),
    }
    if intent.method:
        body["payment_method_id"] = intent.method
    elif intent.prefer == "qr":
        body["payment_method_data"] = {"type": "sbp"}
        body["confirmation"] = {"type": "qr"}
    else:
        body["confirmation"] = {"type": "redirect", "return_url": intent.return_url}
    if intent.payer:
        body["merchant_customer_id"] = intent.payer
    if intent.save:
        body["save_payment_method"] = True
    if receipt is not None:
        body["receipt"] = _receipt(intent.contact, intent.receipt, intent, receipt)
    return body


def _receipt(
    contact: ReceiptContact, lines: Sequence[ReceiptLine], whole: PaymentIntent | RefundIntent, rules: ReceiptSettings
) -> Json:
    """The receipt inside a payment or a refund. Quantity is one and the price is the line: no rounding can creep in."""
    if not contact.email and not contact.phone:
        raise Rejected("receipt_contact_missing", "receipt.customer", "a receipt needs an e-mail or a phone")
    if not 0 < len(lines) <= rules.max_lines:
        raise Rejected("receipt_lines", "receipt.items", f"{len(lines)} lines; 1 to {rules.max_lines} can be sent")
    if any(line.amount <= 0 for line in lines) or sum(line.amount for line in lines) != whole.amount:
        raise Rejected("receipt_sum", "receipt.items", "lines must be positive and sum to the amount")
    named = {"email": contact.email, "phone": contact.phone, "inn": contact.inn}
    customer = {word: value for word, value in named.items() if value}
    if contact.name:
        customer["full_name"] = _shortened(contact.name, MAX_CUSTOMER_NAME)
    items = [_receipt_item(line, whole.currency, rules) for line in lines]
    receipt: Json = {"customer": customer, "items": items, "internet": True}
    if rules.tax_system_code is not None:
        receipt["tax_system_code"] = rules.tax_system_code
    return receipt


def _receipt_item(line: ReceiptLine, currency: str, rules: ReceiptSettings) -> Json:
    return {
        "description": _shortened(line.description, MAX_DESCRIPTION),
        "quantity": "1.000",
        "amount": _money(line.amount, currency),
        "vat_code": _VAT.get(line.vat, rules.vat_code),
        "payment_subject": line.subject or rules.subject,
        "payment_mode": line.mode or rules.mode,
        "measure": line.measure or rules.measure,
    }


def _money(minor: int, currency: str) -> Json:
    if minor <= 0:
        raise Rejected("invalid_request", "amount.value", "the amount must be above zero")
    if currency not in TWO_DIGIT_CURRENCIES:
        raise Rejected("invalid_request", "amount.currency", f"{currency} is not taken by this provider")
    return {"value": decimal_string(minor), "currency": currency}


def _metadata(pairs: Mapping[str, str]) -> Mapping[str, str]:
    most, key, value = MAX_METADATA
    if len(pairs) > most or any(len(k) > key or len(v) > value for k, v in pairs.items()):
        raise Rejected(
            "invalid_request", "metadata", f"at most {most} pairs, keys to {key}, values to {value} characters"
        )
    return pairs


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _checked_id(value: object) -> str:
    """An id joins an address: nothing that could change the path is let through."""
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise Rejected("invalid_request", "id", "not an id of this provider")
    return value


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise GatewayUnavailable(f"{value!r:.40} is not a time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _part(whole: Json, name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _items(answer: Json) -> list[Json]:
    items = answer.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GatewayUnavailable("a list without items")
    return items


def _amount_of(answer: Json, name: str) -> tuple[int, str]:
    amount = _part(answer, name)
    return to_minor(amount.get("value")), word(amount, "currency")
