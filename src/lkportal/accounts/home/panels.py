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

from lkportal.accounts.home.layout import Layout
from lkportal.accounts.settings import AccountsSettings
from lkportal.core.contributions import Card, Said, Section, Shown
from lkportal.core.databases.prepared import Prepared
from lkportal.core.db import limited
from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef
from lkportal.core.work.running import describe
from lkportal.web import Request

FAILED = "accounts/panel_failed.html"
_PLACES = 6
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
    @property
    def modules(self) -> tuple[Module, ...]: ...


@dataclass(frozen=True, slots=True)
class Offered:
    """A card that a person may arrange. `there`: it has something to show now; `urgent`: hidden, it may still say a line."""

    name: str
    title: Text | str
    there: bool
    urgent: bool


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
    title: Text | str
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

    def cards(self, request: Request, layout: Layout) -> tuple[list[Panel], list[Said]]:
        """Return the dashboard of the request's own account: the cards its rights allow, in the order of this person, and what
        presses although its card is hidden."""
        account = request.own_account
        allowed = _allowed(self._cards, account.rights, request.closed)
        if not layout:
            return self._draw(request, allowed, account, account.rights), []
        by_name = {part.item.name: part for part in allowed}
        names = layout.arranged(list(by_name))
        seen = [by_name[name] for name in names if name not in layout.hidden]
        away = [by_name[name] for name in names if name in layout.hidden]
        panels = self._draw(request, seen, account, account.rights, placed=True)
        return panels, self._said(request, [part for part in away if _presses(part)])

    def offered(self, request: Request) -> list[Offered]:
        """Return the cards the request's person may arrange on this account, in the order of their modules."""
        account = request.own_account
        allowed = _allowed(self._cards, account.rights, request.closed)
        drawing, read = self._begun(request, allowed, account, account.rights)
        return [
            Offered(part.item.name, part.title, drawing.shows(part, rows), _presses(part))
            for part, rows in zip(allowed, read, strict=True)
        ]

    def sections(self, slot: str, request: Request, account: AccountRef, rights: frozenset[str]) -> list[Panel]:
        """Return what fills `slot` of a page about `account`, for a reader with `rights` (a staff member's permissions)."""
        return self._draw(request, _allowed(self._slots.get(slot, ()), rights, request.closed), account, rights)

    def _draw(
        self,
        request: Request,
        parts: Sequence[_Part],
        account: AccountRef,
        rights: frozenset[str],
        *,
        placed: bool = False,
    ) -> list[Panel]:
        drawing, read = self._begun(request, parts, account, rights)
        told = [drawing.told(part, rows) for part, rows in zip(parts, read, strict=True)]
        covered = {values["covers"] for values in told if isinstance(values, Mapping) and values.get("covers")}
        found: list[Panel] = []
        for part, values in zip(parts, told, strict=True):
            given = {"covered": part.item.name in covered, "place": _place(len(found)) if placed else ""}
            panel = drawing.panel(part, values, given)
            if panel is not None:
                found.append(panel)
        return found

    def _said(self, request: Request, parts: Sequence[_Part]) -> list[Said]:
        account = request.own_account
        drawing, read = self._begun(request, parts, account, account.rights)
        said = (drawing.urgent(part, rows) for part, rows in zip(parts, read, strict=True))
        return [each for each in said if each is not None]

    def _begun(
        self, request: Request, parts: Sequence[_Part], account: AccountRef, rights: frozenset[str]
    ) -> tuple[_Drawing, list[Rows | Exception]]:
        today = request.portal.clock.now().astimezone(ZoneInfo(account.time_zone)).date()
        values = {"account_id": account.id, "person_id": request.actor.id, "today": today, "since": year_before(today)}
        read = self._read(request, parts, values) if parts else []
        return _Drawing(request, account, today, rights), read

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

    def told(self, part: _Part, rows: Rows | Exception) -> Mapping[str, Any] | Exception | None:
        """Return the values of a part, what it failed with, or None when it has nothing to show."""
        try:
            return self._values(part, rows)
        except Exception as error:  # noqa: BLE001 - whatever a plugin does, the rest of the page stands
            return error

    def panel(
        self, part: _Part, values: Mapping[str, Any] | Exception | None, given: Mapping[str, Any]
    ) -> Panel | None:
        """Return a part as drawn, the quiet box when it failed, or None when it has nothing to show."""
        item = part.item
        column = item.column if isinstance(item, Card) else "main"
        try:
            if isinstance(values, Exception):
                raise values
            drawn = self._rendered(item.template, {**given, **values}) if values is not None else Markup()
            return Panel(item.name, drawn, column) if drawn.strip() else None
        except Exception as error:  # noqa: BLE001 - whatever a plugin does, the rest of the page stands
            self._tell(part, error)
            return Panel(item.name, self._rendered(FAILED, {}), column, failed=True)

    def shows(self, part: _Part, rows: Rows | Exception) -> bool:
        """Whether a part has something to show; one that fails may have."""
        try:
            return self._values(part, rows) is not None
        except Exception:  # noqa: BLE001 - as above; the page that shows it tells of it
            return True

    def urgent(self, part: _Part, rows: Rows | Exception) -> Said | None:
        """Return what a hidden card says all the same; None when nothing presses or when it failed."""
        try:
            if isinstance(rows, Exception):
                raise rows
            ask = part.item.urgent if isinstance(part.item, Card) else None
            return ask(rows, self._shown(part)) if ask is not None else None
        except Exception as error:  # noqa: BLE001 - as above
            self._tell(part, error)
            return None

    def _values(self, part: _Part, rows: Rows | Exception) -> Mapping[str, Any] | None:
        if isinstance(rows, Exception):
            raise rows
        return part.item.render(rows, self._shown(part))

    def _tell(self, part: _Part, error: Exception) -> None:
        kind, where = describe(error)
        self._request.visit.edge.log.warning(
            "panel_failed",
            panel=part.item.name,
            module=part.owner,
            error=kind,
            where=where,
            request_id=self._request.request_id,
        )

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


def _allowed(parts: Iterable[_Part], rights: frozenset[str], closed: frozenset[str]) -> list[_Part]:
    return [part for part in parts if (not part.item.action or part.item.action in rights) and part.owner not in closed]


def _presses(part: _Part) -> bool:
    return isinstance(part.item, Card) and part.item.urgent is not None


def _place(number: int) -> str:
    """Return the class that puts the card of this number in its place on a phone; there are six, later ones follow."""
    return f"p{number + 1}" if number < _PLACES else ""


def _parts(registry: Registry, hook: str, items: Iterable[Card | Section]) -> tuple[_Part, ...]:
    found, titles = [], {module.name: module.title for module in registry.modules}
    for item in sorted(items, key=lambda each: each.order):
        owner = registry.owners[f"{hook}:{item.name}"]
        if isinstance(item, Card) and item.when is not None and not item.when(registry.settings.get(owner)):
            continue
        reads = {name: Prepared(query) for name, query in item.queries.items()}
        title = (item.title if isinstance(item, Card) else "") or titles[owner]
        found.append(_Part(item, owner, title, registry.settings.get(owner), reads))
    return tuple(found)
