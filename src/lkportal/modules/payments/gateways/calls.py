"""What calls to any provider share: one time limit on the whole answer, JSON read without belief, the page a payer is led to.
What an answer means is each adapter's own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2

from lkportal.modules.payments.contract.errors import GatewayUnavailable, Rejected
from lkportal.modules.payments.contract.told import NextStep

MAX_ANSWER = 4 * 1024 * 1024

Json = dict[str, Any]


class Limits(Protocol):
    """The settings of a shop that say where and how long it is called (seconds)."""

    @property
    def base_url(self) -> str:
        """The address of the API, without a slash at its end."""
        ...

    @property
    def timeout(self) -> float:
        """For a whole call."""
        ...

    @property
    def connect_timeout(self) -> float:
        """For the connection alone."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `content` is {} for what is no JSON object; `retry_after` in seconds, when told."""

    status: int
    content: Json
    retry_after: float | None


class Calls:
    """An API over `client`, which the caller makes, closes and guards against use inside a unit of work."""

    def __init__(self, limits: Limits, client: httpx2.Client) -> None:
        self._client = client
        self._base = limits.base_url
        self._limit = limits.timeout
        self._timeout = httpx2.Timeout(limits.timeout, connect=min(limits.connect_timeout, limits.timeout))

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        """Call and return the answer, whatever its status. Raises GatewayUnavailable when none came whole and in time.

        The client's own limits are per packet: an answer that drips would hold the thread for ever.
        """
        deadline = time.monotonic() + self._limit
        try:
            with self._client.stream(
                method, self._base + path, timeout=self._timeout, follow_redirects=False, **request
            ) as answer:
                body = bytearray()
                for chunk in answer.iter_bytes():
                    body += chunk
                    if len(body) > MAX_ANSWER or time.monotonic() > deadline:
                        raise GatewayUnavailable(f"{method} {path}: the answer is too long or did not end in time")
        except httpx2.RequestError as error:
            raise GatewayUnavailable(f"{method} {path}: {type(error).__name__}") from error
        seconds = answer.headers.get("Retry-After", "")
        return Answer(answer.status_code, _object(bytes(body)), float(seconds) if seconds.isdecimal() else None)


def step_to(url: object, origins: Iterable[str]) -> NextStep:
    """Lead the payer to `url`; without one there is nothing for him to do.

    Raises Rejected for a page outside of `origins`: the policy of our page would not let him go there.
    """
    if not isinstance(url, str) or not url:
        return NextStep()
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" not in origins:
        raise Rejected("unexpected_origin", "payment_page_origins", f"the payment page is at {parts.netloc}; add it")
    return NextStep("redirect", url)


def word(whole: Json, name: str) -> str:
    """Return a field that must be a word. Raises GatewayUnavailable: an answer without it cannot be believed."""
    value = whole.get(name)
    if not isinstance(value, str) or not value:
        raise GatewayUnavailable(f"an answer without {name}")
    return value


def checked_key(key: str, name: str, longest: int) -> str:
    """Return an idempotency key that fits into `longest` ASCII characters. Raises Rejected naming the field."""
    if not 0 < len(key) <= longest or not key.isascii():
        raise Rejected("invalid_request", name, f"1 to {longest} ASCII characters are needed")
    return key


def _object(body: bytes) -> Json:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
