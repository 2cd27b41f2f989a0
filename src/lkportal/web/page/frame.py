"""What templates know besides what an endpoint gives them: brand, menu, links, preferences. One builder for pages and chrome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lkportal.core.contributions import DeskGroup, MenuItem
from lkportal.core.i18n import Text, text
from lkportal.web.cookies import MODE, read_cookie

if TYPE_CHECKING:
    from lkportal.web.request import Request

Url = Callable[..., str]
HOME = "accounts:home"
STAFF_HOME = "staff:home"
VIEW_END = "staff:view_end"
LINKS = {
    "notices": "notify:list",
    "search": "accounts:search",
    "settings": "accounts:settings",
    "sign_out": "auth:logout",
}
"""Where the icons of the header lead: shown when some module has a route of that name."""
_MODES = ("light", "dark")
_NOBODY = ("anonymous", "guest")


DESK_GROUPS: Mapping[DeskGroup, Text] = {
    "customers": text("web.desk.customers", "Customers"),
    "work": text("web.desk.work", "Work"),
    "money": text("web.desk.money", "Money"),
    "texts": text("web.desk.texts", "Texts"),
    "settings": text("web.desk.settings", "Settings"),
}
"""Headings of the desk's menu in their order."""
ALL_OPEN = 9
"""A menu with so many entries is shown whole; of a longer one the group of this page."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A menu item ready for a template; its label is shown in the reader's language."""

    label: Text
    url: str
    icon: str
    active: bool


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """Entries of the desk's menu under one heading. `active`: the page is one of them; `open`: they are seen without a press."""

    label: Text
    entries: tuple[MenuEntry, ...]
    active: bool
    open: bool


class Menu:
    """The entries of this person's menu, made when a template walks them; chrome pages only ask whether there are any."""

    def __init__(self, items: tuple[MenuItem, ...], url: Url, current: str) -> None:
        self._items = items
        self._url = url
        self._current = current

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, place: int | slice) -> Any:
        return list(self)[place]

    def __iter__(self) -> Iterator[MenuEntry]:
        return map(self._entry, self._items)

    @property
    def groups(self) -> list[MenuGroup]:
        """The entries under the headings of the desk, those without entries left out."""
        found = []
        for group, label in DESK_GROUPS.items():
            entries = tuple(self._entry(item) for item in self._items if item.group == group)
            active = any(each.active for each in entries)
            if entries:
                found.append(MenuGroup(label, entries, active, active or len(self) <= ALL_OPEN))
        return found

    def _entry(self, item: MenuItem) -> MenuEntry:
        return MenuEntry(item.label, self._url(item.route), item.icon, item.route == self._current)


class Links:
    """`links.settings` and the like: the address, or "" when nobody has such a page."""

    def __init__(self, request: Request, url: Url) -> None:
        self._request = request
        self._url = url

    def __getattr__(self, name: str) -> str:
        return _link(self._request, self._url, LINKS[name]) if name in LINKS else ""


def frame(request: Request, url: Url, items: tuple[MenuItem, ...]) -> dict[str, Any]:
    """Return the names that every template knows; `url` makes addresses, `items` are what the menu shows, `person_layout` is what
    a page extends that customers and the company's people both have of themselves."""
    visit = request.visit
    staff = request.actor.kind == "staff"
    return {
        "asset": visit.edge.asset_address(visit),
        "brand": visit.edge.brand(visit),
        "site": visit.site,
        "url": url,
        "home_url": _link(request, url, STAFF_HOME if staff else HOME) or visit.root + "/",
        "menu": Menu(items, url, current(items, request)),
        "refused": visit.edge.portal.refused if staff else {},
        "find_url": _link(request, url, STAFF_HOME) if staff else "",
        "links": Links(request, url) if request.actor.kind not in _NOBODY else {},
        "prefs": preferences(request),
        "signed_in": request.actor.kind not in _NOBODY,
        "active": request.route.module,
        "person_layout": f"layouts/{'staff' if staff else 'page'}.html",
        "request_id": request.request_id,
    }


def view_of(request: Request) -> dict[str, str] | None:
    """Return what the banner of a view as the customer says: whose pages, until when, where to end it. None without a view."""
    view = request.viewing
    if view is None:
        return None
    zone = ZoneInfo(request.portal.settings.portal.time_zone)
    ends = _link(request, request.url, VIEW_END)
    return {"name": view.name, "until": request.locale.time(view.until.astimezone(zone), zone), "end_url": ends}


def current(items: tuple[MenuItem, ...], request: Request) -> str:
    """Return the route of the menu's entry this page belongs to: its own, else the one whose address its own
    begins with, else the first of its module, else "". A customer's page about no account, such as the settings, is in none."""
    routes = [item.route for item in items]
    if request.route.name in routes:
        return request.route.name
    known = request.visit.edge.routes.by_name
    if request.actor.kind == "customer" and request.route.policy.on != "account":
        return ""
    mine = [name for name in routes if name.partition(":")[0] == request.route.module]
    above = [name for name in mine if name in known and request.route.template.startswith(known[name].template)]
    return max(above, key=lambda name: len(known[name].template), default=mine[0] if mine else "")


def preferences(request: Request) -> dict[str, Any]:
    """Return what a reader may set on any page: language and mode, and where the forms lead."""
    visit = request.visit
    locales = visit.edge.portal.locales
    found: dict[str, Any] = {"mode": chosen_mode(request), "mode_url": visit.root + "/mode"}
    if len(locales.codes) > 1:
        found["languages"] = locales.named
        found["locale_url"] = visit.root + "/language"
    return found


def chosen_mode(request: Request) -> str:
    """Return light or dark as the reader chose, else auto."""
    mode = read_cookie(request, request.site, MODE)
    return mode if mode in _MODES else "auto"


def visible(request: Request) -> tuple[MenuItem, ...]:
    """Return the menu of this person: what the account's rights (or a staff member's permissions) allow and what the account has
    use for, and only where the portal has such a route."""
    portal, routes = request.portal, request.visit.edge.routes
    kind, account = request.actor.kind, request.menu_account
    if kind == "staff":
        allowed, items = request.actor.permissions, portal.staff_menu
    elif kind == "customer":
        allowed, items = account.rights if account else frozenset[str](), portal.menu
    else:
        return ()
    return tuple(
        item
        for item in items
        if (not item.action or item.action in allowed)
        and item.route in routes.by_name
        and (account is None or item.route not in account.unused)
        and item.route.partition(":")[0] not in request.closed
        and (account is not None or not routes.takes_account(item.route))
    )


def _link(request: Request, url: Url, name: str) -> str:
    routes = request.visit.edge.routes
    if name.partition(":")[0] in request.closed:
        return ""
    if name not in routes.by_name or (request.menu_account is None and routes.takes_account(name)):
        return ""
    return url(name)
