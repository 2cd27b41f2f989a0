"""One call to Stripe: key, version, idempotency key, form-encoded body, a time limit on the whole call, answers turned into outcomes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from lkportal.modules.payments.contract import GatewayUnavailable, Rejected
from lkportal.modules.payments.gateways.settings import StripeSettings

MAX_ANSWER = 4 * 1024 * 1024
MAX_KEY = 255

Json = dict[str, Any]


class CardRefused(Exception):
    """The bank said no to a charge: `error` says why, `intent` is the payment that did not come to be."""

    def __init__(self, error: Json, intent: Json) -> None:
        super().__init__(str(error.get("code", "")))
        self.error = error
        self.intent = intent


class StripeHttp:
    """The API over `client`, which the caller makes, closes and guards against use inside a unit of work."""

    def __init__(self, settings: StripeSettings, client: httpx2.Client) -> None:
        self._client = client
        self._base = settings.base_url
        self._headers = {
            "Authorization": f"Bearer {settings.secret_key.get_secret_value()}",
            "Stripe-Version": settings.api_version,
        }
        self._limit = settings.timeout
        self._timeout = httpx2.Timeout(settings.timeout, connect=min(settings.connect_timeout, settings.timeout))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Return the object at `path`."""
        return self._call("GET", path, self._headers, params=dict(params or {}))

    def post(self, path: str, body: Mapping[str, str], idempotency_key: str) -> Json:
        """Send `body`; it is done at most once for a key. Raises CardRefused for a bank's refusal."""
        if not 0 < len(idempotency_key) <= MAX_KEY or not idempotency_key.isascii():
            raise Rejected("invalid_request", "Idempotency-Key", f"1 to {MAX_KEY} ASCII characters are needed")
        return self._call("POST", path, {**self._headers, "Idempotency-Key": idempotency_key}, data=dict(body))

    def _call(self, method: str, path: str, headers: Mapping[str, str], **request: Any) -> Json:
        deadline = time.monotonic() + self._limit
        try:
            with self._client.stream(
                method, self._base + path, headers=headers, timeout=self._timeout, follow_redirects=False, **request
            ) as answer:
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER or time.monotonic() > deadline:
                        raise GatewayUnavailable(f"{method} {path}: the answer is too long or did not end in time")
        except httpx2.RequestError as error:
            raise GatewayUnavailable(f"{method} {path}: {type(error).__name__}") from error
        return _outcome(answer, bytes(body), f"{method} {path}")


def _outcome(answer: httpx2.Response, body: bytes, call: str) -> Json:
    """200 is an answer, 402 a bank's refusal, other 4xx a refusal; 409, 429, 5xx or nonsense leave the outcome unknown."""
    content, status = _object(body), answer.status_code
    if status == httpx2.codes.OK and content:
        return content
    error = content.get("error")
    if 400 <= status < 500 and status not in {408, 409, 429} and isinstance(error, dict):
        intent = error.get("payment_intent")
        if error.get("type") == "card_error" and isinstance(intent, dict):
            raise CardRefused(error, intent)
        words = [str(error.get(name) or "")[:200] for name in ("code", "param", "message")]
        raise Rejected(words[0] or str(error.get("type", "")), words[1], words[2], status)
    seconds = answer.headers.get("Retry-After", "")
    raise GatewayUnavailable(f"{call}: HTTP {status}", float(seconds) if seconds.isdecimal() else None)


def _object(body: bytes) -> Json:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
