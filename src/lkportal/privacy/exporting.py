"""The files of an export: JSON for programs, a paper in the brand for people; HTML where papers cannot be printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from lkportal.core.language.formats import Locale
from lkportal.privacy.collecting import Collected, Held
from lkportal.privacy.labels import in_words, label
from lkportal.privacy.office import Office
from lkportal.theming.papers.pdf import NoPress, Press

FORMAT = "lkportal.export/1"
PAPER_ROWS = 300
"""Rows of one table that the paper shows; the JSON file has all."""
_WIDEST = 6
_MEDIA = {"json": "application/json", "pdf": "application/pdf", "html": "text/html; charset=utf-8"}


def media_type(kind: str) -> str:
    """Return the media type of a file of an export."""
    return _MEDIA[kind]


def made_files(
    office: Office, collected: Collected, locale_code: str, brand: str, moment: datetime
) -> Mapping[str, bytes]:
    """Return the files by kind: json, and pdf or html. Takes a while: call it outside of any unit."""
    locale = office.locales_of(brand).get(locale_code)
    zone = office.settings.portal.time_zone
    whole = {"json": as_json(collected, locale, moment)}
    values = paper_values(collected, locale, zone, moment)
    press = Press(office.theme(brand), office.environment(brand, locale), office.assets, locale)
    try:
        whole["pdf"] = press.pdf("privacy/papers/data.html", values)
    except NoPress:
        whole["html"] = press.html("privacy/papers/data.html", values).encode()
    return whole


def as_json(collected: Collected, locale: Locale, moment: datetime) -> bytes:
    """Return everything as JSON: titles in the reader's language, values as they are kept (money in minor units, UTC)."""
    whole = {
        "format": FORMAT,
        "made_at": moment.isoformat(),
        "language": locale.code,
        "person": collected.person.public_id,
        "tables": [_table(each, locale) for each in collected.held],
        "accounts": [
            {
                "number": account.number,
                "title": account.title,
                "currency": account.currency,
                "tables": [_table(each, locale) for each in account.held],
            }
            for account in collected.accounts
        ],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, default=_plain).encode()


def paper_values(collected: Collected, locale: Locale, zone: str, moment: datetime) -> dict[str, Any]:
    """Return what the paper's template wants: parts with tables of words."""
    parts = [{"title": "", "tables": [_worded(each, locale, zone, "") for each in collected.held]}]
    for account in collected.accounts:
        tables = [_worded(each, locale, account.zone, account.currency) for each in account.held]
        parts.append({"title": account.title, "number": account.number, "tables": tables})
    return {
        "parts": parts,
        "person_name": collected.person.name or (collected.person.contacts or ("",))[0],
        "made": locale.datetime(moment, zone),
        "account": None,
    }


def _table(held: Held, locale: Locale) -> dict[str, Any]:
    return {
        "module": held.module,
        "table": held.table,
        "title": locale.render(held.title),
        "columns": {name: locale.render(label(name, own)) for name, own in held.columns},
        "rows": held.rows,
    }


def _worded(held: Held, locale: Locale, zone: str, currency: str) -> dict[str, Any]:
    shown = held.rows[-PAPER_ROWS:]
    names = [name for name, _ in held.columns if any(row[name] not in (None, "") for row in shown)]
    own = dict(held.columns)
    return {
        "title": locale.render(held.title),
        "columns": [locale.render(label(name, own[name])) for name in names],
        "rows": [[in_words(held.table, name, row, locale, zone, currency) for name in names] for row in shown],
        "wide": len(names) > _WIDEST,
        "more": len(held.rows) - len(shown),
    }


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in an export: declare a column of plain values")
