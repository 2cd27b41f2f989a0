"""One call to YooKassa API v3: credentials, idempotency key, answers turned into outcomes. What the fields mean lives in yookassa.py."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx2

from lkportal.modules.payments.contract.errors import GatewayUnavailable, Rejected
from lkportal.modules.payments.gateways.calls import Answer, Calls, Json, checked_key
from lkportal.modules.payments.gateways.settings import YooKassaSettings

MAX_KEY = 64


class YooKassaHttp:
    """The provider's API over `client`, which the caller makes, closes and guards against use inside a unit of work."""

    def __init__(self, settings: YooKassaSettings, client: httpx2.Client) -> None:
        self._calls = Calls(settings, client)
        self._auth = httpx2.BasicAuth(settings.shop_id, settings.secret_key.get_secret_value())

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Return the JSON object at `path`."""
        answer = self._calls.ask("GET", path, auth=self._auth, params=dict(params or {}))
        return _outcome(answer, f"GET {path}")

    def post(self, path: str, body: Json, idempotency_key: str) -> Json:
        """Send `body`; the provider does it at most once for a key (within 24 hours) and repeats its first answer."""
        key = checked_key(idempotency_key, "Idempotence-Key", MAX_KEY)
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Idempotence-Key": key, "Content-Type": "application/json"}
        return _outcome(
            self._calls.ask("POST", path, auth=self._auth, content=content, headers=headers), f"POST {path}"
        )


def _outcome(answer: Answer, call: str) -> Json:
    """200 is an answer, 4xx a refusal; 202, 429, 5xx, a redirect or nonsense leave the outcome unknown."""
    content, status = answer.content, answer.status
    if status == httpx2.codes.OK and content:
        return content
    if 400 <= status < 500 and status not in {408, 429} and content.get("type") == "error":
        words = {name: str(content.get(name, ""))[:200] for name in ("code", "parameter", "description")}
        raise Rejected(words["code"], words["parameter"], words["description"], status)
    raise GatewayUnavailable(f"{call}: HTTP {status}", _retry_after(content) or answer.retry_after)


def _retry_after(content: Json) -> float | None:
    """The body says it in milliseconds."""
    milliseconds = content.get("retry_after")
    if isinstance(milliseconds, int) and not isinstance(milliseconds, bool) and milliseconds >= 0:
        return milliseconds / 1000
    return None
