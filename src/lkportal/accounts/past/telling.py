"""The history of an account in words: rows of the audit in, lines for the page out. Who writes them is audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.module import Action, Module, names
from lkportal.core.policy import Actor

YOU = text("accounts.history.you", "You")
PORTAL = text("accounts.history.portal", "Automatically")
COMPANY = text("accounts.history.company", "The company")
SOMEBODY = text("accounts.history.somebody", "Another person of this account")
GUEST = text("accounts.history.guest", "By a signed link")
DONE = text("accounts.history.done", "Done")
_REFUSED = text("accounts.history.refused", "Refused")
_SITE = text("accounts.history.via_site", "On the site")
_DESK = text("accounts.history.via_desk", "At the company's desk")
_API = text("accounts.history.via_api", "By a system of the company")
_VIA = {
    "offline": text("accounts.history.via_offline", "In the app, without network"),
    "autopay": text("accounts.history.via_autopay", "By autopay"),
}


@dataclass(frozen=True, slots=True)
class Actions:
    """What all installed modules call the acts of people, by the code that audit keeps; what the modules are called; and which
    acts need a right of their reader, by module ("payments" -> "payments.view"); `permissions` are the titles of rights: a page that
    somebody was refused is kept under its right. `on` are the names of the modules that are on: of them acts are offered to choose from."""

    titles: Mapping[str, Action]
    modules: Mapping[str, Text | str] = field(default_factory=dict)
    rights: Mapping[str, str] = field(default_factory=dict)
    permissions: Mapping[str, Text | str] = field(default_factory=dict)
    on: frozenset[str] = frozenset()

    @classmethod
    def of(cls, titles: Mapping[str, Action], installed: Iterable[Module], on: Iterable[Module]) -> Actions:
        """Return the acts of installed modules, some of which are on."""
        modules = list(installed)
        rights = {
            module.name: each.name
            for module in modules
            for each in module.permissions
            if each.name == f"{module.name}.view"
        }
        permissions = {each.name: each.title for module in modules for each in module.permissions}
        called = {module.name: module.title for module in modules}
        return cls(titles, called, rights, permissions, frozenset(names(list(on))))


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what happened, when, by whom, through what. `count` is above one when the same was done several times at once;
    `amount` is the money of it in minor units of the account's currency; `plain`: the way goes without saying."""

    at: datetime
    what: Text
    by: Text | str
    note: Text | str = ""
    count: int = 1
    amount: int | None = None
    via: Text | str = ""
    plain: bool = True


def lines(rows: Sequence[Any], actions: Actions, people: Mapping[str, Any], reader: Actor) -> list[Line]:
    """Return rows of the port AccountHistory as lines; the same act within one minute is told once with its count."""
    return [
        replace(line(mates[0], actions, people, reader), count=len(mates))
        for _, group in groupby(rows, key=lambda row: (row.action, row.actor, row.outcome, _minute(row.at), row.detail))
        if (mates := list(group))
    ]


def line(row: Any, actions: Actions, people: Mapping[str, Any], reader: Actor) -> Line:
    """Return one row as a line."""
    action = actions.titles.get(row.action)
    what = action.title if action else text("accounts.history.other", "Another act (%(code)s)", code=row.action)
    note = _REFUSED if row.outcome == "refused" else ""
    detail = row.detail if isinstance(row.detail, dict) else {}
    amount, via = detail.get("amount"), _VIA.get(str(detail.get("via", "")))
    return Line(
        row.at,
        what,
        _who(row.actor, people, reader),
        note,
        amount=amount if isinstance(amount, int) else None,
        via=via or _way(row.actor),
        plain=via is None and not row.actor.startswith("system:"),
    )


def told(rows: Iterable[Any], actions: Actions) -> list[Any]:
    """Return the rows that a customer is told: not the pages somebody was refused, which are for the company to see."""
    return [row for row in rows if row.outcome != "refused" or row.action in actions.titles]


def named(rows: Iterable[Any]) -> set[str]:
    """Return the public ids of the people that rows name."""
    return {label.partition(":")[2] for row in rows for label in (row.actor, row.on_behalf_of or "") if ":" in label}


def _way(label: str) -> Text | str:
    """Return through what an act came, as far as its doer tells."""
    kind, _, public = label.partition(":")
    known = {"customer": _SITE, "guest": GUEST, "staff": _DESK}
    return _API if kind == "system" and public else known.get(kind, PORTAL)


def _who(label: str, people: Mapping[str, Any], reader: Actor) -> Text | str:
    """Name who acted: "You", a person by name, the company, the portal itself."""
    kind, _, public = label.partition(":")
    if public == reader.public_id and public:
        return YOU
    known = people.get(public)
    if kind == "staff":
        return (
            text("accounts.history.staff", "%(name)s, the company", name=known.name)
            if known and known.name
            else COMPANY
        )
    if kind == "customer":
        return known.name if known and known.name else SOMEBODY
    if kind == "system" and public:
        return _API
    return GUEST if kind == "guest" else PORTAL


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
