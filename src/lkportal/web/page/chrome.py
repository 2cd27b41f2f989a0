"""The chrome of pages: what stands around the content and is the same for many people. Rendered once per brand, published
version, language, menu and active item; names, counts, tokens and nonces are slots, filled for each answer."""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from lkportal.core.contributions import MenuItem
from lkportal.core.language.formats import Locale
from lkportal.theming.drawing.drawings import initials
from lkportal.web.page.frame import chosen_mode, current, frame
from lkportal.web.routing import address

if TYPE_CHECKING:
    from lkportal.web.request import Request

_KEPT = 512
Segments = tuple[tuple[str, ...], tuple[str, ...]]


class Slot(str):
    """The mark of a slot: letters and digits only, so that quoting and escaping leave it whole."""

    __slots__ = ("name",)
    name: str


class Count(int):
    """A count above zero whose plural form is that of all who share the piece: decides like a number, shows as a slot."""

    mark: str

    def __str__(self) -> str:
        return self.mark


@dataclass(frozen=True, slots=True)
class Reader:
    """Stands for the request in a piece: what differs from person to person is a slot."""

    locale: Locale
    nonce: Slot
    csrf_token: Slot


class Chrome:
    """Cached pieces of one portal. A piece is a template rendered with slots in it and cut at them."""

    def __init__(self) -> None:
        self._mark = f"lk{secrets.token_hex(8)}q"
        self._cut = re.compile(self._mark + "([a-z_]+)0")
        self._pieces: OrderedDict[tuple[object, ...], Segments] = OrderedDict()
        self._lock = Lock()

    def pieces(self, request: Request, items: tuple[MenuItem, ...]) -> Callable[[str], Markup]:
        """Return the function that draws the piece of `chrome/<name>.html` for this request, its slots filled."""
        visit = request.visit
        shared = (
            visit.site.face,
            visit.site.theme_version,
            visit.locale.code,
            visit.locale.catalogue.digest,
            visit.root,
            request.actor.kind,
            request.menu_account is not None,
            items,
            request.route.module,
            current(items, request),
            chosen_mode(request),
            _plural(request),
        )
        return lambda name: self._piece(request, name, items, (name, shared))

    def _piece(self, request: Request, name: str, items: tuple[MenuItem, ...], key: tuple[object, ...]) -> Markup:
        found = self._pieces.get(key)
        if found is None:
            found = self._render(request, name, items)
            with self._lock:
                self._pieces[key] = found
                while len(self._pieces) > _KEPT:
                    self._pieces.popitem(last=False)
        return Markup(_filled(found, request))  # noqa: S704 - our template, every slot escaped

    def _render(self, request: Request, name: str, items: tuple[MenuItem, ...]) -> Segments:
        visit = request.visit
        routes = visit.edge.routes

        def url(route: str, /, **params: Any) -> str:
            if request.menu_account is not None and routes.takes_account(route):
                params.setdefault("account", self._slot("account_id"))
            return address(request.scope, route, params)

        values = frame(request, url, items)
        values["request"] = Reader(visit.locale, self._slot("nonce"), self._slot("csrf_token"))
        values["person"] = self._slot("person") if request.actor.kind not in ("anonymous", "guest") else ""
        values["initials"] = self._initials
        values["unread"] = self._unread(request.slots["unread"]) if "unread" in request.slots else 0
        whole = visit.edge.environment(visit).get_template(f"chrome/{name}.html").render(values)
        parts = self._cut.split(whole)
        return tuple(parts[::2]), tuple(parts[1::2])

    def _slot(self, name: str) -> Slot:
        slot = Slot(f"{self._mark}{name}0")
        slot.name = name
        return slot

    def _initials(self, name: str) -> str:
        return self._slot(f"{name.name}_initials") if isinstance(name, Slot) else initials(name)

    def _unread(self, value: str) -> Count:
        count = Count(value)
        count.mark = self._slot("unread")
        return count


def _plural(request: Request) -> int:
    """Return the plural form of the unread count in the reader's language, -1 when nothing is unread."""
    value = request.slots.get("unread", "")
    return request.locale.plural(int(value)) if value.isdigit() else -1


def _filled(segments: Segments, request: Request) -> str:
    literals, names = segments
    if not names:
        return literals[0]
    parts = [literals[0]]
    for name, literal in zip(names, literals[1:], strict=True):
        parts.append(fill(request, name))
        parts.append(literal)
    return "".join(parts)


def fill(request: Request, name: str) -> str:
    """Return the escaped value of a slot; one that nobody filled is empty."""
    match name:
        case "nonce":
            return request.nonce
        case "csrf_token":
            return request.csrf_token
        case "person":
            return str(escape(request.actor.name or request.actor.login))
        case "person_initials":
            return str(escape(initials(request.actor.name or request.actor.login)))
        case "account_id":
            return request.menu_account.public_id if request.menu_account else ""
    return str(escape(request.slots.get(name, "")))
