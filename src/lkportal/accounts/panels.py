"""Cards and sections: what modules show on pages of others. Their statements run here within limits, their templates are
drawn one by one, and one that fails becomes a quiet box and a line of the log. Home uses it for cards, the desk for sections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup

from lkportal.accounts.settings import AccountsSettings
from lkportal.core.contributions import Card, Section, Shown
from lkportal.core.db import limited
from lkportal.core.errors import PortalError
from lkportal.core.jobs_run import describe
from lkportal.core.policy import AccountRef
from lkportal.core.prepared import Prepared
from lkportal.web import Request

FAILED = "accounts/panel_failed.html"
Rows = Mapping[str, Sequence[Any]]


class Registry(Protocol):
    """What is read of the registry."""

    @property
    def cards(self) -> tuple[Card, ...]: ...
    @property
    def sections(self) -> Mapping[str, tuple[Section, ...]]: ...
    @property
    def owners(self) -> Mapping[str, str]: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Panel:
    """A card or section as drawn: `html` is safe markup. `column` is a card's, `failed` says that it is the quiet box."""

    name: str
    html: Markup
    column: str = "main"
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A card or section with the module that brought it: the name for the log and its settings."""

    item: Card | Section
    owner: str
    settings: Any
    reads: Mapping[str, Prepared]


class TooLate(PortalError):
    """The parts before this one took all the time there is for a page."""

    def __init__(self) -> None:
        super().__init__("page_too_slow", "no time was left for this part of the page", 503)


class Panels:
    """All cards and sections of a portal, tabled once for each registry."""

    def __init__(self, registry: Registry, settings: AccountsSettings) -> None:
        self._limits = settings
        self._cards = _parts(registry, "cards", registry.cards)
        self._slots = {slot: _parts(registry, "sections", found) for slot, found in registry.sections.items()}

    def cards(self, request: Request) -> list[Panel]:
        """Return the dashboard of the request's own account: the cards its rights allow, in order."""
        account = request.own_account
        return self._draw(request, self._cards, account, account.rights)

    def sections(self, slot: str, request: Request, account: AccountRef, rights: frozenset[str]) -> list[Panel]:
        """Return what fills `slot` of a page about `account`, for a reader with `rights` (a staff member's permissions)."""
        return self._draw(request, self._slots.get(slot, ()), account, rights)

    def _draw(
        self, request: Request, parts: Iterable[_Part], account: AccountRef, rights: frozenset[str]
    ) -> list[Panel]:
        wanted = [part for part in parts if not part.item.action or part.item.action in rights]
        today = request.portal.clock.now().astimezone(ZoneInfo(account.time_zone)).date()
        values = {"account_id": account.id, "person_id": request.actor.id, "today": today, "since": year_before(today)}
        read = self._read(request, wanted, values)
        drawing = _Drawing(request, account, today, rights)
        drawn = (drawing.panel(part, rows) for part, rows in zip(wanted, read, strict=True))
        return [panel for panel in drawn if panel is not None]

    def _read(self, request: Request, parts: Sequence[_Part], values: dict[str, Any]) -> list[Rows | Exception]:
        """Run the statements of all parts; what failed stands in the place of its rows.

        One limit lies around all of them and each has its own inside: on PostgreSQL the inner ones cost nothing then.
        """
        connection, limit = request.db, self._limits.card_ms
        deadline = monotonic() + self._limits.page_ms / 1000
        read: list[Rows | Exception] = []
        with limited(connection, limit):
            for part in parts:
                try:
                    if monotonic() > deadline:
                        raise TooLate
                    with limited(connection, limit):
                        read.append({name: query.all(connection, values) for name, query in part.reads.items()})
                except Exception as error:  # noqa: BLE001 - whatever a plugin does, the rest of the page stands
                    read.append(error)
        return read


class _Drawing:
    """Drawing the parts of one page."""

    def __init__(self, request: Request, account: AccountRef, today: date, rights: frozenset[str]) -> None:
        self._request = request
        self._account = account
        self._today = today
        self._rights = rights
        self._environment = request.visit.edge.environment(request.visit)

    def panel(self, part: _Part, rows: Rows | Exception) -> Panel | None:
        """Return a part as drawn, the quiet box when it failed, or None when it has nothing to show."""
        item = part.item
        column = item.column if isinstance(item, Card) else "main"
        try:
            if isinstance(rows, Exception):
                raise rows
            values = item.render(rows, self._shown(part))
            if values is None:
                return None
            return Panel(item.name, self._rendered(item.template, values), column)
        except Exception as error:  # noqa: BLE001 - whatever a plugin does, the rest of the page stands
            kind, where = describe(error)
            self._request.visit.edge.log.warning(
                "panel_failed",
                panel=item.name,
                module=part.owner,
                error=kind,
                where=where,
                request_id=self._request.request_id,
            )
            return Panel(item.name, self._rendered(FAILED, {}), column, failed=True)

    def _shown(self, part: _Part) -> Shown:
        return Shown(self._account, self._today, self._request.locale, self._url, part.settings, self._rights)

    def _rendered(self, template: str, values: Mapping[str, Any]) -> Markup:
        self._request.drawn.append(template)
        context = {"request": self._request, "account": self._account, "url": self._url, **values}
        return Markup(self._environment.get_template(template).render(context))  # noqa: S704 - our templates escape

    def _url(self, name: str, /, **params: Any) -> str:
        if self._request.visit.edge.routes.takes_account(name):
            params.setdefault("account", self._account.public_id)
        return self._request.url(name, **params)


def year_before(today: date) -> date:
    """Return the first day of this month a year ago: twelve whole months and the one under way."""
    month = today.year * 12 + today.month - 13
    return date(month // 12, month % 12 + 1, 1)


def _parts(registry: Registry, hook: str, items: Iterable[Card | Section]) -> tuple[_Part, ...]:
    found = []
    for item in sorted(items, key=lambda each: each.order):
        owner = registry.owners[f"{hook}:{item.name}"]
        if isinstance(item, Card) and item.when is not None and not item.when(registry.settings.get(owner)):
            continue
        reads = {name: Prepared(query) for name, query in item.queries.items()}
        found.append(_Part(item, owner, registry.settings.get(owner), reads))
    return tuple(found)
