"""What modules tell the company in numbers: measures that a job counts and keeps by month, charts made of them, reports that hold
charts. They are counted and shown in staff.reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import BindParameter, Date, bindparam
from sqlalchemy.sql import Executable

from lkportal.core.columns import UTCDateTime
from lkportal.core.i18n import Text

SINCE: BindParameter[Any] = bindparam("since", type_=Date())
"""The first day of the month that is counted."""

UNTIL: BindParameter[Any] = bindparam("until", type_=Date())
"""The first day of the month after."""

SINCE_AT: BindParameter[Any] = bindparam("since_at", type_=UTCDateTime())
"""The moment the month begins in the company's time zone."""

UNTIL_AT: BindParameter[Any] = bindparam("until_at", type_=UTCDateTime())
"""The moment the month after begins there."""

AT: BindParameter[Any] = bindparam("at", type_=UTCDateTime())
"""The moment a standing is told of: now, or the end of a month that is over."""

TODAY: BindParameter[Any] = bindparam("today", type_=Date())
"""The day of `AT` in the company's time zone."""

AGO_30: BindParameter[Any] = bindparam("ago_30", type_=Date())
AGO_90: BindParameter[Any] = bindparam("ago_90", type_=Date())
AGO_365: BindParameter[Any] = bindparam("ago_365", type_=Date())
"""So many days before `TODAY`: where ages are told apart."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that a job counts and keeps. Nothing in it may name a person.

    `count` is one statement about one month; it may use the parameters of this file and returns `amount` (a whole number: pieces,
    or minor units), and as it likes `part` (what it is split by: a code, or words), `currency` (of money) and `day` (else all of
    it belongs to the month). It is run for the last `back` months that are over, again and again: what comes late is counted.
    With `standing` it tells how things are now: only the present month is counted, and what a month told last stays.
    """

    name: str
    count: Executable
    back: int = 24
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of measures by month, with its numbers as a table.

    `bars` stack the parts of one measure, or several measures; `rate` is the share of the first measure in `of`, in percent;
    `parts` is the newest month as one bar; `days` the newest month day by day. `labels` name the measures, or the parts of the
    only one, in their order; a part without a label stands as it is.
    """

    name: str
    title: Text
    measures: tuple[str, ...]
    kind: Literal["bars", "rate", "parts", "days"] = "bars"
    labels: Mapping[str, Text] = field(default_factory=dict)
    of: str = ""
    hint: Text | str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Report:
    """A report at the desk, or what another module adds to it: those of one `name` are one page, named by the first.

    `right` is asked besides the right to reports; charts of a piece whose right is missing are not there.
    """

    name: str
    title: Text
    lead: Text
    measures: tuple[Measure, ...]
    charts: tuple[Chart, ...]
    right: str = ""
    order: int = 100
