"""The dashboard drawn without any framework: the portal's templates and card functions, called with plain values. The floor and
Django "with our renderer" serve it; what stands around the content is rendered once and filled, as the portal does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from lkportal.accounts.home.places import Here
from lkportal.app import Portal
from lkportal.core.contributions import Shown
from lkportal.core.policy import AccountRef, Actor
from lkportal.web.page.frame import frame, visible
from lkportal.web.request import Request
from lkportal.web.visit import KEY, Visit

_MARKS = {"person": "Lkperson", "initials": "Lkinitials", "account": "lkaccount", "csrf": "lkcsrf"}
_COUNTS = {0: "774401", 1: "774402", 2: "774405", -1: ""}
_CUT = re.compile("(" + "|".join([*_MARKS.values(), *filter(None, _COUNTS.values())]) + ")")
_PLACES = {mark: place for place, mark in enumerate(_MARKS.values())} | {
    count: len(_MARKS) for count in _COUNTS.values()
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page shows: who looks, at which account, the rows of each card by query name, the place with its others."""

    name: str
    unread: int
    account: AccountRef
    rows: Mapping[str, Any]
    here: Here


class Drawing:
    """The dashboard of one portal in its own language, ready to be drawn."""

    def __init__(self, portal: Portal) -> None:
        self._locale = portal.locales.get(None)
        self._environment = portal.environment("default", self._locale)
        self._cards = sorted(portal.registry.cards, key=lambda card: card.order)
        self._settings = {
            card.name: portal.settings_of(portal.registry.owners[f"cards:{card.name}"]) for card in self._cards
        }
        self._templates = {card.name: self._environment.get_template(card.template) for card in self._cards}
        self._page = self._environment.get_template("accounts/home.html")
        self._paths = {name: bound.template for name, bound in portal.edge.routes.by_name.items()}
        self._request = SimpleNamespace(portal=portal, locale=self._locale, nonce="nonce", csrf_token="token")
        self._chrome = {form: _pieces(portal, count) for form, count in _COUNTS.items()}
        request = _stand_in(portal, "")
        made_of = ("accounts/home.html", *(card.template for card in self._cards))
        head = portal.edge.head(request.visit, made_of)
        self._names = {**frame(request, self.address("lkaccount"), visible(request)), "head": head, "flash": []}

    def page(self, facts: Facts) -> str:
        """Return the page as text."""
        account = facts.account
        url = self.address(account.public_id)
        today = datetime.now(UTC).date()
        drawn: dict[str, list[SimpleNamespace]] = {"main": [], "side": []}
        for card in self._cards:
            shown = Shown(account, today, self._locale, url, self._settings[card.name], account.rights)
            values = card.render(facts.rows, shown)
            if values is not None:
                values = {"request": self._request, "account": account, "url": url, **values}
                drawn[card.column].append(SimpleNamespace(html=_Markup(self._templates[card.name].render(values))))
        initials = "".join(word[0] for word in facts.name.split()[:2]).upper()
        filling = (facts.name, initials, account.public_id, "token", str(facts.unread))
        pieces = self._chrome[self._locale.plural(facts.unread) if facts.unread else -1]
        return self._page.render(
            {
                **self._names,
                "request": self._request,
                "account": account,
                "url": url,
                "home_url": url("accounts:home"),
                "unread": facts.unread,
                "chrome": lambda name: _Markup("".join(p if isinstance(p, str) else filling[p] for p in pieces[name])),
                "here": facts.here,
                **drawn,
            }
        )

    def address(self, account: str) -> Callable[..., str]:
        """Return the function that templates and cards call as `url(name)` on pages of `account`."""
        paths = self._paths

        def url(name: str, /, **params: Any) -> str:
            made = paths[name].replace("{account}", params.pop("account", account))
            for key, value in params.items():
                made = made.replace("{" + key + "}", value)
            return made

        return url


class _Markup(str):
    """Text that is not escaped again."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def _pieces(portal: Portal, unread: str) -> dict[str, list[str | int]]:
    request = _stand_in(portal, unread)
    draw = portal.edge.chrome.pieces(request, visible(request))
    made = {name: str(draw(name)) for name in ("header", "foot", "tabs")}
    made["header"] = made["header"].replace(">L<", ">" + _MARKS["initials"] + "<")
    return {name: [_PLACES.get(part, part) for part in _CUT.split(text)] for name, text in made.items()}


def _stand_in(portal: Portal, unread: str) -> Request:
    """Return a request to the dashboard whose person, account and token are marks."""
    edge = portal.edge
    visit = Visit(edge, "")
    bound = edge.routes.by_name["accounts:home"]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "root_path": "", KEY: visit}
    request = Request(scope, bound)
    rights = frozenset(portal.registry.permissions)
    account = AccountRef(1, _MARKS["account"], "1", "", "UTC", "RUB", "default", role="owner", rights=rights)
    request.actor = Actor("customer", 1, "p", f"{_MARKS['person']}", "p", frozenset(), 1)
    request.account = request.menu_account = account
    request._csrf_token = _MARKS["csrf"]
    request.slots = {"unread": unread} if unread else {}
    return request
