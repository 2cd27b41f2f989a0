"""What a returned letter means: its record says so, an address nobody has is marked and written to no more, and whoever complains gets
no more letters of that kind. The reader lifts a mark by a new address, or by saying that it is right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, case, delete, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.notify.audience import IS_MARKED
from lkportal.notify.choosing.choices import Topics
from lkportal.notify.letters import stopping
from lkportal.notify.letters.leads import Stop
from lkportal.notify.models import Letter, Returned
from lkportal.notify.returns.reading import Report, weight

SEVERAL = 3
"""So many letters that came back one after another mark an address, though each alone may have been an accident."""
LATELY = timedelta(days=30)
MARKED, COMPLAINED, LIFTED = "notify.mailbox_marked", "notify.complained", "notify.mailbox_lifted"
Outcome = Literal["marked", "noted", "complaint", "known", "unknown"]
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_LETTER = (
    select(
        Letter.public_id,
        Letter.message_id,
        Letter.kind,
        Letter.recipient,
        Letter.identity_id,
        Identity.email,
        Identity.public_id.label("person"),
    )
    .outerjoin(Identity, Identity.id == Letter.identity_id)
    .where(Letter.message_id.in_(bindparam("ids", expanding=True)), Letter.channel == "email")
    .limit(1)
)
_BACK = (
    update(Letter)
    .where(Letter.public_id == bindparam("letter"), Letter.state == "sent")
    .values(state="bounced", error=bindparam("why"))
)
_SPAM = (
    update(Letter).where(Letter.public_id == bindparam("letter"), Letter.error != "complaint").values(error="complaint")
)
MINE = (
    select(Returned.address, Returned.reason, Returned.marked_at)
    .join(Identity, IS_MARKED)
    .where(Identity.id == bindparam("person_id"))
)
"""The mark on a person's present address, if there is one: `person_id` is their internal key."""


def take(db: Session, report: Report) -> Outcome:
    """Note what came back. Bears being told twice; what speaks of no letter of ours, or of another address, changes nothing."""
    letter = db.execute(_LETTER, {"ids": list(report.letters)}).first() if report.letters else None
    if letter is None or report.kind == "other":
        return "unknown"
    if report.kind == "complaint":
        return _complained(db, letter)
    address = (letter.email or letter.recipient or "").lower()
    if report.recipients and not _same(address, report.recipients):
        return "unknown"  # the address was changed since, or the report is of somebody else
    if not changed(db.connection().execute(_BACK, {"letter": letter.public_id, "why": reason(report.status)})):
        return "known"
    return count(db, letter.identity_id, address, report.status)


def count(db: Session, person: int | None, address: str, status: str) -> Outcome:
    """Count a letter to a person (internal key) that was refused for good with a status code (RFC 3463); mark the address when it is
    gone, or when several came back."""
    heavy = weight(status)
    if person is None or not heavy:
        return "noted"
    moment = now(db)
    statement = _INSERTS[db.get_bind().dialect.name](Returned).values(
        identity_id=person,
        address=address.lower(),
        reason=reason(status),
        returned=1,
        last_at=moment,
        marked_at=moment if heavy == "gone" else None,
    )
    new = statement.excluded
    same = Returned.address == new.address
    again = and_(same, Returned.last_at > moment - LATELY)
    marked = case(
        (and_(same, Returned.marked_at.is_not(None)), Returned.marked_at),
        (or_(new.marked_at.is_not(None), and_(again, Returned.returned >= SEVERAL - 1)), new.last_at),
        else_=null(),
    )
    values = {name: getattr(new, name) for name in ("address", "reason", "last_at")}
    values |= {"returned": case((again, Returned.returned + 1), else_=1), "marked_at": marked}
    db.execute(statement.on_conflict_do_update(index_elements=["identity_id"], set_=values))
    if db.execute(select(Returned.marked_at).where(Returned.identity_id == person)).scalar() != moment:
        return "noted"
    known = db.execute(select(Identity.public_id).where(Identity.id == person)).scalar()
    port(db, AuditLog).record(db, MARKED, target=known or "", detail={"reason": reason(status)})  # type: ignore[type-abstract]
    return "marked"


def lift(db: Session, person: int) -> bool:
    """Forget what came back to a person (internal key): they say that the address is right. Return whether there was a mark."""
    found = changed(db.connection().execute(delete(Returned).where(Returned.identity_id == person)))
    if found:
        port(db, AuditLog).record(db, LIFTED)  # type: ignore[type-abstract]
    return bool(found)


def reason(status: str) -> str:
    """Return the word kept for a status code: why a letter came back."""
    if weight(status) == "gone":
        return "mailbox_gone"
    if status.endswith(".2.2"):
        return "mailbox_full"
    return "server_refused" if status.startswith("5.7.") else "came_back"


def _complained(db: Session, letter: Any) -> Outcome:
    if not changed(db.connection().execute(_SPAM, {"letter": letter.public_id})):
        return "known"
    if letter.person:
        stopping.switch(db, port(db, Topics).all, Stop(letter.person, letter.kind), letters="off")
    detail: dict[str, str | int] = {"kind": letter.kind}
    port(db, AuditLog).record(db, COMPLAINED, target=letter.person or "", detail=detail)  # type: ignore[type-abstract]
    return "complaint"


def _same(address: str, named: frozenset[str]) -> bool:
    """Whether a report speaks of an address: domains are written in ASCII there."""
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = address
    return bool({address, plain} & named)
