"""Acts that wait for a second person: kept as they were sent, decided once by one conditional statement, done in the same unit as
the decision. The pages are in routes; what a route tells of itself is in web.approving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from lkportal.auth.models import Identity
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor
from lkportal.core.unit import as_actor, context, now
from lkportal.staff.approvals.telling import TELL
from lkportal.staff.models import Approval
from lkportal.staff.people.rules import record

Outcome = Literal["done", "refused", "withdrawn"]
_ASKER, _DECIDER = aliased(Identity), aliased(Identity)
_ROW: Select[*tuple[Any, ...]] = (
    select(
        *(column for column in Approval.__table__.columns if column.name != "id"),
        _ASKER.name.label("asker"),
        _ASKER.public_id.label("asker_public"),
        _DECIDER.name.label("decider"),
    )
    .join(_ASKER, _ASKER.id == Approval.asked_by)
    .outerjoin(_DECIDER, _DECIDER.id == Approval.decided_by)
)
_THEIRS = or_(Approval.asked_by == bindparam("person"), Approval.action.in_(bindparam("rights", expanding=True)))
_WAITING = _ROW.where(_THEIRS, Approval.state == "waiting", Approval.expires_at > bindparam("now")).order_by(
    Approval.id
)
_PAST = (
    _ROW.where(_THEIRS, or_(Approval.state != "waiting", Approval.expires_at <= bindparam("now")))
    .order_by(Approval.id.desc())
    .limit(bindparam("limit"))
)
_ONE = _ROW.where(_THEIRS, Approval.public_id == bindparam("public"))
_DECIDE = (
    update(Approval)
    .where(
        Approval.public_id == bindparam("public"),
        Approval.state == "waiting",
        Approval.expires_at > bindparam("moment"),
    )
    .values(
        state=bindparam("outcome"),
        decided_by=bindparam("decider"),
        decided_at=bindparam("moment"),
        note=bindparam("said"),
    )
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)


class Decided(PortalError):
    """Somebody was quicker, or the time is over: nothing is done twice."""

    def __init__(self) -> None:
        message = text("staff.approval.decided", "This was decided already, or its time is over. Nothing was done now.")
        super().__init__("decided", message, 409)


def sealed(row: Any) -> dict[str, Any]:
    """Return what the seal of a request is made over: the whole of it but for the decision."""
    moments = {name: getattr(row, name).timestamp() for name in ("asked_at", "expires_at")}
    plain = {
        name: getattr(row, name) for name in ("public_id", "route", "action", "form", "told", "reason", "asked_by")
    }
    return {**plain, **moments}


def ask(db: Session, values: dict[str, Any], lasts: timedelta, seal: Any) -> str:
    """Keep a form until a second person decides; return its public id. `values` are route, action, form, told, reason."""
    actor, moment = context(db).actor, now(db)
    row = Approval(
        public_id=public_id(),
        asked_by=actor.id or 0,
        asked_at=moment,
        expires_at=moment + lasts,
        state="waiting",
        decided_by=None,
        decided_at=None,
        seal="",
        note="",
        **values,
    )
    row.seal = seal(sealed(row))
    db.execute(insert(Approval), {c.name: getattr(row, c.name) for c in Approval.__table__.columns if c.name != "id"})
    record(db, "staff.approval_asked", row.public_id, route=row.route)
    enqueue(db, TELL, {"approval": row.public_id})
    return row.public_id


def decide(db: Session, public: str, outcome: Outcome, by: Actor, note: str = "") -> None:
    """Decide a request, once: of many at the same time one comes through. Raises Decided.

    `by` stands behind the decision in the audit, whoever the unit belongs to.
    """
    values = {"public": public, "moment": now(db), "outcome": outcome, "decider": by.id, "said": note}
    if not db.connection().execute(_DECIDE, values).rowcount:
        raise Decided
    with as_actor(db, by):
        record(db, f"staff.approval_{outcome}", public)


def one(connection: Connection, public: str, reader: Actor) -> Row[Any] | None:
    """Return a request that the reader made, or has the right to decide."""
    return connection.execute(_ONE, {"public": public, **_whose(reader)}).first()


def waiting(connection: Connection, reader: Actor, moment: datetime) -> Sequence[Row[Any]]:
    """Return what waits that the reader made or may decide, the oldest first."""
    return connection.execute(_WAITING, {"now": moment, **_whose(reader)}).all()


def past(connection: Connection, reader: Actor, moment: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return what was decided or ran out, the newest first."""
    return connection.execute(_PAST, {"now": moment, "limit": limit, **_whose(reader)}).all()


def _whose(reader: Actor) -> dict[str, Any]:
    return {"person": reader.id or 0, "rights": sorted(reader.permissions)}
