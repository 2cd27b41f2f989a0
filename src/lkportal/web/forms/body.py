"""Reading a request's body: never more than its route allows, never for longer than a minute, never much of it in memory. What it
means is in formdata."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack
from typing import IO

from starlette.types import Receive, Scope

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text

BODY_SECONDS = 60.0
HELD = 256 * 1024
"""So many bytes of a body are held in memory; a larger one goes to the disk as it comes."""
Body = bytes | IO[bytes]
"""What came: the bytes, or an open file at its start when there are many. Whoever has it closes it."""


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


async def read_body(scope: Scope, receive: Receive, limit: int, seconds: float = BODY_SECONDS) -> Body:
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


async def _counted(receive: Receive, limit: int) -> Body:
    held, size = bytearray(), 0
    with ExitStack() as opened:
        file: IO[bytes] | None = None
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            piece, more = message.get("body", b""), message.get("more_body", False)
            held += piece
            size += len(piece)
            if size > limit:
                raise BodyTooLarge(limit)
            if len(held) > HELD or (file is not None and not more):
                file = file or opened.enter_context(tempfile.TemporaryFile())
                full, held = held, bytearray()
                await asyncio.to_thread(file.write, full)
        if file is None:
            return bytes(held)
        file.seek(0)
        opened.pop_all()
        return file


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value[:18]) if value.isdigit() else 0  # more digits are more than any limit
    return 0
