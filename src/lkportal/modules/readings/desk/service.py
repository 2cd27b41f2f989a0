"""What the desk decides about readings: a look is over once, a rule begins on its day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from sqlalchemy import CursorResult, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.readings.contract import ReadingAskedAgain
from lkportal.modules.readings.corrections import correct
from lkportal.modules.readings.models import Review, Rule

Decision = Literal["accepted", "corrected", "asked"]
_DECIDE = (
    update(Review)
    .where(Review.public_id == bindparam("review"), Review.state == "waiting")
    .values(state=bindparam("decision"), decided_at=bindparam("now"), actor=bindparam("who"))
)
_SAME = select(Rule.id).where(
    Rule.category == bindparam("of"), Rule.resource == bindparam("what"), Rule.valid_from == bindparam("begins")
)


def decide(
    db: Session, review: str, account: str, reading: str, decision: Decision, value_milli: int | None = None
) -> None:
    """End a look at a reading: leave it, put it right by `value_milli`, or ask for it once more.

    Raises PortalError 409 when somebody else was quicker, and what `correct` raises.
    """
    moment = {"review": review, "decision": decision, "now": now(db), "who": context(db).actor.label}
    moved = db.execute(_DECIDE, moment)
    if not isinstance(moved, CursorResult) or moved.rowcount != 1:
        words = text("readings.review.over", "Somebody has decided this already.")
        raise PortalError("review_over", words, 409)
    about = _account(db, account)
    if decision == "corrected" and value_milli is not None:
        correct(db, about, reading, value_milli)
    if decision == "asked":
        emit(db, ReadingAskedAgain(reading), account=about)
    port(db, AuditLog).record(  # type: ignore[type-abstract]
        db, "readings.reviewed", target=reading, account=about, detail={"decision": decision}
    )


def add_rule(db: Session, category: str, resource: str, valid_from: date, said: Mapping[str, Any]) -> str:
    """Add a rule that holds from a day on; return its public id. Raises PortalError 409 when that day has one already."""
    key = {"of": category, "what": resource, "begins": valid_from}
    if db.execute(_SAME, key).first() is not None:
        words = text("readings.rules.same", "There is a rule of this day for them already. Choose another day.")
        raise PortalError("rule_there", words, 409)
    made = Rule(
        public_id=public_id(), category=category, resource=resource, valid_from=valid_from, made_at=now(db),
        actor=context(db).actor.label, **said,
    )  # fmt: skip
    db.add(made)
    db.flush()
    port(db, AuditLog).record(db, "readings.rule_added", target=made.public_id)  # type: ignore[type-abstract]
    return made.public_id


def _account(db: Session, account: str) -> AccountRef:
    found = port(db, Accounts).by_public_id(db, account)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found
