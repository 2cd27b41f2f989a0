"""Settings of tickets, the table [tickets] of portal.toml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, Field

from lkportal.core.settings import ModuleSettings, Table
from lkportal.modules.tickets.worktime import Hours, WorkCalendar

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _hours(written: str) -> str:
    hours_of(written)
    return written


def hours_of(written: str) -> Hours:
    """Return the hours in "09:00-18:00". Raises ValueError with a sentence for anything else."""
    first, _, last = written.partition("-")
    try:
        found = time.fromisoformat(first.strip()), time.fromisoformat(last.strip())
    except ValueError:
        raise ValueError('write hours as "09:00-18:00"') from None
    if found[0] >= found[1]:
        raise ValueError("the day ends after it begins")
    return found


Written = Annotated[str, AfterValidator(_hours)]


class Term(Table):
    """What is promised for a type of request, in working hours; 0: nothing."""

    answer_hours: int = Field(8, ge=0, le=1000, description="until the first answer")
    solve_hours: int = Field(40, ge=0, le=10_000, description="until it is solved")


class TicketsSettings(ModuleSettings):
    """What people may ask for, and when it is answered."""

    types: tuple[str, ...] = Field((), description="names of the types people choose from, in this order; empty: all")
    shared: bool = Field(True, description="whether all people of an account see its requests; else each their own")
    week: dict[str, Written] = Field(
        default_factory=lambda: dict.fromkeys(WEEK[:5], "09:00-18:00"),
        description='working hours by day of the week: mon = "09:00-18:00"; a day that is missing is a day off',
    )
    holidays: tuple[date, ...] = Field((), description="days on which nobody works")
    workdays: dict[date, Written] = Field(default_factory=dict, description="days with hours of their own")
    terms: dict[str, Term] = Field(default_factory=dict, description="terms by type, where they differ from its own")
    close_days: int = Field(
        7,
        ge=1,
        le=90,
        description="days after which a solved request is closed, and a conversation solved that fell silent after an answer",
    )
    chat: bool = Field(
        True, description="whether people may write in a conversation, without choosing what it is about"
    )
    file_mb: int = Field(10, ge=1, le=50, description="largest file of a message, megabytes")

    def calendar(self, zone: str, own: Mapping[str, str] | None = None) -> WorkCalendar:
        """Return the working hours in a time zone; `own` are hours of somebody beside those of the company, which `workdays` do not move."""
        week = {WEEK.index(day): hours_of(written) for day, written in (own or self.week).items() if day in WEEK}
        days: dict[date, Hours | None] = dict.fromkeys(self.holidays)
        days |= {day: hours_of(written) for day, written in (() if own else self.workdays.items())}
        return WorkCalendar(zone, week, days)
