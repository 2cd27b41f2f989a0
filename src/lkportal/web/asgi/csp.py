"""The one content security policy and the headers that go with every answer. What may load is decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from lkportal.core.settings import WebTable
from lkportal.web.portal import Site
from lkportal.web.visit import Frames

REPORT_PATH = "/csp-report"
TRUSTED_TYPES = ("htmx", "portal-worker")
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
Header = tuple[bytes, bytes]


class Policies:
    """The security headers of one portal, put together once; only the nonce and a route's own origins change by answer."""

    def __init__(self, settings: WebTable, origins: Sequence[str]) -> None:
        self._assets = (settings.assets_url,) if settings.assets_url else ()
        self._frames = settings.frame_ancestors
        self._origins = tuple(origins)
        self._bases: dict[tuple[str, str, bool, bool], list[Header]] = {}
        self._frozen: dict[tuple[str, tuple[str, ...], bool, str], tuple[str, str]] = {}

    def headers(self, site: Site, root: str, frames: Frames = "", *, quiet: bool = False) -> list[Header]:
        """Return the headers that are the same for every answer of a site; the list is shared, do not change it.

        `quiet` answers have an address that is a secret: no link tells it on, no machine keeps it.
        """
        key = (site.public_url, root, frames == "shown", quiet)
        found = self._bases.get(key)
        if found is None:
            found = self._bases[key] = self._base(site, root, framed=frames == "shown", quiet=quiet)
        return found

    def policy(self, site: Site, root: str, nonce: str, origins: tuple[str, ...], frames: Frames = "") -> bytes:
        """Return the content security policy of one answer. Without a nonce no script runs at all."""
        key = (root, origins, site.secure, frames)
        found = self._frozen.get(key)
        if found is None:
            found = self._frozen[key] = self._parts(site, root, origins, frames)
        before, after = found
        scripts = f"'nonce-{nonce}'" if nonce else "'none'"
        return f"{before}{scripts}{after}".encode()

    def _parts(self, site: Site, root: str, origins: tuple[str, ...], shown: Frames) -> tuple[str, str]:
        own = " ".join(("'self'", *self._assets))
        forms = " ".join(dict.fromkeys(("'self'", *self._origins, *origins)))
        frames = " ".join((*self._frames, *(["'self'"] if shown == "shown" else []))) or "'none'"
        after = [
            f"style-src {own}",
            f"img-src {own} data:",
            f"font-src {own}",
            f"manifest-src {own}",
            "connect-src 'self'",
            "worker-src 'self'",
            f"form-action {forms}",
            f"frame-ancestors {frames}",
            *(["frame-src 'self'"] if shown == "shows" else []),
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {' '.join(TRUSTED_TYPES)}",
            f"report-uri {root}{REPORT_PATH}",
            "report-to csp",
        ]
        if site.secure:
            after.append("upgrade-insecure-requests")
        return "default-src 'none'; script-src ", "; " + "; ".join(after)

    def _base(self, site: Site, root: str, *, framed: bool, quiet: bool) -> list[Header]:
        pairs = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer" if quiet else "same-origin",
            "permissions-policy": _PERMISSIONS,
            "cross-origin-opener-policy": "same-origin",
            "reporting-endpoints": f'csp="{root}{REPORT_PATH}"',
        }
        if quiet:
            pairs["x-robots-tag"] = "noindex, nofollow, noarchive"
        if not self._frames:
            pairs["x-frame-options"] = "SAMEORIGIN" if framed else "DENY"
        if site.secure:
            pairs["strict-transport-security"] = "max-age=31536000; includeSubDomains"
        return [(name.encode(), value.encode()) for name, value in pairs.items()]
