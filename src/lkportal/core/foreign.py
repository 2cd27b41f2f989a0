"""Calls to other systems: never inside a unit of work, always with a time limit.
Intent is committed first, the result is written in a second unit."""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any

import httpx2

from lkportal.core.db import in_unit


class ForeignCallInUnit(RuntimeError):
    """Another system was called inside a unit of work: a slow answer there holds a connection and the write lock."""


def guard(what: str = "another system") -> None:
    """Raise ForeignCallInUnit when a unit of work is open. Clients that do not speak HTTP (SMTP, LDAP) call it first."""
    if in_unit():
        raise ForeignCallInUnit(
            f"A call to {what} inside a unit of work: commit the intent first, call outside, write the result in a new unit"
        )


def client(*, timeout: float | httpx2.Timeout, **options: Any) -> httpx2.Client:
    """Return an HTTP client whose every request is refused inside a unit of work.

    `timeout` is required (seconds, or an httpx2.Timeout); `options` are those of httpx2.Client. Proxies and credentials
    of the environment are not used unless `trust_env=True` is given; redirects are not followed by default.
    """
    hooks = dict(options.pop("event_hooks", {}))
    hooks["request"] = [_refuse_inside_unit, *hooks.get("request", [])]
    options.setdefault("trust_env", False)
    if not options["trust_env"]:
        options.setdefault("verify", _authorities())
    return httpx2.Client(timeout=timeout, event_hooks=hooks, **options)


@cache
def _authorities() -> ssl.SSLContext:
    """Return whom this machine trusts, read once for a process: it takes 20 ms, more than many a call."""
    return httpx2.create_ssl_context(trust_env=False)


def _refuse_inside_unit(request: httpx2.Request) -> None:
    guard(request.url.host)
