"""Tables that companies take from the portal: all their meters with an empty column to fill in, and the rows that were not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef
from lkportal.core.sheets.writing import Cell, Column, Kind, Sheet, xlsx
from lkportal.modules.readings.views import meter_title

_ACCOUNT = text("readings.import.account", "Account")
_SERIAL = text("readings.import.serial", "Serial number")
_REGISTER = text("readings.import.register", "Register")
_VALUE = text("readings.import.value", "Reading")
_DAY = text("readings.import.taken_on", "Date")
_METERS: Sequence[tuple[Text, Kind]] = (
    (_ACCOUNT, "text"),
    (text("readings.file.place", "Where"), "text"),
    (text("readings.history.meter", "Meter"), "text"),
    (_SERIAL, "text"),
    (_REGISTER, "text"),
    (text("readings.file.was", "It was"), "number"),
    (text("readings.file.was_on", "On the day"), "day"),
    (_VALUE, "number"),
    (_DAY, "day"),
)
_REJECTS: Sequence[tuple[Text, Kind]] = (
    (text("readings.file.row", "Row"), "text"),
    (_ACCOUNT, "text"),
    (_SERIAL, "text"),
    (_REGISTER, "text"),
    (_VALUE, "text"),
    (_DAY, "text"),
    (text("readings.file.why", "Why it was not taken"), "text"),
)


def meters_sheet(accounts: Mapping[int, AccountRef], registers: Iterable[Any], say: Callable[[Text], str]) -> bytes:
    """Return a workbook of all meters, whose column of readings is empty: filled in, it is sent back as it is."""
    rows = _meters(accounts, registers, say)
    return _workbook(text("readings.title", "Meter readings"), _METERS, rows, say)


def rejects_sheet(rejects: Iterable[Sequence[str]], say: Callable[[Text], str]) -> bytes:
    """Return a workbook of the rows that were not taken, with why: mended, it is sent back as it is."""
    return _workbook(text("readings.file.rejects", "Not taken"), _REJECTS, rejects, say)


def _meters(
    accounts: Mapping[int, AccountRef], registers: Iterable[Any], say: Callable[[Text], str]
) -> Iterator[Sequence[Cell]]:
    for row in registers:
        account = accounts[row.account_id]
        title = say(meter_title(row.resource, row.place))
        yield (
            account.number,
            account.title,
            title,
            row.serial,
            row.code,
            int(row.last_milli),
            row.last_on,
            None,
            None,
        )


def _workbook(
    name: Text, columns: Sequence[tuple[Text, Kind]], rows: Iterable[Sequence[Cell]], say: Callable[[Text], str]
) -> bytes:
    return xlsx([Sheet(say(name), [Column(say(title), kind) for title, kind in columns], rows)])
