"""Letting go in time: by the declarations of all installed modules, rows whose time is over are deleted or lose what names people.
In batches, each a unit of its own; begun again, it goes on. What is kept for how long is shown in datamap."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Date, Text, and_, delete, func, or_, select, tuple_, type_coerce
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.core.columns import Encrypted
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.db import Base
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.module import Module, PersonalTable
from lkportal.core.protection.personal import Way, moment_column
from lkportal.core.protection.retention import CLOSING, Retention
from lkportal.privacy.collecting import declarations
from lkportal.privacy.erasing import erasing
from lkportal.privacy.erasure import rule_of
from lkportal.privacy.office import Office
from lkportal.privacy.settings import PrivacySettings

BATCH = 500
RETAIN = "privacy.retain"
_log = logging.getLogger(__name__)
Unit = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Duty:
    """What is due for one declaration: rows of `way.table` under `condition` are deleted or erased."""

    personal: PersonalTable
    way: Way
    act: Literal["delete", "erase"]
    condition: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: `rows` were (or, in a dry run, would be) let go; `stuck` when others still point at them."""

    table: str
    act: str
    rows: int
    stuck: bool = False


def duties(modules: Sequence[Module], settings: PrivacySettings, now: datetime) -> list[Duty]:
    """Return what is due now, children before the tables they point at. Tables that only grow are left: their rows prove
    what happened, and name people by public ids alone."""
    only_grow = {table for module in modules for table in module.append_only}
    # First the declarations: they import the tables of modules that are off, which the order must know too.
    declared = list(declarations(modules))
    order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
    found = []
    for _, personal, way in declared:
        rule = rule_of(personal, settings)
        if rule is None or rule.setting or personal.at_end == "keep" or personal.table in only_grow:
            continue
        found.append(_duty(personal, way, rule, now))
    return sorted(found, key=lambda each: order[each.personal.table], reverse=True)


def retain(modules: Sequence[Module], settings: PrivacySettings, now: datetime, unit: Unit) -> Iterator[Done]:
    """Do what is due, table by table; yield what was let go of each."""
    for duty in duties(modules, settings, now):
        yield _all_batches(duty, unit)


def would_retain(
    connection: Connection, modules: Sequence[Module], settings: PrivacySettings, now: datetime
) -> list[Done]:
    """Return what would be let go, and change nothing."""
    found = []
    for duty in duties(modules, settings, now):
        count = connection.execute(select(func.count()).select_from(duty.way.table).where(duty.condition)).scalar_one()
        found.append(Done(duty.personal.table, duty.act, count))
    return found


def run(work: JobContext) -> None:
    """The nightly job."""
    office: Office = work.ports.get(Office)  # type: ignore[type-abstract]
    settings: PrivacySettings = office.registry.settings["privacy"]
    for done in retain(office.known, settings, work.clock.now(), work.unit):
        if done.rows or done.stuck:
            _log.info(
                "Let go of %d rows of %s (%s)%s", done.rows, done.table, done.act, ", some stay" if done.stuck else ""
            )
        work.heartbeat()


def _duty(personal: PersonalTable, way: Way, rule: Retention, now: datetime) -> Duty:
    before = rule.over_before(now)
    if rule.after == CLOSING:
        over = way.rows_of(select(Account.id).where(Account.closed_at < before))
    else:
        column = way.table.c[moment_column(replace_rule(personal, rule), way.table)]
        over = column < (before.date() if isinstance(column.type, Date) else before)
    if personal.at_end == "erase":
        return Duty(personal, way, "erase", and_(over, _not_erased(way, personal)))
    return Duty(personal, way, "delete", over)


def replace_rule(personal: PersonalTable, rule: Retention) -> PersonalTable:
    """Return the declaration under the rule that holds for it: the company's own may count from another column."""
    after = f" after {rule.after}" if rule.after else ""
    return replace(personal, retain=f"{rule.count} {rule.unit}s{after}")


def _not_erased(way: Way, personal: PersonalTable) -> ColumnElement[bool]:
    """Whether something of a row is still to be erased. A sealed value is compared as it lies: only "" can be told there."""
    wanted = []
    for name, value in personal.erase:
        column: Any = way.table.c[name]
        if value is None:
            wanted.append(column.is_not(None))
        elif "{id}" not in value:
            plain = type_coerce(column, Text()) if isinstance(column.type, Encrypted) else column
            wanted.append(plain != value)
    return or_(*wanted) if wanted else or_(False)


def _all_batches(duty: Duty, unit: Unit) -> Done:
    table = duty.way.table
    keys = tuple(table.primary_key.columns)
    batch = select(*keys).where(duty.condition).limit(BATCH)
    here = tuple_(*keys).in_(batch)
    statement: Any = delete(table).where(here)
    if duty.act == "erase":
        statement = erasing(table, duty.personal).where(here)
    statement = statement.execution_options(preserve_rowcount=True)
    rows = 0
    while True:
        try:
            with unit() as db:
                gone = db.connection().execute(statement).rowcount
        except IntegrityError:
            _log.warning("Rows of %s stay though their time is over: others point at them", table.name)
            return Done(table.name, duty.act, rows, stuck=True)
        rows += gone
        if gone < BATCH:
            return Done(table.name, duty.act, rows)


JOB = JobSpec(RETAIN, run, lease_seconds=600, title=text("privacy.work.retain", "Deletes data whose time is over"))
NIGHTLY = Schedule(RETAIN, "23 2 * * *")
