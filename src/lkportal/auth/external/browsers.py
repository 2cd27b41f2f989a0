"""The cookie of a browser that went elsewhere to sign in: one secret for all its flows, kept for minutes. And which session began so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lkportal.auth.door.arriving import renewed
from lkportal.auth.external import links
from lkportal.core.ids import secret_token
from lkportal.core.unit import open_unit
from lkportal.web.cookies import SESSION, Cookie, read_cookie

if TYPE_CHECKING:
    from lkportal.auth.door.entering import Door
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


def renew(request: Request, here: Door) -> None:
    """Give the session a new token: its person came by a way in, or lost one."""
    with open_unit(here.database, here.circumstances) as db:
        renewed(request, db)


def remember(request: Request, here: Door, link_id: int, sid: str) -> None:
    """Note which session, if one began, came from a link: the provider may end it."""
    token = next((cookie.value for cookie in request.cookies_out if cookie.name == SESSION and cookie.value), "")
    if token:
        with open_unit(here.database, here.circumstances) as db:
            links.remember_session(db, link_id, token, sid)
