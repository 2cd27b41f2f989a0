"""What pages and cards show of news: rows in, plain values for templates out. No database, no request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Locale
from lkportal.core.language.prose import Block, blocks
from lkportal.modules.news import wording

_RANGE = re.compile(r"(?<=\d)-(?=\d)")
"""The hyphen that people type between two houses; it is shown as a dash."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item on a page. `kind` is the notice's (bad, warn, ok, inf), `status` a word for what it is now."""

    public_id: str
    outage: bool
    open: bool
    title: Text | str
    when: Text | str
    status: Text
    kind: str
    symbol: str
    body: list[Block]
    places: tuple[str, ...]
    important: bool
    day: date | None
    has_read: bool


def item(row: Any, zone: str, locale: Locale, today: date | None = None) -> ItemView:
    """Return an item as its readers meet it, in the time of `zone`."""
    words = wording.said(row.texts, locale.code)
    outage = row.kind == "outage"
    kind, status, symbol = _state(row, outage, words)
    return ItemView(
        public_id=row.public_id,
        outage=outage,
        open=row.state == "published",
        title=wording.outage_title(row.service, row.cause, ended=row.state == "closed")
        if outage
        else words.get("title", ""),
        when=_when(row, zone, locale, today) if outage else "",
        status=status,
        kind=kind,
        symbol=symbol,
        body=blocks(words.get("body", "")),
        places=tuple(_RANGE.sub("–", place) for place in row.places),
        important=row.important,
        day=row.published_at.date() if row.published_at else None,
        has_read=bool(getattr(row, "has_read", False)),
    )


def _when(row: Any, zone: str, locale: Locale, today: date | None) -> Text:
    def clock(moment: Any) -> str:
        return locale.time(moment, zone)

    if row.state == "closed" and row.ended_at:
        return wording.ended(row.ended_at, zone, clock)
    return wording.when(row.begins_at, row.expected_end, zone, clock, today)


def _state(row: Any, outage: bool, words: Any) -> tuple[str, Text, str]:
    if not outage:
        status = text("news.state.important", "Important") if row.important else text("news.state.news", "Announcement")
        return ("warn" if row.important else "inf"), status, ("triangle-alert" if row.important else "megaphone")
    if row.state == "closed":
        return "ok", text("news.state.back", "It works again"), "circle-check"
    if row.cause == "planned":
        return "warn", wording.CAUSES["planned"], "triangle-alert"
    return "bad", wording.CAUSES["accident"], "circle-alert"
