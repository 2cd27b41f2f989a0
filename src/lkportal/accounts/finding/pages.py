"""The page of the search: it asks every module that brings something to find, each within limits, on the reader's own accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.accounts.contract import Reached
from lkportal.accounts.home import places
from lkportal.accounts.routes_settings import shown_entries
from lkportal.accounts.settings import AccountsSettings
from lkportal.core.db import limited
from lkportal.core.i18n import Text
from lkportal.core.policy import AccountRef, signed_in
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider, Typed, read_typed
from lkportal.core.work.running import describe
from lkportal.web import FormModel, Request, ShortText, page, read_query, route
from lkportal.web.page.frame import visible

LEAST = 2
MOST_PAGES = 6


class Registry(Protocol):
    """What is read of the registry."""

    @property
    def search_providers(self) -> tuple[SearchProvider, ...]: ...
    @property
    def search_pages(self) -> tuple[SearchPage, ...]: ...
    @property
    def owners(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Finders:
    """All there is to find in a portal: providers with the module of each, pages by words."""

    providers: tuple[tuple[str, SearchProvider], ...]
    pages: tuple[SearchPage, ...]

    @classmethod
    def of(cls, registry: Registry) -> Finders:
        """Return what the modules of a registry bring."""
        owned = ((registry.owners[f"search_providers:{each.name}"], each) for each in registry.search_providers)
        return cls(tuple(owned), registry.search_pages)


@dataclass(frozen=True, slots=True)
class Group:
    """What one provider found. `failed`: it could not be asked now, which says nothing about what is there."""

    title: Text
    hits: Sequence[Hit]
    failed: bool = False


class FindForm(FormModel):
    """What somebody looks for."""

    q: ShortText = ""


def search(request: Request) -> Response:
    """Show what the words typed find among the reader's own bills, meters, pages and whatever else modules bring."""
    form = read_query(request, FindForm)
    typed = form.data.q.strip() if form.valid else ""
    read = read_typed(typed, request.locale)
    asked = bool(read.words) and len(typed) >= LEAST
    accounts, many = _accounts(request) if asked else ([], False)
    return page(
        request,
        "accounts/search.html",
        200 if form.valid else 422,
        typed=typed,
        groups=_found(request, accounts, read) if asked else [],
        found_pages=_pages(request, read) if asked else [],
        several=len(accounts) > 1,
        only=accounts[0].title if many and accounts else "",
        asked=asked,
        short=bool(typed) and not asked,
    )


def _accounts(request: Request) -> tuple[list[AccountRef], bool]:
    """Return the accounts to look into: all of a person who has few, else the one looked at last (and True)."""
    mine = places.reach(request)
    if not mine.many:
        wanted = [row.public_id for row in mine.rows]
    else:
        wanted = [request.menu_account.public_id] if request.menu_account else []
    reached = request.portal.ports.get(Reached)  # type: ignore[type-abstract]
    person = request.actor.id or 0
    return (reached.having(request.db, person, "accounts.view", wanted) if wanted else []), mine.many


def _found(request: Request, accounts: Sequence[AccountRef], typed: Typed) -> list[Group]:
    settings = request.settings_of("accounts", AccountsSettings)
    deadline = monotonic() + settings.page_ms / 1000
    groups = []
    for owner, each in request.portal.ports.get(Finders).providers:
        own = [account for account in accounts if not each.action or each.action in account.rights]
        if owner in request.closed or not own or monotonic() > deadline:
            continue
        group = _asked(request, owner, each, own, typed, settings.card_ms)
        if group.hits or group.failed:
            groups.append(group)
    return groups


def _asked(
    request: Request, owner: str, provider: SearchProvider, accounts: Sequence[AccountRef], typed: Typed, limit: int
) -> Group:
    today = request.portal.clock.now().astimezone(ZoneInfo(accounts[0].time_zone)).date()
    person, brand = request.actor.id or 0, request.brand
    asked = SearchAsked(request.db, accounts, typed, request.locale, today, request.url, person_id=person, brand=brand)
    try:
        with limited(request.db, limit):
            return Group(provider.title, list(provider.find(asked))[: asked.limit])
    except Exception as error:  # noqa: BLE001 - whatever a plugin does, the rest of the page stands
        kind, where = describe(error)
        request.visit.edge.log.warning(
            "search_failed",
            provider=provider.name,
            module=owner,
            error=kind,
            where=where,
            request_id=request.request_id,
        )
        return Group(provider.title, [], failed=True)


def _pages(request: Request, typed: Typed) -> list[dict[str, Any]]:
    """Return the pages whose title or words fit, as rows of the kit: those of the menu, of modules, of the settings."""
    say, routes, account = request.locale.render, request.visit.edge.routes, request.menu_account
    unused = {name.partition(":")[0] for name in account.unused} if account else set()
    rows: dict[str, dict[str, Any]] = {}
    for item in visible(request):
        if typed.fits(say(item.label)):
            rows[item.route] = {"name": item.label, "text": "", "href": request.url(item.route)}
    for each in request.portal.ports.get(Finders).pages:
        module = each.route.partition(":")[0]
        if each.route not in routes.by_name or module in request.closed | unused or each.route in rows:
            continue
        if routes.takes_account(each.route) and account is None:
            continue
        allowed = not each.action or (account is not None and each.action in account.rights)
        if allowed and typed.fits(say(each.title), say(each.words)):
            rows[each.route] = {"name": each.title, "text": "", "href": request.url(each.route)}
    for entry, row in shown_entries(request):
        if entry.route not in rows and typed.fits(say(entry.title), say(entry.hint)):
            rows[entry.route] = row
    return list(rows.values())[:MOST_PAGES]


FIND_ROUTES = [route("/search", search, name="search", policy=signed_in())]
