"""Reading a request's body: never more than its route allows, never for longer than a minute. What the bytes mean is in formdata."""

from __future__ import annotations

import asyncio
import ctypes
import sys

from starlette.types import Receive, Scope

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text

BODY_SECONDS = 60.0
LARGE = 1 << 20
"""A body above so many bytes leaves holes in memory that are given back: see `give_back`."""


class BodyTooLarge(PortalError):
    """The body is larger than the route allows; the rest of it was not read."""

    def __init__(self, limit: int) -> None:
        message = text(
            "web.body.too_large", "This is too large: at most %(kib)s KB can be sent here.", kib=limit // 1024
        )
        super().__init__("body_too_large", message, 413)


class BodyTooSlow(PortalError):
    """The body did not arrive in time."""

    def __init__(self) -> None:
        message = text("web.body.too_slow", "The form did not arrive in time. Check the connection and send it again.")
        super().__init__("body_too_slow", message, 408)


class Disconnected(Exception):
    """The visitor went away before the body was complete: there is nobody to answer."""


async def read_body(scope: Scope, receive: Receive, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """Return the whole body. Content-Length is believed only when it refuses: the bytes are counted as they come.

    Raises BodyTooLarge, BodyTooSlow, Disconnected.
    """
    if _declared(scope) > limit:
        raise BodyTooLarge(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _counted(receive, limit)
    except TimeoutError:
        raise BodyTooSlow from None


async def _counted(receive: Receive, limit: int) -> bytes:
    chunks = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunks += message.get("body", b"")
        if len(chunks) > limit:
            raise BodyTooLarge(limit)
        if not message.get("more_body", False):
            return bytes(chunks)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value[:18]) if value.isdigit() else 0  # more digits are more than any limit
    return 0


def give_back() -> None:
    """Let the allocator give back to the system what large bodies took: glibc alone keeps it for the life of the process, in each
    thread that had one. Elsewhere this does nothing."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
