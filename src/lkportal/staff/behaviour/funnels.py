"""Funnels: of each task how many visits reached each step, how many left there, over which errors. Rows in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select

from lkportal.core.i18n import Text
from lkportal.core.tasks import Task
from lkportal.staff.behaviour.models import StepTotal

DEVICES = ("phone", "tablet", "computer")
_MOST_ERRORS = 5
SUMS: Select[*tuple[Any, ...]] = (
    select(StepTotal.task, StepTotal.step, StepTotal.code, StepTotal.device, func.sum(StepTotal.visits).label("visits"))
    .where(
        StepTotal.day >= bindparam("since"),
        StepTotal.day <= bindparam("until"),
        or_(bindparam("device") == "", StepTotal.device == bindparam("device")),
    )
    .group_by(StepTotal.task, StepTotal.step, StepTotal.code, StepTotal.device)
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a funnel: visits that reached it, how many of those before did not, and its errors (code, visits)."""

    name: str
    title: Text
    visits: int
    lost: int
    errors: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Funnel:
    """A task with its stages in order."""

    task: Task
    stages: tuple[Stage, ...]

    @property
    def begun(self) -> int:
        """Visits that reached the first step."""
        return self.stages[0].visits

    @property
    def finished(self) -> int:
        """Visits that reached the last step; of those that began, never more."""
        return min(self.stages[-1].visits, self.begun)

    @property
    def is_empty(self) -> bool:
        """Whether nobody was seen at it."""
        return not any(stage.visits or stage.errors for stage in self.stages)


def sums(connection: Connection, since: date, until: date, device: str = "") -> Sequence[Row[*tuple[Any, ...]]]:
    """Return (task, step, code, device, visits) of the days from `since` to `until`, both included."""
    return connection.execute(SUMS, {"since": since, "until": until, "device": device}).all()


def funnels(tasks: Iterable[Task], rows: Sequence[Any]) -> list[Funnel]:
    """Return the funnel of each task. Who comes at a later step without the first is counted where they were seen."""
    reached: dict[tuple[str, str], int] = {}
    errors: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        place, visits = (row.task, row.step), int(row.visits)
        if row.code:
            met = errors.setdefault(place, {})
            met[row.code] = met.get(row.code, 0) + visits
        else:
            reached[place] = reached.get(place, 0) + visits
    return [Funnel(task, _stages(task, reached, errors)) for task in tasks]


def _stages(
    task: Task, reached: dict[tuple[str, str], int], errors: dict[tuple[str, str], dict[str, int]]
) -> tuple[Stage, ...]:
    found: list[Stage] = []
    for step in task.steps:
        visits = reached.get((task.name, step.name), 0)
        lost = max(found[-1].visits - visits, 0) if found else 0
        met = sorted(errors.get((task.name, step.name), {}).items(), key=lambda pair: (-pair[1], pair[0]))
        found.append(Stage(step.name, step.title, visits, lost, tuple(met[:_MOST_ERRORS])))
    return tuple(found)
