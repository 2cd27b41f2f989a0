"""What pages show of tickets: rows in, plain values for templates out. No database, no request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lkportal.core.i18n import Text
from lkportal.core.request_types import RequestType
from lkportal.modules.tickets.service import number
from lkportal.modules.tickets.states import ALIVE, DESK_TITLES, MARKS, NEW, TITLES, WAITING
from lkportal.modules.tickets.types import CHAT


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket on a page. `status` is (kind, word), `unread` whether the company wrote last and the reader has not seen it."""

    public_id: str
    number: str
    subject: str
    type: Text | str
    icon: str
    state: str
    status: tuple[str, Text]
    unread: bool
    changed_at: datetime
    alive: bool
    is_chat: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """Something written: `by` is its author's name, "" for the company where no name is told; `files` are rows."""

    side: str
    inner: bool
    by: str
    paragraphs: tuple[str, ...]
    status: tuple[str, Text] | None
    written_at: datetime
    files: Sequence[Any]
    mine: bool


def ticket(row: Any, kind: RequestType | None, *, desk: bool = False) -> TicketView:
    """Return a ticket as its readers meet it; `kind` is None when the module that brought its type is off."""
    titles = DESK_TITLES if desk else TITLES
    return TicketView(
        row.public_id,
        number(row.id),
        row.subject,
        kind.title if kind else "",
        kind.icon if kind else "message-square",
        row.state,
        titles[row.state],
        bool(getattr(row, "unread", False)),
        row.changed_at,
        row.state in ALIVE,
        row.type == CHAT.name,
    )


def messages(
    rows: Sequence[Any], files: Mapping[int, Sequence[Any]], reader: int, *, desk: bool = False
) -> list[MessageView]:
    """Return what was written in a ticket, oldest first."""
    titles = DESK_TITLES if desk else TITLES
    return [
        MessageView(
            row.side,
            row.inner,
            row.who or "",
            tuple(part.strip() for part in row.body.split("\n\n") if part.strip()),
            titles.get(row.state) or MARKS.get(row.state),
            row.written_at,
            files.get(row.id, ()),
            row.identity_id == reader,
        )
        for row in rows
    ]


def term(row: Any) -> datetime | None:
    """Return until when something is promised of a ticket now: its first answer, then that it is solved. None while nothing is."""
    due: datetime | None = None
    if row.state == NEW:
        due = row.answer_due
    elif row.state in ALIVE and row.state != WAITING:
        due = row.solve_due
    return due


def facts(row: Any, kind: RequestType | None, day: Any) -> list[tuple[Text | str, Text | str]]:
    """Return (question, answer) of what the form of a type asked; `day` writes a date."""
    if kind is None:
        return []
    found: list[tuple[Text | str, Text | str]] = []
    for each in kind.fields:
        answer = row.facts.get(each.name)
        if answer is None:
            continue
        words: Text | str = dict(each.options).get(answer, answer)
        found.append((each.label, day(answer) if each.kind == "date" else words))
    return found
