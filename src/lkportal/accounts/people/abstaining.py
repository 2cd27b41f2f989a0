"""What people switch off for themselves, on all accounts they reach: read by the session statement, written here."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts import service
from lkportal.accounts.models import Abstention
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

_OF = select(Abstention.without).where(Abstention.identity_id == bindparam("who"))

_NEW = insert_if_new(Abstention.__table__)  # type: ignore[arg-type]
_CHANGE = (
    update(Abstention)
    .where(Abstention.identity_id == bindparam("who"))
    .values(without=bindparam("words"), changed_at=bindparam("moment"))
)


def of(connection: Connection, identity_id: int) -> frozenset[str]:
    """Return the rights a person switched off for themself."""
    return frozenset((connection.execute(_OF, {"who": identity_id}).scalar() or "").split())


def keep(db: Session, identity_id: int, identity: str, without: Iterable[str]) -> None:
    """Switch these rights off for a person, all others on. `identity` is their public id, for the audit."""
    words = " ".join(sorted(without))
    row = {"identity_id": identity_id, "without": words, "changed_at": now(db)}
    if not db.connection().execute(_NEW[db.get_bind().dialect.name], row).rowcount:
        db.connection().execute(_CHANGE, {"who": identity_id, "words": words, "moment": row["changed_at"]})
    service.audit(db, "accounts.abstained", identity, off=len(words.split()))
