"""Roles of the company's people: given and taken. What a role allows is declared by the modules and asked in grants."""

from __future__ import annotations

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from lkportal.accounts import service
from lkportal.accounts.models import StaffRole
from lkportal.auth import sessions
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

_GIVE = insert_if_new(StaffRole.__table__)  # type: ignore[arg-type]
_TAKE = (
    delete(StaffRole)
    .where(StaffRole.identity_id == bindparam("of"), StaffRole.role == bindparam("named"))
    .execution_options(preserve_rowcount=True)
)


def give_role(db: Session, identity_id: int, identity: str, role: str) -> bool:
    """Give a role to one of the company's people; say whether it is new to them. Their sessions end: they sign in anew with it."""
    row = {"identity_id": identity_id, "role": role, "granted_at": now(db)}
    done = bool(db.connection().execute(_GIVE[db.get_bind().dialect.name], row).rowcount)
    if done:
        sessions.revoke_all(db, identity_id, identity)
        service.audit(db, "accounts.role_given", identity, role=role)
    return done


def take_role(db: Session, identity_id: int, identity: str, role: str) -> bool:
    """Take a role away; say whether they had it. Their sessions end: whatever was open with it is refused at once."""
    done = bool(db.connection().execute(_TAKE, {"of": identity_id, "named": role}).rowcount)
    if done:
        sessions.revoke_all(db, identity_id, identity)
        service.audit(db, "accounts.role_taken", identity, role=role)
    return done
