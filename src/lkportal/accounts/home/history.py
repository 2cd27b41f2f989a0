"""The history of an account in words: rows of the audit in, lines for the page out. Who writes them is audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.module import Action
from lkportal.core.policy import Actor

_YOU = text("accounts.history.you", "You")
_PORTAL = text("accounts.history.portal", "Automatically")
_COMPANY = text("accounts.history.company", "The company")
_SOMEBODY = text("accounts.history.somebody", "Another person of this account")
_GUEST = text("accounts.history.guest", "By a signed link")
_REFUSED = text("accounts.history.refused", "Refused")


@dataclass(frozen=True, slots=True)
class Actions:
    """What all installed modules call the acts of people, by the code that audit keeps."""

    titles: Mapping[str, Action]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what happened, when, by whom. `count` is above one when the same was done several times at once."""

    at: datetime
    what: Text
    by: Text | str
    note: Text | str = ""
    count: int = 1


def lines(rows: Sequence[Any], actions: Actions, people: Mapping[str, Any], reader: Actor) -> list[Line]:
    """Return rows of the port AccountHistory as lines; the same act within one minute is told once with its count."""
    return [
        _line(list(group), actions, people, reader)
        for _, group in groupby(rows, key=lambda row: (row.action, row.actor, row.outcome, _minute(row.at)))
    ]


def told(rows: Iterable[Any], actions: Actions) -> list[Any]:
    """Return the rows that a customer is told: not the pages somebody was refused, which are for the company to see."""
    return [row for row in rows if row.outcome != "refused" or row.action in actions.titles]


def named(rows: Iterable[Any]) -> set[str]:
    """Return the public ids of the people that rows name."""
    return {label.partition(":")[2] for row in rows for label in (row.actor, row.on_behalf_of or "") if ":" in label}


def _line(group: Sequence[Any], actions: Actions, people: Mapping[str, Any], reader: Actor) -> Line:
    row = group[0]
    action = actions.titles.get(row.action)
    what = action.title if action else text("accounts.history.other", "Another act (%(code)s)", code=row.action)
    note = _REFUSED if row.outcome == "refused" else ""
    return Line(row.at, what, _who(row.actor, people, reader), note, len(group))


def _who(label: str, people: Mapping[str, Any], reader: Actor) -> Text | str:
    """Name who acted: "You", a person by name, the company, the portal itself."""
    kind, _, public = label.partition(":")
    if public == reader.public_id and public:
        return _YOU
    known = people.get(public)
    if kind == "staff":
        return (
            text("accounts.history.staff", "%(name)s, the company", name=known.name)
            if known and known.name
            else _COMPANY
        )
    if kind == "customer":
        return known.name if known and known.name else _SOMEBODY
    return _GUEST if kind == "guest" else _PORTAL


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
