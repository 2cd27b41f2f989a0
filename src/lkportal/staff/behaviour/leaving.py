"""What happens when a person takes their agreement back: the steps that can still be told to be theirs are deleted."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity
from lkportal.core.contributions import Listener
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.privacy.contract import ConsentDecided
from lkportal.staff.behaviour.models import DaySalt, StepFact
from lkportal.staff.behaviour.watching import PURPOSE, visit_name

_DEVICES = ("phone", "tablet", "computer")
_PERSON = select(Identity.id).where(Identity.public_id == bindparam("person"))
_SALTS = select(DaySalt.salt)
_DROP = delete(StepFact).where(StepFact.visit.in_(bindparam("visits", expanding=True)))


def forget_steps(db: Session, envelope: Envelope) -> None:
    """Delete the steps of a person who does not agree any more, as far as their days can still be named."""
    body = envelope.body
    if body["purpose"] != PURPOSE or body["decision"] == "agreed":
        return
    person = db.scalar(_PERSON, {"person": body["identity"]})
    salts = db.scalars(_SALTS).all()
    visits = [visit_name(salt, ("person", str(person)), device) for salt in salts for device in _DEVICES]
    if visits:
        db.connection().execute(_DROP, {"visits": visits})


LEAVING = Listener(
    ConsentDecided.name,
    "staff.forget_steps",
    forget_steps,
    text("staff.follows.forget_steps", "Deletes the steps of who withdrew"),
)
