"""Rules of accounts: giving and taking the right to an account, a person's own settings. Each tells an event and writes audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef, MembershipGranted, MembershipRevoked
from lkportal.accounts.models import Membership, Organisation
from lkportal.accounts.reaching import NOW, of_account
from lkportal.auth.models import Identity
from lkportal.core.errors import NotFound
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now

SCOPES = ("account_id", "group_id", "organisation_id")
_GRANT = insert_if_new(Membership.__table__)  # type: ignore[arg-type]
_LIVING = select(Membership.public_id).where(
    Membership.identity_id == bindparam("identity_id"),
    Membership.revoked_at.is_(None),
    Membership.role == bindparam("role"),
    or_(*(getattr(Membership, scope) == bindparam(scope) for scope in SCOPES)),
)
# What ran out is taken back when the same right is given again: unique are the rights that are not taken back.
_RUN_OUT = (
    update(Membership)
    .where(
        Membership.identity_id == bindparam("whose"),
        Membership.role == bindparam("wanted"),
        Membership.revoked_at.is_(None),
        Membership.expires_at <= NOW,
        or_(*(getattr(Membership, scope) == bindparam(f"of_{scope}") for scope in SCOPES)),
    )
    .values(revoked_at=Membership.expires_at)
)
_REVOKE = (
    update(Membership)
    .where(Membership.public_id == bindparam("public"), Membership.revoked_at.is_(None))
    .returning(Membership.role)
)
HELD = select(Membership.public_id).where(
    Membership.identity_id == bindparam("identity_id"),
    Membership.account_id == bindparam("account_id"),
    Membership.revoked_at.is_(None),
)
"""The living rights of a person to one account itself, by public id."""
_LEVEL = select(func.max(Membership.level)).where(
    Membership.identity_id == bindparam("giver"),
    Membership.id.in_(of_account(bindparam("account_id"))),
)
HIGHEST = 2
_SETTINGS = update(Identity).where(Identity.id == bindparam("identity"))


def grant(
    db: Session,
    identity_id: int,
    account: AccountRef,
    role: str,
    *,
    level: int | None = None,
    until: datetime | None = None,
) -> str:
    """Give a person the right to an account in a role; return the membership's public id. Given before, it stays as it is.

    `level` is how well it is proved that the account is theirs; left out, a customer who gives the right passes on no more
    than their own, the company gives the highest. From `until` on the right reaches nothing.
    """
    scope = {"account_id": account.id}
    return grant_scope(
        db, identity_id, role, scope, account, _level_of_giver(db, account) if level is None else level, until
    )


def grant_organisation(
    db: Session, identity_id: int, organisation: Organisation, role: str, until: datetime | None = None
) -> str:
    """Give a person the right to all accounts of an organisation, those it gets later too; see `grant`."""
    return grant_scope(db, identity_id, role, {"organisation_id": organisation.id}, None, HIGHEST, until)


def grant_scope(
    db: Session,
    identity_id: int,
    role: str,
    scope: Mapping[str, int | None],
    account: AccountRef | None,
    level: int,
    until: datetime | None = None,
) -> str:
    """Give the right to a scope: one of account_id, group_id, organisation_id. `account` is where its history stands."""
    made, moment = public_id(), now(db)
    row = {
        "public_id": made,
        "identity_id": identity_id,
        **{name: scope.get(name) for name in SCOPES},
        "role": role,
        "level": level,
        "created_at": moment,
        "revoked_at": None,
        "expires_at": until,
        "without": "",
    }
    gone = {"whose": identity_id, "wanted": role, "now": moment, **{f"of_{name}": row[name] for name in SCOPES}}
    db.connection().execute(_RUN_OUT, gone)
    if not db.connection().execute(_GRANT[db.get_bind().dialect.name], row).rowcount:
        return str(db.execute(_LIVING, row).scalar_one())
    emit(db, MembershipGranted(made, role), account=account)
    audit(db, "accounts.membership_granted", made, account, role=role)
    return made


def revoke(db: Session, membership: str, account: AccountRef | None = None) -> None:
    """Take a right back, named by the membership's public id: the person's very next request is refused.

    With `account` only a right to that very account, and the act stands in its history. Raises NotFound when there is no
    such living membership.
    """
    statement = _REVOKE.values(revoked_at=now(db))
    if account is not None:
        statement = statement.where(Membership.account_id == account.id)
    row = db.execute(statement, {"public": membership}).first()
    if row is None:
        raise NotFound(
            "membership_gone", text("accounts.members.gone", "This right was taken back already. Reload the page.")
        )
    emit(db, MembershipRevoked(membership, row.role), account=account)
    audit(db, "accounts.membership_revoked", membership, account, role=row.role)


def change_settings(db: Session, identity_id: int, identity: str, *, name: str, locale: str) -> None:
    """Keep a person's name and language. `identity` is their public id, for the audit."""
    db.execute(_SETTINGS.values(name=name, locale=locale), {"identity": identity_id})
    audit(db, "accounts.settings_changed", identity)


def _level_of_giver(db: Session, account: AccountRef | None) -> int:
    actor = context(db).actor
    if actor.kind != "customer" or account is None:
        return HIGHEST
    values = {"giver": actor.id, "account_id": account.id, "now": now(db)}
    return int(db.execute(_LEVEL, values).scalar_one() or 0)


def audit(db: Session, action: str, target: str = "", account: AccountRef | None = None, **detail: str | int) -> None:
    """Write an act of accounts to the audit, in its own transaction."""
    port(db, AuditLog).record(db, action, target=target, account=account, detail=detail)  # type: ignore[type-abstract]
