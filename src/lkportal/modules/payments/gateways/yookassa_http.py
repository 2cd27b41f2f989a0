"""One call to YooKassa API v3: credentials, idempotency key, a time limit on the whole call, answers turned into outcomes.
What the fields mean lives in yookassa.py."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from lkportal.modules.payments.contract import GatewayUnavailable, Rejected
from lkportal.modules.payments.gateways.settings import YooKassaSettings

MAX_ANSWER = 4 * 1024 * 1024
MAX_KEY = 64

Json = dict[str, Any]


class YooKassaHttp:
    """The provider's API over `client`, which the caller makes, closes and guards against use inside a unit of work."""

    def __init__(self, settings: YooKassaSettings, client: httpx2.Client) -> None:
        self._client = client
        self._base = settings.base_url
        self._auth = httpx2.BasicAuth(settings.shop_id, settings.secret_key.get_secret_value())
        self._limit = settings.timeout
        self._timeout = httpx2.Timeout(settings.timeout, connect=min(settings.connect_timeout, settings.timeout))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Return the JSON object at `path`."""
        return self._call("GET", path, params=dict(params or {}))

    def post(self, path: str, body: Json, idempotency_key: str) -> Json:
        """Send `body`; the provider does it at most once for a key (within 24 hours) and repeats its first answer."""
        if not 0 < len(idempotency_key) <= MAX_KEY or not idempotency_key.isascii():
            raise Rejected("invalid_request", "Idempotence-Key", f"1 to {MAX_KEY} ASCII characters are needed")
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Idempotence-Key": idempotency_key, "Content-Type": "application/json"}
        return self._call("POST", path, content=content, headers=headers)

    def _call(self, method: str, path: str, **request: Any) -> Json:
        deadline = time.monotonic() + self._limit
        try:
            with self._client.stream(
                method, self._base + path, auth=self._auth, timeout=self._timeout, follow_redirects=False, **request
            ) as answer:
                body = _read(answer, deadline)
        except httpx2.RequestError as error:
            raise GatewayUnavailable(f"{method} {path}: {type(error).__name__}") from error
        return _outcome(answer, body, f"{method} {path}")


def _read(answer: httpx2.Response, deadline: float) -> bytes:
    """The client's own limits are per packet: an answer that drips would hold the thread for ever."""
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise GatewayUnavailable(f"the answer is longer than {MAX_ANSWER} bytes")
        if time.monotonic() > deadline:
            raise GatewayUnavailable("the answer did not end in time")
    return bytes(body)


def _outcome(answer: httpx2.Response, body: bytes, call: str) -> Json:
    """200 is an answer, 4xx a refusal; 202, 429, 5xx, a redirect or nonsense leave the outcome unknown."""
    content = _object(body)
    status = answer.status_code
    if status == httpx2.codes.OK and content:
        return content
    if 400 <= status < 500 and status not in {408, 429} and content.get("type") == "error":
        words = {name: str(content.get(name, ""))[:200] for name in ("code", "parameter", "description")}
        raise Rejected(words["code"], words["parameter"], words["description"], status)
    raise GatewayUnavailable(f"{call}: HTTP {status}", _retry_after(content, answer.headers))


def _object(body: bytes) -> Json:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _retry_after(content: Json, headers: httpx2.Headers) -> float | None:
    """The body says it in milliseconds, the header in seconds."""
    milliseconds = content.get("retry_after")
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool) and milliseconds >= 0:
        return milliseconds / 1000
    seconds = headers.get("Retry-After", "")
    return float(seconds) if seconds.isdecimal() else None
