"""The rule of notes: a note, its audit row and its event, together or not at all."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef
from lkportal.core.duties import demand_other
from lkportal.core.events import emit
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal_dummy.contract import Noted
from lkportal_dummy.models import Note


def write(db: Session, account: AccountRef, words: str) -> str:
    """Write a note and return its public id."""
    note = Note(account_id=account.id, words=words, written_at=now(db))
    db.add(note)
    db.flush()
    port(db, AuditLog).record(db, "dummy.noted", target=note.public_id, account=account)  # type: ignore[type-abstract]
    emit(db, Noted(note.public_id), account=account)
    return note.public_id


def strike(db: Session, note: str) -> None:
    """Strike a note out: never alone by whoever wrote it."""
    demand_other(db, "dummy.struck", note)
    db.execute(update(Note).where(Note.public_id == note).values(words="-"))
    port(db, AuditLog).record(db, "dummy.struck", target=note)  # type: ignore[type-abstract]


def weigh(db: Session, note: str) -> None:
    """Count the words of a note."""
    row = db.query(Note).filter(Note.public_id == note).one()
    db.execute(update(Note).where(Note.public_id == note).values(weight=len(row.words.split())))
