"""One call to Stripe: key, version, idempotency key, form-encoded body, answers turned into outcomes."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from lkportal.modules.payments.contract.errors import GatewayUnavailable, Rejected
from lkportal.modules.payments.gateways.calls import Answer, Calls, Json, checked_key
from lkportal.modules.payments.gateways.settings import StripeSettings

MAX_KEY = 255


class CardRefused(Exception):
    """The bank said no to a charge: `error` says why, `intent` is the payment that did not come to be."""

    def __init__(self, error: Json, intent: Json) -> None:
        super().__init__(str(error.get("code", "")))
        self.error = error
        self.intent = intent


class StripeHttp:
    """The API over `client`, which the caller makes, closes and guards against use inside a unit of work."""

    def __init__(self, settings: StripeSettings, client: httpx2.Client) -> None:
        self._calls = Calls(settings, client)
        self._headers = {
            "Authorization": f"Bearer {settings.secret_key.get_secret_value()}",
            "Stripe-Version": settings.api_version,
        }

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Return the object at `path`."""
        answer = self._calls.ask("GET", path, headers=self._headers, params=dict(params or {}))
        return _outcome(answer, f"GET {path}")

    def post(self, path: str, body: Mapping[str, str], idempotency_key: str) -> Json:
        """Send `body`; it is done at most once for a key. Raises CardRefused for a bank's refusal."""
        headers = {**self._headers, "Idempotency-Key": checked_key(idempotency_key, "Idempotency-Key", MAX_KEY)}
        return _outcome(self._calls.ask("POST", path, headers=headers, data=dict(body)), f"POST {path}")


def _outcome(answer: Answer, call: str) -> Json:
    """200 is an answer, 402 a bank's refusal, other 4xx a refusal; 409, 429, 5xx or nonsense leave the outcome unknown."""
    content, status = answer.content, answer.status
    if status == httpx2.codes.OK and content:
        return content
    error = content.get("error")
    if 400 <= status < 500 and status not in {408, 409, 429} and isinstance(error, dict):
        intent = error.get("payment_intent")
        if error.get("type") == "card_error" and isinstance(intent, dict):
            raise CardRefused(error, intent)
        words = [str(error.get(name) or "")[:200] for name in ("code", "param", "message")]
        raise Rejected(words[0] or str(error.get("type", "")), words[1], words[2], status)
    raise GatewayUnavailable(f"{call}: HTTP {status}", answer.retry_after)
