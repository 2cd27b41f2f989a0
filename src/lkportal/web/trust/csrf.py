"""Forgery of requests: a form is believed when the browser says it is ours and it carries our token. Both must hold.

The token is a MAC of the session (or of a browser cookie before signing in), masked anew in every answer: compression of a
page that also reflects input gives nothing away (BREACH)."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from lkportal.web.cookies import BROWSER, SESSION, Cookie, read_cookie
from lkportal.web.portal import Site
from lkportal.web.trust.signing import Signing

if TYPE_CHECKING:
    from lkportal.web.request import Request

FIELD = "csrf_token"
HEADER = "x-csrf-token"
_SIZE = 32
_BROWSER_SECONDS = 30 * 24 * 3600
Evidence = Literal["ours", "foreign", "none"]
Outcome = Literal["believed", "foreign", "stale"]


class Csrf:
    """Makes and checks the tokens of one portal."""

    def __init__(self, signing: Signing) -> None:
        self._signing = signing

    def token(self, request: Request) -> str:
        """Return this visitor's token under a fresh mask. Before signing in it is tied to a cookie, sent when it is new."""
        return self._masked(self.binding(request))

    def binding(self, request: Request) -> str:
        """Return what other short-lived secrets may be tied to: the session, or before signing in the browser's cookie."""
        return self._binding(request) or self._new_browser(request)

    def check(self, request: Request) -> Outcome:
        """Judge an unsafe request: foreign (another site sent it), stale (no or an old token), or believed."""
        evidence = sent_by(request.headers, request.site)
        if evidence == "foreign":
            return "foreign"
        typed = request.form_data.get(FIELD) or request.headers.get(HEADER, "")
        binding = self._binding(request)
        if binding and _matches(typed, self._signing.csrf_mac(binding)):
            return "believed"
        return "stale" if evidence == "ours" else "foreign"

    def _binding(self, request: Request) -> str:
        if request.actor.kind != "anonymous":
            session = read_cookie(request, request.site, SESSION)
            if session:
                return f"session:{session}"
        for cookie in request.cookies_out:
            if cookie.name == BROWSER:
                return f"browser:{cookie.value}"
        browser = read_cookie(request, request.site, BROWSER)
        if browser and self._signing.read("browser", browser, _BROWSER_SECONDS):
            return f"browser:{browser}"
        return ""

    def _new_browser(self, request: Request) -> str:
        value = self._signing.sign("browser", secrets.token_urlsafe(16))
        request.set_cookie(Cookie(BROWSER, value))
        return f"browser:{value}"

    def _masked(self, binding: str) -> str:
        mask = secrets.token_bytes(_SIZE)
        return urlsafe_b64encode(mask + _xor(mask, self._signing.csrf_mac(binding))).decode()


def _matches(typed: str, expected: bytes) -> bool:
    try:
        raw = urlsafe_b64decode(typed.encode("ascii"))
    except ValueError:
        return False
    return len(raw) == 2 * _SIZE and hmac.compare_digest(_xor(raw[:_SIZE], raw[_SIZE:]), expected)


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(_SIZE)


def sent_by(headers: Headers, site: Site) -> Evidence:
    """Return what the browser says of the sender: this site, another one, or nothing (old browsers, programs).

    Sec-Fetch-Site cannot be set by a page and comes first; then Origin, compared with the site's public origin and with the
    host asked, which the host check has already approved. "same-site" is another site: a subdomain is not the portal.
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return "ours" if fetch_site in ("same-origin", "none") else "foreign"
    origin = headers.get("origin")
    if origin is None:
        return "none"
    if origin == site.origin:
        return "ours"
    sent = urlsplit(origin)
    scheme = "https" if site.secure else "http"
    return "ours" if sent.scheme == scheme and sent.netloc and sent.netloc == headers.get("host") else "foreign"
