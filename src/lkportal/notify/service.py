"""Marks in a person's list: what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from lkportal.core.db import Database
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.notify.models import Message

_UNREAD = update(Message).where(Message.identity_id == bindparam("person"), Message.read_at.is_(None))
_ALL = (
    _UNREAD.where(Message.topic.not_in(bindparam("closed", expanding=True)))
    .values(read_at=bindparam("moment"))
    .execution_options(synchronize_session=False)
)
_ONE = (
    _UNREAD.where(Message.public_id == bindparam("message"))
    .values(read_at=bindparam("moment"))
    .execution_options(synchronize_session=False)
)


def read_all(db: Session, identity_id: int, closed: Sequence[str]) -> int:
    """Mark everything in a person's list as read, less what is of `closed` topics; return how many entries were new."""
    return changed(db.connection().execute(_ALL, {"person": identity_id, "closed": closed, "moment": now(db)}))


def read_one(database: Database, identity_id: int, message: str, moment: datetime) -> None:
    """Mark one entry (a public id) as read, in a unit of its own: it follows the answer that opened the entry."""
    with database.unit() as db:
        db.connection().execute(_ONE, {"person": identity_id, "message": message, "moment": moment})
