"""One call to T-Bank, API v2: JSON signed by the terminal's password, answers turned into outcomes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx2

from lkportal.modules.payments.contract.errors import GatewayUnavailable, Rejected
from lkportal.modules.payments.gateways.calls import Answer, Calls, Json
from lkportal.modules.payments.gateways.settings import TBankSettings

TROUBLE = frozenset({"9999", "402", "403"})
"""Codes that say "our own trouble, try again": what was asked may or may not have been done."""


class TBankHttp:
    """The API over `client`, which the caller makes, closes and guards against use inside a unit of work."""

    def __init__(self, settings: TBankSettings, client: httpx2.Client) -> None:
        self._calls = Calls(settings, client)
        self._settings = settings

    def call(self, method: str, wish: Json) -> Json:
        """Call a method and return its answer. Raises Rejected when the answer says that nothing was done."""
        body = {**wish, "TerminalKey": self._settings.terminal_key}
        body["Token"] = token(body, self._settings.password.get_secret_value())
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        return _outcome(self._calls.ask("POST", f"/{method}", content=content, headers=headers), method)


def token(body: Mapping[str, Any], password: str) -> str:
    """Return the signature of a message: SHA-256 of its plain root values and the password, in the order of their names."""
    plain = {name: value for name, value in body.items() if name != "Token" and not isinstance(value, dict | list)}
    plain["Password"] = password
    words = "".join(_word(plain[name]) for name in sorted(plain) if plain[name] is not None)
    return hashlib.sha256(words.encode()).hexdigest()


def is_signed(notice: Mapping[str, Any], settings: TBankSettings) -> bool:
    """Whether a notification was signed by who knows the terminal's password."""
    right = token(notice, settings.password.get_secret_value())
    told = str(notice.get("Token", "")).lower()
    return hmac.compare_digest(told.encode(), right.encode()) and notice.get("TerminalKey") == settings.terminal_key


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _outcome(answer: Answer, method: str) -> Json:
    content, status = answer.content, answer.status
    if status == httpx2.codes.OK and content.get("Success") is True:
        return content
    code = str(content.get("ErrorCode", ""))
    if status == httpx2.codes.OK and content.get("Success") is False and code not in TROUBLE:
        raise Rejected(code, "", f"{content.get('Message', '')} {content.get('Details', '')}"[:200].strip(), status)
    raise GatewayUnavailable(f"{method}: HTTP {status} {code}".rstrip(), answer.retry_after)
