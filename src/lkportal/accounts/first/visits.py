"""The first visit of a person: begun once, taken step by step, left and taken up again, over when they say so. What was seen, taken
and skipped is counted for the company, without anybody's name. The steps come from modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, bindparam, case, func, literal_column, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.first.models import FirstStepState, FirstVisit
from lkportal.auth.models import Identity
from lkportal.core.contributions import FirstStep
from lkportal.core.events import Envelope
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

NOBODY: Mapping[str, int] = {"seen": 0, "done": 0, "skipped": 0}
_BEGIN = insert_if_new(FirstVisit.__table__)  # type: ignore[arg-type]
_SEE = insert_if_new(FirstStepState.__table__)  # type: ignore[arg-type]
_END = update(FirstVisit).where(FirstVisit.identity_id == bindparam("who"), FirstVisit.over_at.is_(None))
_STATES: Select[*tuple[Any, ...]] = select(
    FirstStepState.step, FirstStepState.done_at, FirstStepState.skipped_at
).where(FirstStepState.identity_id == bindparam("who"))
_MARK = update(FirstStepState).where(
    FirstStepState.identity_id == bindparam("who"), FirstStepState.step == bindparam("which")
)
_COUNTS: Select[*tuple[Any, ...]] = select(
    FirstStepState.step,
    func.count().label("seen"),
    func.count(FirstStepState.done_at).label("done"),
    func.sum(case((FirstStepState.skipped_at.is_not(None) & FirstStepState.done_at.is_(None), 1), else_=0)).label(
        "skipped"
    ),
).group_by(FirstStepState.step)
_VISITS: Select[*tuple[Any, ...]] = select(func.count().label("begun"), func.count(FirstVisit.over_at).label("over"))
_PERSON = select(Identity.id, Identity.kind).where(Identity.public_id == bindparam("public"))


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps this portal has, in order. A port, filled at boot."""

    known: tuple[FirstStep, ...]

    @classmethod
    def of(cls, portal: Any) -> Steps:
        """Return the steps that modules bring and settings leave on, each with a page to go to."""
        steps: Sequence[FirstStep] = portal.registry.first_steps
        return cls(tuple(step for step in steps if step.on is None or step.on(portal.settings_of)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with one step: "done", "now" (the one to take), "skipped" or "wait"."""

    step: FirstStep
    state: str


def is_under_way(identity_id: Any) -> ScalarSelect[Any]:
    """Return the subquery of the session's statement that says whether the person's first visit is still open."""
    return (
        select(literal_column("1"))
        .select_from(FirstVisit)
        .where(FirstVisit.identity_id == identity_id, FirstVisit.over_at.is_(None))
        .scalar_subquery()
    )


def begin(db: Session, identity_id: int) -> None:
    """Begin the first visit of a person; one that was begun, or is over, stays as it is."""
    row = {"identity_id": identity_id, "begun_at": now(db), "over_at": None}
    db.connection().execute(_BEGIN[db.get_bind().dialect.name], row)


def welcome(db: Session, envelope: Envelope) -> None:
    """Begin the first visit of a customer who got access just now."""
    person = db.execute(_PERSON, {"public": envelope.body["identity"]}).first()
    if person is not None and person.kind == "customer":
        begin(db, person.id)


def standing(connection: Connection, identity_id: int, steps: Steps) -> list[Standing]:
    """Return how a person stands with every step: what a statement finds done is done, whoever did it and where."""
    states = {row.step: row for row in connection.execute(_STATES, {"who": identity_id})}
    found, ahead = [], True
    for step in steps.known:
        state = states.get(step.name)
        if (state is not None and state.done_at) or _is_done(connection, step, identity_id):
            found.append(Standing(step, "done"))
        elif state is not None and state.skipped_at:
            found.append(Standing(step, "skipped"))
        else:
            found.append(Standing(step, "now" if ahead else "wait"))
            ahead = False
    return found


def note(db: Session, identity_id: int, standings: Sequence[Standing]) -> None:
    """Note which steps were seen (the one to take) and which are done meanwhile. Written after the answer."""
    begin(db, identity_id)
    for each in standings:
        if each.state in ("now", "done"):
            _see(db, identity_id, each.step.name)
        if each.state == "done":
            mark(db, identity_id, each.step.name, "done")


def mark(db: Session, identity_id: int, step: str, what: str) -> None:
    """Mark a step as done or skipped; the first time counts."""
    _see(db, identity_id, step)
    column = FirstStepState.done_at if what == "done" else FirstStepState.skipped_at
    values = {"who": identity_id, "which": step}
    db.connection().execute(_MARK.where(column.is_(None)).values({column: now(db)}), values)


def end(db: Session, identity_id: int) -> None:
    """Put the first visit away: it is not offered any more."""
    begin(db, identity_id)
    db.connection().execute(_END.values(over_at=now(db)), {"who": identity_id})


def counts(connection: Connection) -> tuple[int, int, Mapping[str, Mapping[str, int]]]:
    """Return how many first visits began and are over, and by step how many saw, took and skipped it. For staff."""
    visits = connection.execute(_VISITS).one()
    rows = connection.execute(_COUNTS).all()
    by_step = {row.step: {"seen": row.seen, "done": row.done, "skipped": int(row.skipped or 0)} for row in rows}
    return visits.begun, visits.over, by_step


def _is_done(connection: Connection, step: FirstStep, identity_id: int) -> bool:
    if step.done is None:
        return False
    return connection.execute(step.done, {"identity_id": identity_id}).first() is not None


def _see(db: Session, identity_id: int, step: str) -> None:
    row = {"identity_id": identity_id, "step": step, "seen_at": now(db), "done_at": None, "skipped_at": None}
    db.connection().execute(_SEE[db.get_bind().dialect.name], row)
