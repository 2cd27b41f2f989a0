"""T-Bank (T-Kassa) as a payment gateway: its words, states and receipts. HTTP and signatures live in tbank_http.py.

Source: the acquiring documentation of T-Bank, API v2 (Init, GetState, CheckOrder, Confirm, Cancel, notifications).

An order there is one attempt here: OrderId is our key. A repeated Init makes another payment of the same order, so an order is looked
up first; one whose page nobody was led to is cancelled before a new one is made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx2

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
    RefundStatus,
    Way,
)
from lkportal.modules.payments.contract.wishes import PaymentIntent, ReceiptContact, ReceiptLine, RefundIntent
from lkportal.modules.payments.gateways.calls import Json, step_to, word
from lkportal.modules.payments.gateways.settings import TBankReceipt, TBankSettings
from lkportal.modules.payments.gateways.tbank_http import TBankHttp, is_signed

CURRENCY = "RUB"
MAX_DESCRIPTION = 140
MAX_NAME = 128
_ID = re.compile(r"\d{1,20}")
_STATES: Mapping[str, PaymentStatus] = {
    **dict.fromkeys(("NEW", "FORM_SHOWED", "AUTHORIZING", "3DS_CHECKING", "3DS_CHECKED", "CONFIRMING"), "pending"),
    "AUTHORIZED": "authorized",
    "REVERSING": "authorized",
    **dict.fromkeys(("CONFIRMED", "REFUNDING"), "succeeded"),
    "PARTIAL_REFUNDED": "refunded_part",
    "REFUNDED": "refunded",
    **dict.fromkeys(("REVERSED", "REJECTED", "DEADLINE_EXPIRED", "CANCELED", "AUTH_FAIL"), "canceled"),
}
_REFUNDS: Mapping[str, RefundStatus] = {"REFUNDED": "succeeded", "REFUNDING": "pending"}
_UNUSED = frozenset({"NEW"})
_VAT = {
    "none": "none",
    **{rate: f"vat{rate}" for rate in ("0", "5", "7", "10", "20", "22")},
    **{f"{rate}/1{rate:0>2}": f"vat1{rate:0>2}" for rate in ("5", "7", "10", "20", "22")},
}


class TBank:
    """One terminal at T-Bank. Calls go through `client`: an opener that refuses to work inside a unit of work."""

    name = "tbank"
    ways: frozenset[Way] = frozenset({"card", "sbp", "wallet"})
    currencies = frozenset({CURRENCY})
    abilities: frozenset[Ability] = frozenset({"hold", "refund", "receipt"})

    def __init__(self, settings: TBankSettings, client: httpx2.Client) -> None:
        self.title = settings.title
        self.origins = settings.payment_page_origins
        self._settings = settings
        self._http = TBankHttp(settings, client)

    def create(self, intent: PaymentIntent) -> Created:
        """Ask for a payment on T-Bank's page, or return the one this key has made."""
        body = _init(intent, self._settings.receipt)
        for known in self._made_before(intent.idempotency_key):
            if known.amount != intent.amount:
                raise Rejected("key_reused", "OrderId", "this key was used for another amount")
            if known.status != "canceled" and not self._is_unused(known):
                return Created(known, NextStep())
        answer = self._http.call("Init", body)
        payment = _payment(answer)
        if (payment.amount, payment.metadata["attempt"]) != (intent.amount, intent.idempotency_key):
            raise GatewayUnavailable(f"payment {payment.provider_id} was made for another amount or order than asked")
        if payment.status == "canceled":
            raise Declined(payment)
        return Created(payment, step_to(answer.get("PaymentURL"), self.origins))

    def charge_saved(self, intent: PaymentIntent) -> Created:
        """T-Bank tells a saved method in a notification alone, which is never believed."""
        raise Rejected("not_able", "charge_saved")

    def forget(self, token: str) -> None:
        """Nothing is saved."""
        raise Rejected("not_able", "forget")

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Return the payment as T-Bank knows it now."""
        payment = _payment(self._http.call("GetState", {"PaymentId": _checked_id(provider_id)}))
        if payment.provider_id != provider_id:
            raise GatewayUnavailable(f"asked for payment {provider_id}, was told of {payment.provider_id}")
        return payment

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Return the newest payment of the order that is our key; its time says nothing."""
        try:
            return next(iter(self._of_order(key)), None)
        except Rejected as rejected:
            if rejected.reason in self._settings.order_unknown_codes:
                return None
            raise

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """T-Bank lists no payments by their time."""
        raise Rejected("not_able", "created_between")

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        """Take held money, the whole or less. What was taken before the answer was lost is not taken again."""
        known = self.fetch(provider_id)
        if known.status == "succeeded" and known.amount == amount:
            return known
        if known.status != "authorized":
            raise Rejected("not_held", "PaymentId", f"the payment is {known.status}")
        self._http.call("Confirm", {"PaymentId": provider_id, "Amount": amount})
        return self.fetch(provider_id)

    def cancel(self, provider_id: str, idempotency_key: str) -> GatewayPayment:
        """Release held money."""
        if self.fetch(provider_id).status != "canceled":
            self._http.call("Cancel", {"PaymentId": provider_id, "ExternalRequestId": idempotency_key})
        return self.fetch(provider_id)

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give back the whole. What a part was T-Bank tells in its answer alone, and an answer may be lost: parts are not offered."""
        known = self.fetch(intent.provider_payment_id)
        if known.status == "refunded" and known.amount == intent.amount:
            return self.fetch_refund(known.provider_id)
        if intent.amount > known.amount or known.status != "succeeded":
            raise Rejected("invalid_request", "Amount", f"the payment is {known.status} with {known.amount}")
        if intent.amount != known.amount:
            raise Rejected("not_able", "Amount", "only the whole is given back here")
        body: Json = {"PaymentId": known.provider_id, "ExternalRequestId": intent.idempotency_key}
        if self._settings.receipt is not None:
            body["Receipt"] = _receipt(intent.contact, intent.receipt, intent.amount, self._settings.receipt)
        self._http.call("Cancel", body)
        return self.fetch_refund(known.provider_id)

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Return the refund of a payment: it has one, under the payment's own id."""
        told = self._http.call("GetState", {"PaymentId": _checked_id(provider_id)})
        payment = _payment(told)
        status = _REFUNDS.get(word(told, "Status"), "unknown")
        return GatewayRefund(payment.provider_id, payment.provider_id, status, payment.amount, CURRENCY)

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> list[Hint]:
        """Return whom a signed notification speaks of."""
        try:
            notice = json.loads(body)
            signed = isinstance(notice, dict) and is_signed(notice, self._settings)
            if not signed:
                raise Forged("a notification with another's signature")
            return [Hint(_checked_id(str(notice["PaymentId"])), str(notice["Status"]))]
        except (ValueError, TypeError, LookupError, RecursionError, Rejected) as error:
            raise Forged("a notification without its fields") from error

    def callback_answer(self, hints: Sequence[Hint]) -> CallbackAnswer:
        """The two letters without which T-Bank repeats the notification for a month."""
        return CallbackAnswer(200, b"OK")

    def _made_before(self, key: str) -> list[GatewayPayment]:
        """Return the payments of an order; a refusal to tell counts as none, for what Init makes is another page, not another
        charge, and whoever is refused here is refused there."""
        try:
            return self._of_order(key)
        except Rejected:
            return []

    def _of_order(self, key: str) -> list[GatewayPayment]:
        """Return the payments of an order, the newest first."""
        answer = self._http.call("CheckOrder", {"OrderId": key})
        payments = answer.get("Payments")
        if not isinstance(payments, list):
            raise GatewayUnavailable("an order without payments")
        found = [_payment({"OrderId": key, **each}) for each in payments if isinstance(each, dict)]
        return sorted(found, key=lambda each: int(each.provider_id), reverse=True)

    def _is_unused(self, known: GatewayPayment) -> bool:
        """Whether a payment's page was never shown; then it is cancelled, for its address is lost."""
        told = self._http.call("GetState", {"PaymentId": known.provider_id})
        if word(told, "Status") not in _UNUSED:
            return False
        self._http.call("Cancel", {"PaymentId": known.provider_id})
        return True


def _payment(told: Json) -> GatewayPayment:
    status = _STATES.get(word(told, "Status"), "unknown")
    amount: Any = told.get("Amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 0:
        raise GatewayUnavailable("an answer without Amount")
    reason = str(told.get("ErrorCode") or "")
    return GatewayPayment(
        provider_id=_checked_id(str(told.get("PaymentId"))),
        status=status,
        amount=amount,
        currency=CURRENCY,
        refunded=amount if status == "refunded" else 0,
        paid=status in ("authorized", "succeeded", "refunded", "refunded_part"),
        reason=(reason if reason not in ("", "0") else word(told, "Status").lower()) if status == "canceled" else "",
        metadata={"attempt": word(told, "OrderId")},
    )


def _init(intent: PaymentIntent, receipt: TBankReceipt | None) -> Json:
    if intent.amount <= 0:
        raise Rejected("invalid_request", "Amount", "the amount must be above zero")
    if intent.currency != CURRENCY:
        raise Rejected("invalid_request", "Currency", f"{intent.currency} is not taken by this provider")
    if not 0 < len(intent.idempotency_key) <= 36 or not intent.idempotency_key.isascii():
        raise Rejected("invalid_request", "OrderId", "1 to 36 ASCII characters are needed")
    body: Json = {
        "Amount": intent.amount,
        "OrderId": intent.idempotency_key,
        "Description": intent.description[:MAX_DESCRIPTION],
        "PayType": "T" if intent.hold else "O",
        "SuccessURL": intent.return_url,
        "FailURL": intent.return_url,
        "DATA": {"payment_id": intent.public_id},
    }
    if receipt is not None:
        body["Receipt"] = _receipt(intent.contact, intent.receipt, intent.amount, receipt)
    return body


def _receipt(contact: ReceiptContact, lines: Sequence[ReceiptLine], amount: int, rules: TBankReceipt) -> Json:
    if not contact.email and not contact.phone:
        raise Rejected("receipt_contact_missing", "Receipt", "a receipt needs an e-mail or a phone")
    if any(line.amount <= 0 for line in lines) or sum(line.amount for line in lines) != amount:
        raise Rejected("receipt_sum", "Receipt.Items", "lines must be positive and sum to the amount")
    items = [
        {
            "Name": line.description[:MAX_NAME],
            "Price": line.amount,
            "Quantity": 1,
            "Amount": line.amount,
            "Tax": _VAT.get(line.vat, rules.tax),
            "PaymentMethod": line.mode or rules.mode,
            "PaymentObject": line.subject or rules.subject,
        }
        for line in lines
    ]
    reader = {"Email": contact.email, "Phone": contact.phone}
    return {"Taxation": rules.taxation, "Items": items, **{name: value for name, value in reader.items() if value}}


def _checked_id(value: str) -> str:
    if _ID.fullmatch(value) is None:
        raise Rejected("invalid_request", "PaymentId", "not an id of this provider")
    return value
