"""Named groups of accounts, "branches of the north": kept by an organisation or by one person, filled with accounts their keeper
manages. Who reaches the accounts of a group stands in reaching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from lkportal.accounts import service
from lkportal.accounts.contract import AccountRef, MembershipRevoked
from lkportal.accounts.models import Account, Group, GroupAccount, Invitation, Membership
from lkportal.accounts.people.deciding import Hand, Scope
from lkportal.accounts.reaching import accounts_of
from lkportal.accounts.roles import Roles
from lkportal.core.databases.keys import among
from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

MOST = 500
_ADD = insert_if_new(GroupAccount.__table__)  # type: ignore[arg-type]
_SIZES: Select[*tuple[Any, ...]] = (
    select(Group.id, Group.public_id, Group.name, func.count(GroupAccount.account_id).label("size"))
    .outerjoin(GroupAccount, GroupAccount.group_id == Group.id)
    .where(Group.id.in_(bindparam("groups", expanding=True)))
    .group_by(Group.id, Group.public_id, Group.name)
    .order_by(Group.name, Group.id)
)
_MANAGED: Select[*tuple[Any, ...]] = select(Account.id, Account.number).where(
    Account.number.in_(bindparam("numbers", expanding=True)),
    among(
        Account.id,
        accounts_of(
            Membership.identity_id == bindparam("who"), Membership.role.in_(bindparam("roles", expanding=True))
        ),
    ),
)


def here(connection: Connection, mine: Hand) -> Sequence[Row[Any]]:
    """Return the groups of an account that a person manages (id, public_id, name, size)."""
    keys = [each.id for each in mine.scopes if each.column == "group_id"]
    return connection.execute(_SIZES, {"groups": keys}).all() if keys else ()


def put(
    db: Session, who: int, mine: Hand, account: AccountRef, name: str, numbers: Sequence[str], roles: Roles
) -> set[str]:
    """Put an account, and more of them by number, into the group of that name, made when there is none; return their numbers.

    Only accounts the person manages; into a group of their organisation when they manage that, else into one of their own.
    """
    organisation = next((each.id for each in mine.scopes if each.column == "organisation_id"), None)
    keeper = Group.identity_id == who if organisation is None else Group.organisation_id == organisation
    group = db.scalars(select(Group).where(keeper, Group.name == name).order_by(Group.id)).first()
    if group is None:
        kept = {"identity_id": who} if organisation is None else {"organisation_id": organisation}
        group = Group(public_id=public_id(), name=name, created_at=now(db), **kept)
        db.add(group)
        db.flush()
    managed = _MANAGED if organisation is None else _MANAGED.where(Account.organisation_id == organisation)
    wanted = {"numbers": [account.number, *numbers[:MOST]], "who": who, "roles": roles.having("accounts.manage")}
    found = db.execute(managed, {**wanted, "now": now(db)}).all()
    rows = [{"group_id": group.id, "account_id": each.id, "organisation_id": organisation} for each in found]
    for row in rows:
        db.connection().execute(_ADD[db.get_bind().dialect.name], row)
    service.audit(db, "accounts.grouped", group.public_id, account, accounts=len(rows))
    return {each.number for each in found}


def rename(db: Session, scope: Scope, account: AccountRef, name: str) -> None:
    """Give a group another name."""
    db.execute(update(Group).where(Group.id == scope.id).values(name=name))
    service.audit(db, "accounts.group_renamed", scope.key.removeprefix("group-"), account)


def dissolve(db: Session, scope: Scope, account: AccountRef) -> None:
    """Dissolve a group: it holds no account, its invitations open nothing, and who was let into it reaches nothing by it."""
    moment = now(db)
    db.execute(delete(GroupAccount).where(GroupAccount.group_id == scope.id))
    db.execute(
        update(Invitation)
        .where(Invitation.group_id == scope.id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
        .values(revoked_at=moment)
    )
    ended = db.execute(
        update(Membership)
        .where(Membership.group_id == scope.id, Membership.revoked_at.is_(None))
        .values(revoked_at=moment)
        .returning(Membership.public_id, Membership.role)
    ).all()
    for each in ended:
        emit(db, MembershipRevoked(each.public_id, each.role), account=account)
    service.audit(db, "accounts.group_dissolved", scope.key.removeprefix("group-"), account, people=len(ended))


def take_out(db: Session, scope: Scope, account: AccountRef) -> None:
    """Take an account out of a group: who reached it through the group does so no more."""
    db.execute(delete(GroupAccount).where(GroupAccount.group_id == scope.id, GroupAccount.account_id == account.id))
    service.audit(db, "accounts.ungrouped", scope.key.removeprefix("group-"), account)
