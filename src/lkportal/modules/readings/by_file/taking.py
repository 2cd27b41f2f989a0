"""A company's table kept until it is confirmed, then taken: account by account, each reading once, whatever comes between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.i18n import Text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.core.unit import context, now
from lkportal.modules.readings import service
from lkportal.modules.readings.by_file.judging import Judged, Verdicts, blame, values_of
from lkportal.modules.readings.models import FileSending
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window

CHANNEL = "file"
KEPT = timedelta(days=1)
"""How long a table waits to be confirmed."""
_AT_ONCE = 40
_MOST_NAME = 120
_DONE = (
    update(FileSending)
    .where(FileSending.public_id == bindparam("sending"), FileSending.state == "shown")
    .values(state="taken", taken=bindparam("count"), rejects=bindparam("told"), file_key="")
)
_OLD = (
    select(FileSending.id, FileSending.file_key)
    .where(FileSending.state == "shown", FileSending.sent_at < bindparam("before"))
    .limit(500)
)
_FORGET = delete(FileSending).where(FileSending.id.in_(bindparam("ids", expanding=True)))
Unit = Callable[[], AbstractContextManager[Session]]


def keep(db: Session, account: AccountRef, name: str, file_key: str, rows: int) -> str:
    """Keep a table that somebody sent from an account until they confirm it; return its public id."""
    row = {
        "public_id": public_id(),
        "account_id": account.id,
        "actor": context(db).actor.label,
        "name": name[:_MOST_NAME],
        "file_key": file_key,
        "rows": rows,
        "sent_at": now(db),
        "rejects": [],
    }
    db.execute(insert(FileSending), row)
    return str(row["public_id"])


def take(unit: Unit, sending: str, verdicts: Verdicts, confirmed: frozenset[str], settings: ReadingsSettings) -> None:
    """Write the rows that are fine and the doubts that were confirmed (registers), some accounts to a unit.

    What a unit wrote stays when a later one fails; taken again, the readings of this table are known by their token. A row that
    is refused now, because somebody was quicker, is a reject like the others.
    """
    forms = verdicts.forms()
    for start in range(0, len(forms), _AT_ONCE):
        with unit() as db:
            for account, day, rows in forms[start : start + _AT_ONCE]:
                _take_form(db, sending, account, day, rows, confirmed, verdicts, settings)


def _take_form(
    db: Session,
    sending: str,
    account: AccountRef,
    day: date,
    rows: Sequence[Judged],
    confirmed: frozenset[str],
    verdicts: Verdicts,
    settings: ReadingsSettings,
) -> None:
    chosen = [row for row in rows if row.state == "fine" or row.dial.register in confirmed]
    if not chosen:
        return
    rules = verdicts.rules[account.id, day]
    data = service.Submission(values_of(chosen), confirmed, token=f"{sending}:{day:%y%m%d}")
    try:
        with db.begin_nested():
            service.submit(db, account, data, window(day, rules.general), settings, CHANNEL, rules=rules)
    except service.Refused as refused:
        blame(chosen, refused)
        return
    for row in chosen:
        row.state = "known"


def finish(db: Session, sending: str, verdicts: Verdicts, say: Callable[[Text], str]) -> None:
    """Note what became of a table: how many of its rows are in, and the others with why. Done once."""
    count = len(verdicts.of("known"))
    db.execute(_DONE, {"sending": sending, "count": count, "told": [list(row) for row in told(verdicts, say)]})


def told(verdicts: Verdicts, say: Callable[[Text], str]) -> Iterator[tuple[str, ...]]:
    """Yield what is not taken, as it stood: row, account, serial, register, value, day, why; by rows of the table."""
    found: list[tuple[int, tuple[str, ...]]] = [
        (bad.line, (str(bad.line), "", "", "", _plain(bad.said), "", _misread(bad, say))) for bad in verdicts.misread
    ]
    for row in verdicts.of("refused", "doubt"):
        line = row.line
        value = _number(line.value_milli or 0)
        day = f"{line.taken_on}" if line.taken_on else ""
        found.append(
            (line.line, (str(line.line), line.account, line.serial, line.register, value, day, _said(row.words, say)))
        )
    return (cells for _, cells in sorted(found, key=lambda each: each[0]))


def forget_old(db: Session, moment: datetime) -> list[str]:
    """Let go of tables nobody confirmed for a day; return the keys of their files, at most 500."""
    rows = db.execute(_OLD, {"before": moment - KEPT}).all()
    if rows:
        db.connection().execute(_FORGET, {"ids": [row.id for row in rows]})
    return [row.file_key for row in rows]


def _misread(bad: Any, say: Callable[[Text], str]) -> str:
    named = _said(bad.column, say)
    return f"{named}: {say(bad.why)}" if named else say(bad.why)


def _said(words: Text | str, say: Callable[[Text], str]) -> str:
    return say(words) if isinstance(words, Text) else words


def _plain(said: str) -> str:
    return said.replace("\x00", "\ufffd")


def _number(milli: int) -> str:
    whole, part = divmod(abs(milli), 1000)
    return f"{'-' if milli < 0 else ''}{whole}" + (f",{part:03}".rstrip("0") if part else "")
