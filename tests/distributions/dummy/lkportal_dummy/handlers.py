"""What follows a note: its words are counted by a job."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from lkportal.core.events import Envelope
from lkportal.core.jobs import JobContext, enqueue
from lkportal_dummy import service
from lkportal_dummy.models import Note


def on_noted(db: Session, envelope: Envelope) -> None:
    """Queue the count."""
    enqueue(db, "dummy.weigh", {"note": envelope.body["note"]}, dedup=f"dummy.weigh:{envelope.body['note']}")


def weigh(work: JobContext, *, note: str) -> None:
    """Count the words of a note."""
    with work.unit() as db:
        service.weigh(db, note)


def noted_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what the letter says of a note."""
    row = db.query(Note).filter(Note.public_id == envelope.body["note"]).one_or_none()
    return {"words": row.words} if row else None
