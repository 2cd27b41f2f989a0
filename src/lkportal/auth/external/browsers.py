"""The cookie of a browser that went elsewhere to sign in: one secret for all its flows, kept for minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lkportal.core.ids import secret_token
from lkportal.web.cookies import Cookie, read_cookie

if TYPE_CHECKING:
    from lkportal.web.request import Request

ELSEWHERE = "lk_elsewhere"
_SECONDS = 20 * 60
_LENGTH = 43


def browser_of(request: Request) -> str:
    """Return the secret this browser holds, or "" for one that went nowhere."""
    held = read_cookie(request, request.site, ELSEWHERE)
    return held if len(held) == _LENGTH else ""


def marked(request: Request) -> str:
    """Return the secret this browser holds, giving it one when it has none; it holds it some minutes longer."""
    secret = browser_of(request) or secret_token()
    request.set_cookie(Cookie(ELSEWHERE, secret, _SECONDS))
    return secret
