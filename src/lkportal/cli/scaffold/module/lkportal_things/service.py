"""The rules: a row, its audit and its event, together or not at all."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef
from lkportal.core.events import emit
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal_things.contract import EntryAdded
from lkportal_things.models import Entry


def add(db: Session, account: AccountRef, title: str, remark: str = "", *, token: str) -> str:
    """Add an entry and return its public id; the form with this `token` sent again returns the entry it made."""
    entry = Entry(account_id=account.id, title=title, remark=remark, token=token, added_at=now(db))
    try:
        with db.begin_nested():
            db.add(entry)
    except IntegrityError:
        known = select(Entry.public_id).where(Entry.account_id == account.id, Entry.token == token)
        return str(db.execute(known).scalar_one())
    port(db, AuditLog).record(db, "things.added", target=entry.public_id, account=account)  # type: ignore[type-abstract]
    emit(db, EntryAdded(entry.public_id), account=account)
    return entry.public_id
