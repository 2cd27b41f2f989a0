"""The cookie of a browser that asked for a code: its own secret, what was typed, by which way, and the page that was wanted. Signed
and short-lived; without the code it opens nothing."""

from __future__ import annotations

import hmac
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, cast

from lkportal.auth.one_time.codes import LASTS, Channel
from lkportal.core.ids import token_hash
from lkportal.web.cookies import Cookie, read_cookie

if TYPE_CHECKING:
    from lkportal.web.request import Request

CODE = "lk_code"
CONTACT = "lk_contact"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser asked for: `browser` is its secret, whose hash the code's row holds."""

    browser: str
    typed: str
    channel: Channel
    wanted: str = ""

    def is_behind(self, browser_hash: str) -> bool:
        """Whether this browser asked for the code of a row."""
        return hmac.compare_digest(token_hash(self.browser), browser_hash)


def asked_of(request: Request, name: str = CODE) -> Asked | None:
    """Return what this browser asked for in the last minutes, or None."""
    sealed = read_cookie(request, request.site, name)
    seconds = int(LASTS.total_seconds())
    kept = request.visit.edge.signing.read(name, sealed, seconds) if sealed else None
    return Asked(str(kept[0]), str(kept[1]), cast(Channel, kept[2]), str(kept[3])) if kept else None


def keep(request: Request, asked: Asked, name: str = CODE) -> None:
    """Leave the cookie in the browser."""
    sealed = request.visit.edge.signing.sign(name, list(astuple(asked)))
    request.set_cookie(Cookie(name, sealed, int(LASTS.total_seconds())))
