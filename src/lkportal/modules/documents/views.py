"""What pages show of documents: rows in, plain values for templates out. No database, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lkportal.core.contributions import DocumentKind
from lkportal.core.i18n import Text, text
from lkportal.modules.documents.states import ACTS, ALIVE, DESK_TITLES, TITLES

_ASKS = {
    "agree": text("documents.asks.agree", "Read it and tell whether you agree"),
    "sign": text("documents.asks.sign", "Read it and sign"),
}
_SENT = text("documents.act.sent", "You sent it")
_OWN: Mapping[str, Text] = {
    "send": _SENT,
    "agree": text("documents.own.agree", "You agreed"),
    "sign": text("documents.own.sign", "You signed"),
    "certify": text("documents.own.certify", "You signed by your certificate"),
    "remark": text("documents.own.remark", "Your remarks"),
    "propose": text("documents.own.propose", "You sent your version"),
    "decline": text("documents.own.decline", "You declined"),
    "attach": text("documents.own.attach", "You added a signature file"),
}
"""How the history speaks to the one who acted."""


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document on a page. `status` is (kind, word), `wanted` what is asked of the customer now, "" for nothing."""

    public_id: str
    title: str
    number: str
    kind: Text | str
    icon: str
    state: str
    status: tuple[str, Text]
    wanted: Text | str
    due_on: date | None
    changed_on: date
    alive: bool


@dataclass(frozen=True, slots=True)
class HappeningView:
    """One line of the history. `note` are words written with it, `by` who acted, "" where no name is told."""

    when: datetime
    text: Text
    by: str
    note: str
    version: int
    side: str


def document(row: Any, kind: DocumentKind | None, zone: str, *, desk: bool = False) -> DocumentView:
    """Return a document as its readers meet it, days in their `zone`; `kind` is None when the module that brought it is off."""
    return DocumentView(
        row.public_id,
        row.title,
        row.number,
        kind.title if kind else "",
        kind.icon if kind else "file-text",
        row.state,
        (DESK_TITLES if desk else TITLES)[row.state],
        _ASKS.get(row.asks, "") if row.state == "waiting" else "",
        day_of(row.due_at, zone) if row.due_at and row.state in ALIVE else None,
        day_of(row.changed_at, zone),
        row.state in ALIVE,
    )


def history(rows: Sequence[Any], reader: str) -> list[HappeningView]:
    """Return what happened to a document, the newest first; `reader` is the label of who reads, "" at the desk.

    Names of the company's people are for the desk alone.
    """
    found = []
    for row in reversed(rows):
        private = row.private or {}
        own = bool(reader) and private.get("actor") == reader
        said = _OWN.get(row.act) if own and row.side == "customer" else None
        by = row.who or str(private.get("name", ""))
        if row.side != "customer" and reader:
            by = ""
        words = said or ACTS[(row.side, row.act)]
        note = str(private.get("remark", ""))
        found.append(HappeningView(row.at, words, "" if own else by, note, row.facts.get("version", 0), row.side))
    return found


def day_of(moment: datetime, zone: str) -> date:
    """Return the day of a moment in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
