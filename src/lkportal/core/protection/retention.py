"""How long something of a person is kept, as modules write it: "5 years after closing" read into a small typed form.
Who deletes what is over is privacy; which tables hold what is declared in module."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "year"]
CLOSING = "closing"
"""The word of "5 years after closing": the day the account was closed."""
MOMENTS = ("created_at", "at", "issued_on", "submitted_at", "started_at", "asked_at", "taken_on", "as_of", "seen_at")
"""Where a rule without "after" counts from: the first of these columns that a table has."""
_RULE = re.compile(r"([1-9][0-9]{0,3}) (day|week|month|year)s?(?: after ([a-z][a-z_]*))?")
_SETTING = re.compile(r"([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Retention:
    """A time after a moment: `after` is a column of the table, CLOSING, or "" for the moment the row began.

    `setting` instead names the setting ("notify.keep_letters_days") by which the module itself deletes old rows.
    """

    count: int = 0
    unit: Unit = "day"
    after: str = ""
    setting: str = ""

    def over_before(self, now: datetime) -> datetime:
        """Return the moment of which everything earlier is over. The 29th of February becomes the 28th."""
        if self.unit in ("day", "week"):
            return now - timedelta(days=self.count * (7 if self.unit == "week" else 1))
        months = now.year * _MONTHS + now.month - 1 - self.count * (_MONTHS if self.unit == "year" else 1)
        year, month = divmod(months, _MONTHS)
        return _on_day(now, max(1, year), month + 1)


def parse_retention(words: str) -> Retention | None:
    """Return the rule that `words` say, None for "" (as long as the person or the account is there).

    Forms: "90 days", "5 years after closing", "3 years after revoked_at", "notify.keep_letters_days".
    Raises ValueError with a sentence for anything else.
    """
    if not words:
        return None
    rule = _RULE.fullmatch(words)
    if rule is not None:
        return Retention(int(rule[1]), rule[2], rule[3] or "")  # type: ignore[arg-type]
    if _SETTING.fullmatch(words):
        return Retention(setting=words)
    raise ValueError(
        f'{words!r} is no rule of keeping: write "90 days", "5 years after closing", "3 years after revoked_at"'
        ' or the name of a setting, "notify.keep_letters_days".'
    )


def _on_day(moment: datetime, year: int, month: int) -> datetime:
    day = moment.day
    while True:
        try:
            return moment.replace(year=year, month=month, day=day)
        except ValueError:
            day -= 1
