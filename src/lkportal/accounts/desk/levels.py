"""How well it is proved that an account is somebody's, as the desk sees and sets it: after a passport was seen, or when in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.claims import codes
from lkportal.accounts.claims.models import NotHere
from lkportal.accounts.contract import AccountRef
from lkportal.accounts.models import Membership
from lkportal.auth.models import Identity
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port

_HERE = or_(Membership.account_id == bindparam("of"), Membership.organisation_id == bindparam("organisation"))
PEOPLE: Select[*tuple[Any, ...]] = (
    select(Membership.public_id, Membership.role, Membership.level, Membership.created_at, Identity.name)
    .join(Identity, Identity.id == Membership.identity_id)
    .where(_HERE, Membership.revoked_at.is_(None))
    .order_by(Membership.id)
    .limit(50)
)
_SET = (
    update(Membership)
    .where(Membership.public_id == bindparam("public"), _HERE, Membership.revoked_at.is_(None))
    .values(level=bindparam("new"))
    .returning(Membership.public_id)
)


def people(connection: Connection, account: AccountRef) -> Sequence[Row[Any]]:
    """Return who reaches an account today, each right with its level. For staff."""
    return connection.execute(PEOPLE, {"of": account.id, "organisation": account.organisation_id}).all()


def set_level(db: Session, account: AccountRef, membership: str, level: int, document: str) -> None:
    """Set how well a right is proved; `document` says by what, for the audit ("passport"). Raises NotHere for a stranger's."""
    values = {"public": membership, "of": account.id, "organisation": account.organisation_id, "new": level}
    if db.connection().execute(_SET, values).first() is None:
        raise NotHere
    detail: dict[str, str | int] = {"level": level, "document": document}
    port(db, AuditLog).record(db, "accounts.level_raised", target=membership, account=account, detail=detail)  # type: ignore[type-abstract]


def make_code(db: Session, account: AccountRef) -> str:
    """Make a code for the paper bill of an account and return it: it is shown once and kept as a hash."""
    code = codes.new_code()
    codes.put_paper(db, account.id, code)
    port(db, AuditLog).record(db, "accounts.code_made", account=account)  # type: ignore[type-abstract]
    return code
