"""What would become of each row of a company's table, by the rules a person meets who types it. Reads, never writes.

Accounts that are not the sender's and accounts that do not exist are told apart by nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef
from lkportal.modules.readings import service, views
from lkportal.modules.readings.by_file import queries
from lkportal.modules.readings.by_file.table import Line, Misread
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window

State = Literal["fine", "doubt", "known", "refused"]
OLDEST = timedelta(days=35)
"""How far back a reading of a table may be dated, as one that waited on a device."""
_NO_ACCOUNT = text("readings.file.no_account", "There is no such account among yours.")
_NO_METER = text("readings.file.no_meter", "There is no such meter on this account.")


@dataclass(slots=True)
class Judged:
    """A row and what would become of it. `words` say why, or what is doubted; `added_milli` is what a fine one adds."""

    line: Line
    state: State = "fine"
    words: Text | str = ""
    account: AccountRef | None = None
    dial: Any = None
    day: date | None = None

    @property
    def title(self) -> Text | str:
        """What the meter is called, "" for one that is not known."""
        return views.meter_title(self.dial.resource, self.dial.place) if self.dial is not None else ""


@dataclass(slots=True)
class Verdicts:
    """All rows of a table, judged: those to be written by account and day, and how many had no reading typed."""

    rows: list[Judged]
    misread: list[Misread]
    blank: int
    rules: dict[tuple[int, date], Rules] = field(default_factory=dict)

    def of(self, *states: State) -> list[Judged]:
        """Return the rows in these states, as they stand in the table."""
        return [row for row in self.rows if row.state in states]

    def forms(self) -> list[tuple[AccountRef, date, list[Judged]]]:
        """Return the rows that are fine or doubted as forms: of one account and one day, accounts in the order of their keys,
        days as they go by."""
        found: dict[tuple[int, date], list[Judged]] = {}
        for row in self.of("fine", "doubt"):
            if row.account is not None and row.day is not None:
                found.setdefault((row.account.id, row.day), []).append(row)
        return [(rows[0].account, day, rows) for (_, day), rows in sorted(found.items()) if rows[0].account]


def judge_all(
    connection: Connection,
    accounts: Iterable[AccountRef],
    lines: Sequence[Line],
    misread: list[Misread],
    settings: ReadingsSettings,
    now: datetime,
) -> Verdicts:
    """Judge the rows of a table against the accounts on which the sender may send readings."""
    rows = [Judged(line) for line in lines if line.value_milli is not None]
    verdicts = Verdicts(rows, misread, len(lines) - len(rows))
    _find_accounts(rows, accounts)
    _find_dials(connection, rows, now)
    _refuse_doubles(rows)
    _find_rules(connection, verdicts, settings)
    for account, day, of_form in verdicts.forms():
        _judge_form(of_form, day, verdicts.rules[account.id, day])
    return verdicts


def _refuse(row: Judged, words: Text) -> None:
    row.state, row.words = "refused", words


def _find_accounts(rows: Sequence[Judged], accounts: Iterable[AccountRef]) -> None:
    known = {account.number: account for account in accounts}
    # A spreadsheet that takes a number for a number drops the zeros before it.
    bare: dict[str, AccountRef | None] = {}
    for number, account in known.items():
        short = number.lstrip("0")
        bare[short] = None if short in bare else account
    for row in rows:
        row.account = known.get(row.line.account) or bare.get(row.line.account)
        if row.account is None:
            _refuse(row, _NO_ACCOUNT)


def _find_dials(connection: Connection, rows: Sequence[Judged], now: datetime) -> None:
    wanted = sorted({row.account.id for row in rows if row.account is not None})
    dials = {
        (each.account_id, each.serial.casefold(), each.code): each for each in queries.registers(connection, wanted)
    }
    for row in rows:
        if row.account is None:
            continue
        row.dial = dials.get((row.account.id, row.line.serial.casefold(), row.line.register))
        if row.dial is None:
            _refuse(row, _NO_METER)
            continue
        today = now.astimezone(ZoneInfo(row.account.time_zone)).date()
        row.day = row.line.taken_on or today
        if not today - OLDEST <= row.day <= today:
            words = text(
                "readings.file.day", "The day may be from %(first)s to %(last)s.", first=today - OLDEST, last=today
            )
            _refuse(row, words)
        elif row.dial.last_on is not None and row.day < row.dial.last_on:
            _refuse(row, text("readings.file.older", "A reading of %(day)s is there already.", day=row.dial.last_on))


def _refuse_doubles(rows: Sequence[Judged]) -> None:
    met: dict[str, int] = {}
    for row in rows:
        if row.dial is None:
            continue
        first = met.setdefault(row.dial.register, row.line.line)
        if first != row.line.line:
            words = text(
                "readings.file.twice", "This meter stands in row %(row)s already. Keep one of them.", row=first
            )
            _refuse(row, words)


def _find_rules(connection: Connection, verdicts: Verdicts, settings: ReadingsSettings) -> None:
    days: dict[date, list[int]] = {}
    for account, day, _ in verdicts.forms():
        days.setdefault(day, []).append(account.id)
    for day, accounts in days.items():
        said = queries.rules(connection, accounts, day)
        for account_id in accounts:
            verdicts.rules[account_id, day] = Rules(settings, said.get(account_id, ()))


def _judge_form(rows: Sequence[Judged], day: date, rules: Rules) -> None:
    dials = {row.dial.register: row.dial for row in rows}
    values = values_of(rows)
    try:
        service.weigh(dials, service.Submission(values), window(day, rules.general), rules)
    except service.Refused as refused:
        blame(rows, refused)
    for row in rows:
        if row.state == "fine" and row.dial.last_milli == row.line.value_milli and row.dial.last_on == day:
            row.state, row.words = "known", text("readings.flash.known", "We have these readings already.")


def values_of(rows: Iterable[Judged]) -> Mapping[str, int]:
    """Return register -> value in thousandths: the rows as the form of one account."""
    return {row.dial.register: row.line.value_milli for row in rows if row.line.value_milli is not None}


def blame(rows: Iterable[Judged], refused: service.Refused) -> None:
    """Say of the rows of a form what the rule said of their registers."""
    for row in rows:
        if row.dial.register in refused.errors:
            _refuse(row, refused.errors[row.dial.register])
        elif row.dial.register in refused.doubts:
            row.state, row.words = "doubt", refused.doubts[row.dial.register]
