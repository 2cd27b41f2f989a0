"""Managers: people of the company whom customers know by name, and whose accounts they look after. Who left the company is nobody's
manager any more, whatever the rows say. No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.models import StaffRole
from lkportal.auth.models import Identity
from lkportal.core.errors import NotFound
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.tickets.models import Managed, Manager

WORKS: Select[*tuple[Any, ...]] = (
    select(Manager.id, Manager.public_id, Manager.identity_id, Manager.position, Manager.week, Identity.name)
    .join(Identity, Identity.id == Manager.identity_id)
    .where(
        Identity.disabled_at.is_(None),
        select(StaffRole.identity_id).where(StaffRole.identity_id == Identity.id).exists(),
    )
)
"""Managers who still work for the company."""
OF = WORKS.join(Managed, Managed.manager_id == Manager.id).where(Managed.account_id == bindparam("account_id"))
"""The manager of :account_id."""
_KEY = select(Manager.id).where(Manager.public_id == bindparam("manager"))
_NEW = insert_if_new(Manager.__table__)  # type: ignore[arg-type]
_ASSIGN = insert_if_new(Managed.__table__)  # type: ignore[arg-type]


def of(connection: Connection, account_id: int) -> Row[*tuple[Any, ...]] | None:
    """Return the manager of an account (id, public_id, identity_id, position, week, name), or None."""
    return connection.execute(OF, {"account_id": account_id}).first()


def keep(db: Session, identity_id: int, position: str, week: Mapping[str, str]) -> None:
    """Note how customers know somebody of the company; who is one already is brought up to date."""
    row = {"identity_id": identity_id, "position": position, "week": dict(week), "changed_at": now(db)}
    db.execute(_NEW[db.get_bind().dialect.name], row | {"public_id": public_id()})
    db.execute(update(Manager).where(Manager.identity_id == identity_id).values(**row))
    _record(db)


def drop(db: Session, manager: str) -> None:
    """Let somebody be no manager any more; new conversations of their accounts go to the queue. Raises NotFound."""
    key = _key(db, manager)
    db.execute(delete(Managed).where(Managed.manager_id == key))
    db.execute(delete(Manager).where(Manager.id == key))
    _record(db)


def assign(db: Session, account: AccountRef, manager: str) -> None:
    """Give an account to a manager (a public id), or to nobody (""). Conversations that go on stay where they are. Raises NotFound."""
    if manager:
        row = {"account_id": account.id, "manager_id": _key(db, manager), "since": now(db)}
        db.execute(_ASSIGN[db.get_bind().dialect.name], row)
        db.execute(update(Managed).where(Managed.account_id == account.id).values(**row))
    else:
        db.execute(delete(Managed).where(Managed.account_id == account.id))
    _record(db, account)


def _key(db: Session, manager: str) -> int:
    found = db.execute(_KEY, {"manager": manager}).scalar()
    if found is None:
        raise NotFound
    return found


def _record(db: Session, account: AccountRef | None = None) -> None:
    act = "tickets.managed" if account else "tickets.manager"
    port(db, AuditLog).record(db, act, target=account.public_id if account else "", account=account)  # type: ignore[type-abstract]
