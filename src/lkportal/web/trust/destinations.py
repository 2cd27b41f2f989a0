"""Where a visitor may be sent after signing in: a page of ours and nothing else. Foreign and doubtful addresses become home."""

from __future__ import annotations

from urllib.parse import unquote

from lkportal.web.routing import RouteTable

_LONGEST = 1000


def safe_destination(routes: RouteTable, root: str, wanted: str, fallback: str) -> str:
    """Return `wanted` when it is the address of a page of this portal, else `fallback`.

    It must be a plain path of printable ASCII below `root` that resolves to a route answering GET with a page.
    """
    return wanted if is_our_page(routes, root, wanted) else fallback


def is_our_page(routes: RouteTable, root: str, wanted: str) -> bool:
    """Whether `wanted` is a path, perhaps with a query, of a page of ours: no scheme, no host, no tricks of spelling."""
    if not 0 < len(wanted) <= _LONGEST or any(not "!" <= letter <= "~" or letter in "\\#@" for letter in wanted):
        return False
    path = unquote(wanted.partition("?")[0])
    if not path.startswith(root + "/") or any(
        bad in path for bad in ("//", "\\", "\x00", "/./", "/../", "\r", "\n", "@")
    ):
        return False
    if path.endswith(("/.", "/..")) or "%" in path:
        return False
    found = routes.find(path[len(root) :])
    bound = found[0].by_method.get("GET") if found else None
    return bound is not None and bound.spec.kind == "page"
