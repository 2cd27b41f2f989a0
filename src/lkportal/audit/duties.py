"""Separation of duties by what audit knows: who did the first act on a thing does not do the second alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from lkportal.audit.models import Record
from lkportal.core.duties import SamePerson
from lkportal.core.module import Conflict
from lkportal.core.unit import context

_DID: Select[*tuple[Any, ...]] = (
    select(Record.id)
    .where(
        Record.target == bindparam("thing"),
        Record.action.in_(bindparam("acts", expanding=True)),
        Record.actor == bindparam("who"),
        Record.outcome == "done",
    )
    .limit(1)
)


class Duties:
    """The declared conflicts of one portal: fills the port Separation."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self._after: dict[str, list[str]] = {}
        for conflict in conflicts:
            self._after.setdefault(conflict.act, []).append(conflict.after)

    def demand_other(self, db: Session, act: str, target: str) -> None:
        """Stop with SamePerson when the actor of this unit did an act on `target` that `act` conflicts with."""
        if act not in self._after:
            raise RuntimeError(f"No module declares a conflict of {act!r}: name it in `conflicts`.")
        actor = context(db).actor
        if actor.kind == "system" or actor.approved_by not in ("", actor.label):
            return
        values = {"thing": target, "acts": self._after[act], "who": actor.label}
        if db.connection().execute(_DID, values).first() is not None:
            raise SamePerson
