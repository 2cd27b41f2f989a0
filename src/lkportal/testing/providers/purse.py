"""The smallest provider and gateway that keep every promise: all of it in memory, no network. An example for authors of gateways,
and what the suite's own tests break on purpose."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from lkportal.modules.payments.contract import (
    Ability,
    CallbackAnswer,
    Created,
    Declined,
    Forged,
    GatewayPayment,
    GatewayRefund,
    GatewayUnavailable,
    Hint,
    NextStep,
    PaymentIntent,
    PaymentStatus,
    RefundIntent,
    Rejected,
    SavedMethod,
    Way,
)
from lkportal.testing.providers.driver import Callback, Operation

_STATUSES: Mapping[str, PaymentStatus] = {
    "new": "pending",
    "held": "authorized",
    "done": "succeeded",
    "over": "canceled",
}
_REASONS = {"no_money": "empty", "revoked": "gone"}


@dataclass
class Purse:
    """The provider: its books and the strings behind them. It is its own driver."""

    secret: str = "purse-secret-41"
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    moods: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key by which gateways sign in and callbacks are signed."""
        return (self.secret,)

    def call(self, secret: str, operation: str, key: str = "", **wish: Any) -> dict[str, Any]:
        """Do one call as the API would; once for a key. Raises Refusal, Silence."""
        if secret != self.secret:
            raise Refusal("wrong_key")
        mood, seconds = self._mood(operation)
        if mood == "busy":
            raise Silence(seconds)
        told = json.dumps(wish, sort_keys=True)
        if key and key in self.answers:
            known, answer = self.answers[key]
            if known != told:
                raise Refusal("key_reused")
        else:
            answer = getattr(self, f"_{operation}")(**wish)
            self.answers[key] = (told, answer) if key else ("", {})
        if mood:
            raise Silence
        return dict(answer)

    def pay(self, provider_id: str) -> None:
        """The payer pays."""
        payment = self.payments[provider_id]
        payment["state"] = "held" if payment["hold"] else "done"
        if payment["save"]:
            payment["method"] = f"kept-{uuid4().hex}"
            self.methods[payment["method"]] = ""

    def decline(self, provider_id: str) -> str:
        """The payment ends without money."""
        self.payments[provider_id].update(state="over", reason="empty")
        return "empty"

    def lose_answer(self, operation: Operation) -> None:
        """Do the next call, answer nothing."""
        self.moods.append((operation, "lost", 0))

    fail_after = talk_nonsense = lose_answer

    def be_busy(self, operation: Operation, seconds: int) -> None:
        """Do nothing at the next call."""
        self.moods.append((operation, "busy", seconds))

    def count(self, public_id: str) -> int:
        """Count what was or can be paid."""
        return sum(each["order"] == public_id and each["state"] != "over" for each in self.payments.values())

    def given_back(self, public_id: str) -> int:
        """Sum what was given back."""
        return sum(each["back"] for each in self.payments.values() if each["order"] == public_id)

    def retell(self, provider_id: str, *, amount: int = 0, currency: str = "", state: str = "") -> bool:
        """Tell of a payment otherwise."""
        changes = {"amount": amount, "currency": currency, "state": state}
        self.payments[provider_id].update({name: value for name, value in changes.items() if value})
        return True

    def turn_saved(self, token: str, reason: str) -> str:
        """Refuse a saved method."""
        self.methods[token] = _REASONS[reason]
        return self.methods[token]

    def callbacks(self, provider_id: str) -> list[Callback]:
        """Return the one genuine callback."""
        body = json.dumps({"payment": provider_id}).encode()
        return [Callback(body, "127.0.0.1", {"x-purse": signature(self.secret, body)})]

    def forgeries(self, callback: Callback) -> list[Callback]:
        """Another body, no signature, a signature by another key."""
        other = json.dumps({"payment": "p999"}).encode()
        return [
            replace(callback, body=other),
            replace(callback, headers={}),
            replace(callback, headers={"x-purse": signature("guess", callback.body)}),
            replace(callback, body=b"", headers={"x-purse": signature(self.secret, b"")}),
        ]

    def _mood(self, operation: str) -> tuple[str, int]:
        operation = "create" if operation == "charge" else operation
        for place, (of, mood, seconds) in enumerate(self.moods):
            if of == operation:
                del self.moods[place]
                return mood, seconds
        return "", 0

    def _create(self, **wish: Any) -> dict[str, Any]:
        state = {"id": f"p{len(self.payments) + 1}", "state": "new", "back": 0, "reason": "", "method": ""}
        payment = {**wish, **state, "at": datetime.now(UTC).isoformat()}
        self.payments[payment["id"]] = payment
        return payment

    def _charge(self, *, token: str, **wish: Any) -> dict[str, Any]:
        if token not in self.methods:
            raise Refusal("no_such_method")
        payment = self._create(**wish)
        refused = self.methods[token]
        payment.update(state="over" if refused else "done", reason=refused)
        return payment

    def _fetch(self, *, payment: str) -> dict[str, Any]:
        if payment not in self.payments:
            raise Refusal("not_found")
        return self.payments[payment]

    def _list(self) -> dict[str, Any]:
        return {"items": list(self.payments.values())}

    def _capture(self, *, payment: str, amount: int) -> dict[str, Any]:
        held = self._fetch(payment=payment)
        if held["state"] != "held" or amount > held["amount"]:
            raise Refusal("not_held")
        held.update(state="done", amount=amount)
        return held

    def _cancel(self, *, payment: str) -> dict[str, Any]:
        held = self._fetch(payment=payment)
        if held["state"] != "held":
            raise Refusal("not_held")
        held.update(state="over", reason="released")
        return held

    def _refund(self, *, payment: str, amount: int) -> dict[str, Any]:
        paid = self._fetch(payment=payment)
        if paid["state"] != "done" or paid["back"] + amount > paid["amount"]:
            raise Refusal("too_much")
        paid["back"] += amount
        made = {"id": f"r{len(self.refunds) + 1}", "payment": payment, "amount": amount, "currency": paid["currency"]}
        self.refunds[made["id"]] = made
        return made

    def _fetch_refund(self, *, refund: str) -> dict[str, Any]:
        if refund not in self.refunds:
            raise Refusal("not_found")
        return self.refunds[refund]


class Refusal(Exception):
    """The provider says no, and why."""


class Silence(Exception):
    """The provider does not answer; or asks to come back in so many seconds."""


class PurseGateway:
    """The adapter: turns the provider's words into the contract's, and knows nothing else."""

    name = "purse"
    title = "Purse"
    origins = ("https://purse.example",)
    ways: frozenset[Way] = frozenset({"wallet"})
    currencies = frozenset({"RUB", "EUR"})
    abilities: frozenset[Ability] = frozenset({"hold", "refund", "refund_part", "save", "list"})

    def __init__(self, provider: Purse, secret: str = "") -> None:
        self._provider = provider
        self._secret = secret or provider.secret

    def create(self, intent: PaymentIntent) -> Created:
        """Ask for a payment."""
        told = self._ask("create", intent.idempotency_key, **_wish(intent))
        return Created(self._payment(told), NextStep("redirect", f"{self.origins[0]}/{told['id']}"))

    def charge_saved(self, intent: PaymentIntent) -> Created:
        """Take money by a saved method."""
        payment = self._payment(self._ask("charge", intent.idempotency_key, token=intent.method, **_wish(intent)))
        if payment.status == "canceled":
            raise Declined(payment)
        return Created(payment, NextStep())

    def forget(self, token: str) -> None:
        """Forget a saved method."""
        self._provider.methods.pop(token, None)

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Return a payment."""
        return self._payment(self._ask("fetch", payment=provider_id))

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Return the payment of a key."""
        return next((each for each in self.created_between(since, until) if each.metadata["attempt"] == key), None)

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """Yield the payments of a time."""
        for each in self._ask("list")["items"]:
            if since <= datetime.fromisoformat(each["at"]) < until:
                yield self._payment(each)

    def capture(self, provider_id: str, amount: int, currency: str, idempotency_key: str) -> GatewayPayment:
        """Take held money."""
        return self._payment(self._ask("capture", idempotency_key, payment=provider_id, amount=amount))

    def cancel(self, provider_id: str, idempotency_key: str) -> GatewayPayment:
        """Release held money."""
        return self._payment(self._ask("cancel", idempotency_key, payment=provider_id))

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give money back."""
        return _refund(
            self._ask("refund", intent.idempotency_key, payment=intent.provider_payment_id, amount=intent.amount)
        )

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Return a refund."""
        return _refund(self._ask("fetch_refund", refund=provider_id))

    def parse_callback(self, body: bytes, headers: Mapping[str, str], peer_ip: str) -> list[Hint]:
        """Return what a signed callback points at."""
        if not hmac.compare_digest(headers.get("x-purse", ""), signature(self._secret, body)):
            raise Forged(f"a callback from {peer_ip} without our provider's signature")
        try:
            return [Hint(json.loads(body)["payment"], "payment.changed")]
        except (ValueError, TypeError, LookupError) as error:
            raise Forged("a callback without its fields") from error

    def callback_answer(self, hints: Sequence[Hint]) -> CallbackAnswer:
        """Say thanks."""
        return CallbackAnswer()

    def _ask(self, operation: str, key: str = "", **wish: Any) -> dict[str, Any]:
        try:
            return self._provider.call(self._secret, operation, key, **wish)
        except Refusal as refusal:
            raise Rejected(str(refusal)) from None
        except Silence as silence:
            raise GatewayUnavailable(operation, silence.args[0] if silence.args else None) from None

    def _payment(self, told: Mapping[str, Any]) -> GatewayPayment:
        status = _STATUSES.get(told["state"], "unknown")
        if status == "succeeded" and told["back"]:
            status = "refunded" if told["back"] >= told["amount"] else "refunded_part"
        return GatewayPayment(
            provider_id=told["id"],
            status=status,
            amount=told["amount"],
            currency=told["currency"],
            refunded=told["back"],
            paid=told["state"] in ("held", "done"),
            reason="method_revoked" if told["reason"] == "gone" else told["reason"],
            saved=SavedMethod(told["method"], "Purse", "wallet") if told["method"] else None,
            metadata={"attempt": told["attempt"], "payment_id": told["order"]},
            created_at=datetime.fromisoformat(told["at"]),
            expires_at=datetime.fromisoformat(told["at"]) + timedelta(days=7),
        )


def signature(secret: str, body: bytes) -> str:
    """Return what a callback's header says."""
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def _wish(intent: PaymentIntent) -> dict[str, Any]:
    if intent.amount <= 0 or intent.currency not in PurseGateway.currencies:
        raise Rejected("invalid_request", "amount")
    return {
        "amount": intent.amount,
        "currency": intent.currency,
        "order": intent.public_id,
        "attempt": intent.idempotency_key,
        "hold": intent.hold,
        "save": intent.save,
    }


def _refund(told: Mapping[str, Any]) -> GatewayRefund:
    return GatewayRefund(told["id"], told["payment"], "succeeded", told["amount"], told["currency"])
