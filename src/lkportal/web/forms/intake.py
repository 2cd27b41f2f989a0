"""Bodies too large for memory: taken in piece by piece, each written in a thread, so that a slow sender holds none.
Small bodies are read whole in body; what is done with the pieces is the route's affair."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

from starlette.types import Receive

from lkportal.web.forms.body import BODY_SECONDS, BodyTooSlow, Disconnected

PIECE = 1 << 20
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


class Intake(Protocol):
    """Takes a body in. `write` may refuse with a PortalError; `close` is called once, whatever happened, also when the sender
    went away in the middle: what was written till then is for it to keep or to drop."""

    def write(self, piece: bytes) -> None: ...
    def close(self) -> None: ...


async def take_in(receive: Receive, intake: Intake, run: Run, seconds: float = BODY_SECONDS) -> None:
    """Hand the body to `intake` in pieces of about a megabyte. No piece may take longer than `seconds` to come.

    Raises Disconnected, BodyTooSlow, and what `intake` raises.
    """
    held = bytearray()
    try:
        more = True
        while more:
            async with asyncio.timeout(seconds):
                message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            held += message.get("body", b"")
            more = message.get("more_body", False)
            if len(held) >= PIECE:
                piece, held = bytes(held), bytearray()
                await run(partial(intake.write, piece))
    except TimeoutError:
        raise BodyTooSlow from None
    finally:
        await run(partial(_end, intake, bytes(held)))


def _end(intake: Intake, rest: bytes) -> None:
    try:
        if rest:
            intake.write(rest)
    finally:
        intake.close()
