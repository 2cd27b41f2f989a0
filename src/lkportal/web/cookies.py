"""Cookies: one way to name and write them. Over https they are `__Host-`, Secure; a demo over http gets plain names."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from lkportal.web.portal import Site

SESSION = "lk_session"
BROWSER = "lk_browser"
CROSSING = "lk_crossing"
ENTRY = "lk_entry"
FLASH = "lk_flash"
LOCALE = "lk_locale"
MODE = "lk_mode"


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to send: `max_age` in seconds, None until the browser closes, 0 to delete. Never readable by scripts."""

    name: str
    value: str
    max_age: int | None = None


def cookie_name(site: Site, name: str) -> str:
    """Return the name as browsers know it: `__Host-lk_session` over https, so that no subdomain can plant one."""
    return f"__Host-{name}" if site.secure else name


def read_cookie(connection: HTTPConnection, site: Site, name: str) -> str:
    """Return a cookie's value, or "" when it was not sent."""
    return connection.cookies.get(cookie_name(site, name), "")


def header(site: Site, cookie: Cookie) -> bytes:
    """Return the Set-Cookie header of a cookie: HttpOnly, SameSite=Lax, Path=/, Secure over https."""
    made: SimpleCookie = SimpleCookie()
    name = cookie_name(site, cookie.name)
    made[name] = cookie.value
    morsel = made[name]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "lax"
    if site.secure:
        morsel["secure"] = True
    if cookie.max_age is not None:
        morsel["max-age"] = cookie.max_age
    return morsel.OutputString().encode("latin-1")


def session_cookie(token: str, max_age: int | None = None) -> Cookie:
    """Return the cookie that holds an opaque session id; the server stores only its hash."""
    return Cookie(SESSION, token, max_age)


def forget(name: str) -> Cookie:
    """Return the cookie that deletes another."""
    return Cookie(name, "", 0)
