"""Stripe as a payment gateway: Checkout Sessions (its own page, so no foreign script on ours) for payers who are here, Payment
Intents for saved methods. HTTP lives in stripe_http.py.

Source: docs.stripe.com/api (Checkout Sessions, PaymentIntents, Refunds, Webhook signatures)."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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
    Way,
)
from lkportal.modules.payments.contract.wishes import PaymentIntent, RefundIntent
from lkportal.modules.payments.gateways import stripe_told as told
from lkportal.modules.payments.gateways.calls import Json, step_to
from lkportal.modules.payments.gateways.settings import StripeSettings
from lkportal.modules.payments.gateways.stripe_http import CardRefused, StripeHttp

TOLERANCE = timedelta(minutes=5)
"""How old a signed callback may be: an older one is somebody else's copy."""
PAGE = 100
MAX_NAME = 250
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_SESSION = {"expand[]": "payment_intent.latest_charge"}
_INTENT = {"expand[]": "latest_charge"}


class Stripe:
    """One account at Stripe. Calls go through `client`: an opener that refuses to work inside a unit of work."""

    name = "stripe"
    ways: frozenset[Way] = frozenset({"card", "wallet"})
    abilities: frozenset[Ability] = frozenset({"hold", "refund", "refund_part", "save", "list"})

    def __init__(self, settings: StripeSettings, client: httpx2.Client, now: Callable[[], datetime]) -> None:
        self.title = settings.title
        self.origins = settings.payment_page_origins
        self.currencies = frozenset(settings.currencies)
        self._settings = settings
        self._http = StripeHttp(settings, client)
        self._now = now

    def create(self, intent: PaymentIntent) -> Created:
        """Ask for a payment on Stripe's own page."""
        self._check(intent)
        answer = self._http.post("/v1/checkout/sessions", _session(intent), intent.idempotency_key)
        payment = told.of_session(answer)
        if (payment.amount, payment.currency) != (intent.amount, intent.currency):
            raise GatewayUnavailable(f"payment {payment.provider_id} was made for another amount than asked")
        return Created(payment, step_to(answer.get("url"), self.origins))

    def charge_saved(self, intent: PaymentIntent) -> Created:
        """Take money by a saved method: "customer/method"."""
        self._check(intent)
        customer, _, method = intent.method.partition("/")
        body = {
            "amount": str(intent.amount),
            "currency": intent.currency.lower(),
            "customer": _checked_id(customer),
            "payment_method": _checked_id(method),
            "off_session": "true",
            "confirm": "true",
            "capture_method": "manual" if intent.hold else "automatic",
            **_metadata(intent, "metadata"),
            **_INTENT,
        }
        try:
            answer = self._http.post("/v1/payment_intents", body, intent.idempotency_key)
        except CardRefused as refused:
            raise Declined(told.of_intent(refused.intent, told.refusal(refused.error))) from refused
        return Created(told.of_intent(answer), NextStep())

    def forget(self, token: str) -> None:
        """Detach a saved method from its customer."""
        method = _checked_id(token.partition("/")[2])
        try:
            self._http.post(f"/v1/payment_methods/{method}/detach", {}, f"forget-{method}")
        except Rejected as rejected:
            if rejected.provider_status in (401, 403):
                raise

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Return the payment as Stripe knows it now. The intent of a page's payment is that page's payment."""
        if provider_id.startswith("cs_"):
            return told.of_session(self._http.get(f"/v1/checkout/sessions/{_checked_id(provider_id)}", _SESSION))
        intent = self._http.get(f"/v1/payment_intents/{_checked_id(provider_id)}", _INTENT)
        if told.is_of_page(intent):
            found = self._http.get(
                "/v1/checkout/sessions",
                {"payment_intent": provider_id, "expand[]": "data.payment_intent.latest_charge"},
            )
            for session in _items(found):
                return told.of_session(session)
        return told.of_intent(intent)

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Return the payment made with `key` among those of its time."""
        return next((each for each in self.created_between(since, until) if each.metadata.get("attempt") == key), None)

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """Yield the account's payments made in [since, until), newest first: those of pages, then those without."""
        for session in self._list("/v1/checkout/sessions", since, until, "data.payment_intent.latest_charge"):
            yield told.of_session(session)
        for intent in self._list("/v1/payment_intents", since, until, "data.latest_charge"):
            if not told.is_of_page(intent):
                yield told.of_intent(intent)

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        """Take held money, the whole or less."""
        body = {"amount_to_capture": str(amount)}
        self._http.post(f"/v1/payment_intents/{self._intent_of(provider_id)}/capture", body, idempotency_key)
        return self.fetch(provider_id)

    def cancel(self, provider_id: str, idempotency_key: str) -> GatewayPayment:
        """Release held money."""
        self._http.post(f"/v1/payment_intents/{self._intent_of(provider_id)}/cancel", {}, idempotency_key)
        return self.fetch(provider_id)

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give back a part or the whole."""
        body = {
            "payment_intent": self._intent_of(intent.provider_payment_id),
            "amount": str(intent.amount),
            "metadata[payment]": intent.provider_payment_id,
        }
        return told.refund(self._http.post("/v1/refunds", body, intent.idempotency_key))

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Return a refund as Stripe knows it now."""
        return told.refund(self._http.get(f"/v1/refunds/{_checked_id(provider_id)}"))

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> list[Hint]:
        """Return whom a signed event speaks of; events about other things give no hints."""
        self._check_signature(body, headers.get("stripe-signature") or headers.get("Stripe-Signature", ""))
        try:
            event = json.loads(body)
            kind, subject = str(event["type"]), event["data"]["object"]
            if kind.startswith(("checkout.session.", "payment_intent.")):
                return [Hint(_checked_id(subject["id"]), kind)]
            if kind.startswith(("charge.", "refund.")) and subject.get("payment_intent"):
                return [Hint(_checked_id(subject["payment_intent"]), kind, _checked_id(subject["id"]))]
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, Rejected) as error:
            raise Forged("an event without its fields") from error
        return []

    def callback_answer(self, hints: Sequence[Hint]) -> CallbackAnswer:
        """An empty 200: anything else makes Stripe repeat the event for three days."""
        return CallbackAnswer()

    def _check(self, intent: PaymentIntent) -> None:
        if intent.amount <= 0:
            raise Rejected("invalid_request", "amount", "the amount must be above zero")
        if intent.currency not in self.currencies:
            raise Rejected("invalid_request", "currency", f"{intent.currency} is not among payments.stripe.currencies")

    def _check_signature(self, body: bytes, header: str) -> None:
        """t=<seconds>,v1=<hex>[,v1=<hex>]: HMAC-SHA256 of "t.body" by the endpoint's secret, while it is fresh."""
        parts = [each.partition("=") for each in header.split(",")]
        times = [value for name, _, value in parts if name.strip() == "t" and value.isascii() and value.isdecimal()]
        if len(times) != 1 or len(times[0]) > 12:
            raise Forged("an event without a signature")
        age = self._now() - datetime.fromtimestamp(int(times[0]), UTC)
        if abs(age) > TOLERANCE:
            raise Forged("an event signed at another time")
        right = signature(self._settings.webhook_secret.get_secret_value(), times[0], body)
        if not any(
            hmac.compare_digest(value.encode(), right.encode()) for name, _, value in parts if name.strip() == "v1"
        ):
            raise Forged("an event with another's signature")

    def _list(self, path: str, since: datetime, until: datetime, expand: str) -> Iterator[Json]:
        asked = {
            "created[gte]": str(int(since.timestamp())),
            "created[lt]": str(int(until.timestamp())),
            "limit": str(PAGE),
            "expand[]": expand,
        }
        while True:
            answer = self._http.get(path, asked)
            items = _items(answer)
            yield from items
            last = str(items[-1].get("id", "")) if items else ""
            if answer.get("has_more") is not True or not last or last == asked.get("starting_after"):
                return
            asked["starting_after"] = last

    def _intent_of(self, provider_id: str) -> str:
        if not provider_id.startswith("cs_"):
            return _checked_id(provider_id)
        intent = self._http.get(f"/v1/checkout/sessions/{_checked_id(provider_id)}").get("payment_intent")
        if not intent:
            raise Rejected("not_paid", "payment_intent", "nobody has paid yet")
        return _checked_id(intent)


def signature(secret: str, seconds: str, body: bytes) -> str:
    """Return the v1 signature of an event's body sent at `seconds`."""
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, "sha256").hexdigest()


def _session(intent: PaymentIntent) -> dict[str, str]:
    lines = intent.receipt if intent.receipt and sum(line.amount for line in intent.receipt) == intent.amount else ()
    named = [(line.description, line.amount) for line in lines if line.amount > 0]
    if len(named) != len(lines) or not 0 < len(named) <= PAGE:
        named = [(intent.description, intent.amount)]
    body = {
        "mode": "payment",
        "success_url": intent.return_url,
        "cancel_url": intent.return_url,
        "client_reference_id": intent.public_id,
        "payment_intent_data[description]": intent.description[:MAX_NAME],
        **_SESSION,
        **_metadata(intent, "metadata"),
        **_metadata(intent, "payment_intent_data[metadata]"),
        f"payment_intent_data[metadata][{told.MADE_BY}]": told.A_PAGE,
    }
    for place, (name, amount) in enumerate(named):
        item = f"line_items[{place}]"
        body |= {
            f"{item}[quantity]": "1",
            f"{item}[price_data][currency]": intent.currency.lower(),
            f"{item}[price_data][unit_amount]": str(amount),
            f"{item}[price_data][product_data][name]": name[:MAX_NAME] or "-",
        }
    if intent.hold:
        body["payment_intent_data[capture_method]"] = "manual"
    if intent.save:
        body |= {"payment_intent_data[setup_future_usage]": "off_session", "customer_creation": "always"}
    if intent.contact.email:
        body["customer_email"] = intent.contact.email
    return body


def _metadata(intent: PaymentIntent, where: str) -> dict[str, str]:
    pairs = {**intent.metadata, "payment_id": intent.public_id, "attempt": intent.idempotency_key}
    if len(pairs) > 40 or any(len(name) > 40 or len(value) > 500 for name, value in pairs.items()):
        raise Rejected("invalid_request", "metadata", "at most 40 pairs, names to 40, values to 500 characters")
    return {f"{where}[{name}]": value for name, value in pairs.items()}


def _items(answer: Json) -> list[Json]:
    items: Any = answer.get("data")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise GatewayUnavailable("a list without items")
    return items


def _checked_id(value: object) -> str:
    """An id joins an address: nothing that could change the path is let through."""
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise Rejected("invalid_request", "id", "not an id of this provider")
    return value
