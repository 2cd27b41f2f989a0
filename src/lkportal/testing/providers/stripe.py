"""A fake of Stripe in memory: sessions of its page, payment intents, refunds, idempotency keys, signed events. As far as the gateway
asks; what it knows of the real one is checked against `localstripe` in the gateway's own tests."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx2
from pydantic import SecretStr

from lkportal.modules.payments.gateways.settings import StripeSettings
from lkportal.modules.payments.gateways.stripe import signature
from lkportal.testing.providers.driver import Callback
from lkportal.testing.providers.fake import FakeApi

KEY, HOOK_SECRET = "sk_test_purse41", "whsec_purse41"
PAGE = "https://checkout.stripe.com"
Json = dict[str, Any]
_CODES = {"no_money": "insufficient_funds", "revoked": "stolen_card"}
_OPERATIONS = (
    (r"POST /v1/checkout/sessions", "create"),
    (r"POST /v1/payment_intents", "create"),
    (r"GET /v1/(checkout/sessions|payment_intents)/\w+", "fetch"),
    (r"POST /v1/payment_intents/\w+/capture", "capture"),
    (r"POST /v1/payment_intents/\w+/cancel", "cancel"),
    (r"POST /v1/refunds", "refund"),
)


class FakeStripe(FakeApi):
    """One account at Stripe, and the driver of the conformance suite."""

    secrets = (KEY, HOOK_SECRET)

    def __init__(self, page: str = PAGE) -> None:
        super().__init__()
        self.page = page
        self.sessions: dict[str, Json] = {}
        self.intents: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self.methods: dict[str, str] = {}
        self.events: list[Json] = []
        self._answers: dict[str, tuple[str, int, Json]] = {}

    def settings(self, **changes: Any) -> StripeSettings:
        """Return settings of this account, with `changes`."""
        known: Json = {
            "secret_key": SecretStr(KEY),
            "webhook_secret": SecretStr(HOOK_SECRET),
            "currencies": ("RUB", "EUR", "USD"),
            "payment_page_origins": (self.page,),
        }
        return StripeSettings(**known | changes)

    def operation(self, request: httpx2.Request) -> str:
        """Return the operation a call belongs to."""
        call = f"{request.method} {request.url.path}"
        return next((name for pattern, name in _OPERATIONS if re.fullmatch(pattern, call)), "")

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Do a call, once for a key."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refusal(401, "invalid_request_error", "", "Invalid API Key provided")
        form = dict(parse_qsl(request.content.decode() if request.method == "POST" else request.url.query.decode()))
        key = request.headers.get("Idempotency-Key", "")
        told = json.dumps([request.url.path, form], sort_keys=True)
        if key in self._answers:
            known, status, body = self._answers[key]
            if known != told:
                return _refusal(400, "idempotency_error", "", "Keys can only be used with the same parameters")
            return httpx2.Response(status, json=body)
        try:
            status, body = 200, self._do(request.method, request.url.path, form)
        except _Refused as refused:
            status, body = refused.status, {"error": refused.error}
        body = json.loads(json.dumps(body))
        if key and request.method == "POST":
            self._answers[key] = (told, status, body)
        return httpx2.Response(status, json=body)

    def pay(self, provider_id: str) -> None:
        """The payer pays on the page."""
        with self.lock:
            session = self.sessions[provider_id]
            session.update(status="complete", payment_status="paid", url=None)
            intent = self._intent(session["amount_total"], session["currency"], session["wish"])
            session["payment_intent"] = intent["id"]
            if intent["setup_future_usage"]:
                intent["customer"] = f"cus_{uuid4().hex[:14]}"
                self.methods[intent["payment_method"]] = ""
            self._collect(intent)
            self._tell("checkout.session.completed", session)

    def decline(self, provider_id: str) -> str:
        """The payer's time runs out: cards that are refused leave the page open."""
        with self.lock:
            self.sessions[provider_id].update(status="expired", url=None)
            self._tell("checkout.session.expired", self.sessions[provider_id])
        return "expired"

    def count(self, public_id: str) -> int:
        """Count what was or can be paid."""
        pages = [each for each in self.sessions.values() if each["status"] != "expired"]
        alone = [each for each in self.intents.values() if "made_by" not in each["metadata"]]
        return sum(each["metadata"].get("payment_id") == public_id for each in [*pages, *alone])

    def given_back(self, public_id: str) -> int:
        """Sum what was given back."""
        ours = [each for each in self.intents.values() if each["metadata"].get("payment_id") == public_id]
        return sum(each["latest_charge"]["amount_refunded"] for each in ours)

    def retell(self, provider_id: str, *, amount: int = 0, currency: str = "", state: str = "") -> bool:
        """Tell of a payment otherwise."""
        session = self.sessions[provider_id]
        intent = self.intents.get(session["payment_intent"] or "")
        if intent is None:
            session.update(status=state or session["status"])
            return not amount and not currency
        intent.update(status=state or intent["status"], currency=currency.lower() or intent["currency"])
        intent["amount_received"] = amount or intent["amount_received"]
        return True

    def turn_saved(self, token: str, reason: str) -> str:
        """Refuse a saved method."""
        self.methods[token.partition("/")[2]] = _CODES[reason]
        return _CODES[reason]

    def callbacks(self, provider_id: str) -> list[Callback]:
        """Return the signed events about a payment."""
        session = self.sessions.get(provider_id, {})
        names = {provider_id, session.get("payment_intent")}
        about = [
            each
            for each in self.events
            if {each["data"]["object"]["id"], each["data"]["object"].get("payment_intent")} & names
        ]
        return [signed(each) for each in about]

    def forgeries(self, callback: Callback) -> list[Callback]:
        """Other bodies, no signature, another's, an old one, broken ones."""
        seconds = str(int(time.time()) - 301)
        old = {"Stripe-Signature": f"t={seconds},v1={signature(HOOK_SECRET, seconds, callback.body)}"}
        broken = [signed(json.loads(body)) for body in ("null", "[]", "{}", '{"type":"charge.refunded","data":1}')]
        crooked = signed({"type": "payment_intent.succeeded", "data": {"object": {"id": "../me"}}})
        return [
            replace(callback, body=callback.body + b" "),
            replace(callback, headers={}),
            replace(callback, headers={"Stripe-Signature": "t=,v1="}),
            signed(json.loads(callback.body), "whsec_other"),
            replace(callback, headers=old),
            *broken,
            crooked,
        ]

    def _do(self, method: str, path: str, form: Mapping[str, str]) -> Json:
        parts = path.removeprefix("/v1/").split("/")
        if method == "GET":
            return self._read(parts, form)
        acts: dict[str, Callable[[], Json]] = {
            "checkout/sessions": lambda: self._open(form),
            "payment_intents": lambda: self._charge(form),
            "refunds": lambda: self._give_back(form),
        }
        if "/".join(parts) in acts:
            return acts["/".join(parts)]()
        if parts[0] == "payment_methods" and parts[-1] == "detach":
            if self.methods.pop(parts[1], None) is None:
                raise _Refused(400, "invalid_request_error", "resource_missing")
            return {"id": parts[1]}
        intent = _found(self.intents, parts[1])
        if intent["status"] != "requires_capture":
            raise _Refused(400, "invalid_request_error", "payment_intent_unexpected_state")
        if parts[-1] == "capture":
            intent.update(status="succeeded", amount_received=int(form["amount_to_capture"]))
            self._tell("payment_intent.succeeded", intent)
        else:
            intent.update(status="canceled", cancellation_reason="requested_by_customer")
            self._tell("payment_intent.canceled", intent)
        return intent

    def _read(self, parts: list[str], form: Mapping[str, str]) -> Json:
        if parts[0] == "refunds":
            return _found(self.refunds, parts[1])
        kind = self.sessions if parts[0] == "checkout" else self.intents
        name = parts[2:] if parts[0] == "checkout" else parts[1:]
        if name:
            return self._shown(_found(kind, name[0]), form)
        since, until = int(form.get("created[gte]", 0)), int(form.get("created[lt]", 10**11))
        wanted = form.get("payment_intent")
        rows = [each for each in reversed(kind.values()) if since <= each["created"] < until]
        rows = [each for each in rows if not wanted or each.get("payment_intent") == wanted]
        if "starting_after" in form:
            rows = rows[[each["id"] for each in rows].index(form["starting_after"]) + 1 :]
        limit = int(form.get("limit", 10))
        return {"data": [self._shown(each, form) for each in rows[:limit]], "has_more": len(rows) > limit}

    def _shown(self, row: Json, form: Mapping[str, str]) -> Json:
        if "payment_intent" in form.get("expand[]", "") and row.get("payment_intent"):
            return {**row, "payment_intent": self.intents[row["payment_intent"]]}
        return row

    def _open(self, form: Mapping[str, str]) -> Json:
        lines = [int(value) for name, value in form.items() if name.endswith("[unit_amount]")]
        if not lines or any(amount <= 0 for amount in lines):
            raise _Refused(400, "invalid_request_error", "parameter_invalid_integer")
        name = f"cs_test_{uuid4().hex}"
        session: Json = {
            "id": name,
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": sum(lines),
            "currency": form["line_items[0][price_data][currency]"],
            "metadata": _inside(form, "metadata"),
            "payment_intent": None,
            "url": f"{self.page}/c/pay/{name}",
            "created": int(time.time()),
            "expires_at": int(time.time()) + 86_400,
            "livemode": False,
            "wish": dict(form),
        }
        self.sessions[name] = session
        return self._shown(session, form)

    def _intent(self, amount: int, currency: str, wish: Mapping[str, str]) -> Json:
        page = "payment_intent_data"
        manual = "manual" in (wish.get("capture_method"), wish.get(f"{page}[capture_method]"))
        method = wish.get("payment_method") or f"pm_{uuid4().hex[:20]}"
        card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031}
        intent: Json = {
            "id": f"pi_{uuid4().hex[:20]}",
            "status": "requires_payment_method",
            "amount": amount,
            "amount_received": 0,
            "currency": currency,
            "metadata": _inside(wish, "metadata") if "payment_method" in wish else _inside(wish, f"{page}[metadata]"),
            "customer": wish.get("customer"),
            "payment_method": method,
            "setup_future_usage": wish.get(f"{page}[setup_future_usage]"),
            "capture_method": "manual" if manual else "automatic",
            "latest_charge": {
                "amount_refunded": 0,
                "payment_method_details": {"type": "card", "card": card},
            },
            "last_payment_error": None,
            "created": int(time.time()),
            "livemode": False,
        }
        self.intents[intent["id"]] = intent
        return intent

    def _collect(self, intent: Json) -> None:
        if intent["capture_method"] == "manual":
            intent["status"] = "requires_capture"
            self._tell("payment_intent.amount_capturable_updated", intent)
        else:
            intent.update(status="succeeded", amount_received=intent["amount"])
            self._tell("payment_intent.succeeded", intent)

    def _charge(self, form: Mapping[str, str]) -> Json:
        if form["payment_method"] not in self.methods:
            raise _Refused(400, "invalid_request_error", "resource_missing")
        intent = self._intent(int(form["amount"]), form["currency"], form)
        code = self.methods[form["payment_method"]]
        if code:
            error = {"type": "card_error", "code": "card_declined", "decline_code": code}
            intent["last_payment_error"] = error
            self._tell("payment_intent.payment_failed", intent)
            raise _Refused(402, "card_error", "card_declined", {**error, "payment_intent": intent})
        self._collect(intent)
        return intent

    def _give_back(self, form: Mapping[str, str]) -> Json:
        intent, amount = _found(self.intents, form["payment_intent"]), int(form["amount"])
        charge = intent["latest_charge"]
        if intent["status"] != "succeeded" or charge["amount_refunded"] + amount > intent["amount_received"]:
            raise _Refused(400, "invalid_request_error", "charge_already_refunded")
        charge["amount_refunded"] += amount
        made = {
            "id": f"re_{uuid4().hex[:20]}",
            "payment_intent": intent["id"],
            "amount": amount,
            "currency": intent["currency"],
            "status": "succeeded",
            "metadata": _inside(form, "metadata"),
        }
        self.refunds[made["id"]] = made
        self._tell("charge.refunded", {"id": f"ch_{intent['id']}", "payment_intent": intent["id"]})
        return made

    def _tell(self, kind: str, subject: Json) -> None:
        self.events.append({"id": f"evt_{uuid4().hex[:20]}", "type": kind, "data": {"object": dict(subject)}})


class _Refused(Exception):
    def __init__(self, status: int, kind: str, code: str, error: Json | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.error = error or {"type": kind, "code": code, "message": code}


def signed(event: Any, secret: str = HOOK_SECRET) -> Callback:
    """Return an event as it is sent now."""
    body, seconds = json.dumps(event).encode(), str(int(time.time()))
    return Callback(body, "203.0.113.9", {"Stripe-Signature": f"t={seconds},v1={signature(secret, seconds, body)}"})


def _refusal(status: int, kind: str, code: str, message: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"type": kind, "code": code, "message": message}})


def _found(rows: Mapping[str, Json], name: str) -> Json:
    if name not in rows:
        raise _Refused(404, "invalid_request_error", "resource_missing")
    return rows[name]


def _inside(form: Mapping[str, str], where: str) -> dict[str, str]:
    return {name[len(where) + 1 : -1]: value for name, value in form.items() if name.startswith(f"{where}[")}
