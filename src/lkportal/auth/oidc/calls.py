"""Calls to providers: only to the hosts that the settings name, never followed elsewhere, bounded in time and size, strict JSON."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from lkportal.auth.oidc.presets import Provider
from lkportal.auth.oidc.settings import is_safe, origin_of
from lkportal.core import foreign

LONGEST = 256 * 1024
_EACH = 4.0


class ProviderAway(Exception):
    """The provider did not answer in time, or with a failure: try again later. `why` is for logs."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotBelieved(Exception):
    """What came from the provider or the browser is not believed. `why` is one word for the audit, never shown."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Caller:
    """Calls one provider. The setting timeout_seconds bounds a whole answer, however slowly it drips."""

    def __init__(self, provider: Provider, certificate: tuple[str, str] | None = None) -> None:
        self._origins = provider.origins
        self._seconds = provider.table.timeout_seconds
        self._verify = _context(certificate)

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the JSON object at an address. Raises ProviderAway, NotBelieved."""
        return self._call("GET", address, headers or {}, None)

    def post(self, address: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Send a form and return the JSON object of the answer. Raises ProviderAway, NotBelieved."""
        return self._call("POST", address, headers or {}, dict(fields))

    def _call(
        self, method: str, address: str, headers: Mapping[str, str], fields: dict[str, str] | None
    ) -> dict[str, Any]:
        if not is_safe(address.partition("?")[0]) or origin_of(address) not in self._origins:
            raise NotBelieved("host")
        asked = {"accept": "application/json", "accept-encoding": "identity", **headers}
        limits = httpx2.Timeout(min(_EACH, self._seconds))
        try:
            with (
                _hurried(self._seconds) as watch,
                foreign.client(timeout=limits, verify=self._verify, follow_redirects=False) as client,
                client.stream(method, address, headers=asked, data=fields, extensions={"trace": watch}) as answer,
            ):
                _judge(answer)
                body = _body(answer)
        except httpx2.HTTPError as error:
            raise ProviderAway(type(error).__name__) from error
        return strict_object(body)


@contextmanager
def _hurried(seconds: float) -> Iterator[Any]:
    """Hang up after so many seconds, whatever is being read then: limits of single reads do not bound a drip."""
    opened: list[Any] = []

    def watch(event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            opened.append(info["return_value"].get_extra_info("socket"))

    timer = threading.Timer(seconds, _hang_up, [opened])
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()


def _hang_up(opened: list[Any]) -> None:
    for each in opened:
        with suppress(OSError):  # closed already, or wrapped by TLS: that one stands behind it in the list
            each.shutdown(socket.SHUT_RDWR)


def _body(answer: httpx2.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise NotBelieved("encoding")
    parts, size = [], 0
    for part in answer.iter_raw():
        size += len(part)
        if size > LONGEST:
            raise NotBelieved("huge")
        parts.append(part)
    return b"".join(parts)


def _judge(answer: httpx2.Response) -> None:
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ProviderAway(str(answer.status_code))
    if 300 <= answer.status_code < 400:
        raise NotBelieved("redirect")
    if answer.status_code != 200:
        raise NotBelieved(f"status_{answer.status_code}")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise NotBelieved("content_type")


def strict_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object in which no name stands twice and no number is none. Raises NotBelieved."""
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotBelieved("json") from error
    if not isinstance(found, dict):
        raise NotBelieved("json")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotBelieved("duplicate")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _context(certificate: tuple[str, str] | None) -> ssl.SSLContext:
    """Return what connections are checked with: made once, for reading the authorities takes a tenth of a second."""
    context = ssl.create_default_context()
    if certificate:
        context.load_cert_chain(*certificate)
    return context
