"""Who reaches an account and who decides so: what a person manages, taking a right away, leaving, the last owner, narrowing.
Coming in stands in inviting; the statements of sessions stand in grants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session as Unit
from sqlalchemy.orm import aliased

from lkportal.accounts import service
from lkportal.accounts.contract import AccountRef, MembershipRevoked
from lkportal.accounts.models import Account, Group, GroupAccount, Membership, Organisation
from lkportal.accounts.reaching import holds, of_account
from lkportal.accounts.roles import OWNER, Roles
from lkportal.auth.models import Identity, Session
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.unit import now

_SEEN = select(func.max(Session.seen_at)).where(Session.identity_id == Identity.id).scalar_subquery()
HERE: Select[*tuple[Any, ...]] = (
    select(
        Membership.id,
        Membership.public_id,
        Membership.identity_id,
        Membership.account_id,
        Membership.group_id,
        Membership.organisation_id,
        Membership.role,
        Membership.level,
        Membership.expires_at,
        Membership.without,
        Identity.public_id.label("person"),
        Identity.name,
        Identity.email,
        Group.name.label("group"),
        Organisation.name.label("organisation"),
        _SEEN.label("seen_at"),
    )
    .join(Identity, Identity.id == Membership.identity_id)
    .outerjoin(Group, Group.id == Membership.group_id)
    .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
    .where(Membership.id.in_(of_account(bindparam("account_id"))))
    .order_by(Membership.id)
)
_MINE = HERE.where(Membership.identity_id == bindparam("who"))
_ONE = HERE.where(Membership.public_id == bindparam("wanted"))
_PAGE = HERE.limit(bindparam("limit")).offset(bindparam("offset"))
_GROUPS: Select[*tuple[Any, ...]] = (
    select(Group.id, Group.public_id, Group.name, Group.organisation_id, Group.identity_id)
    .join(GroupAccount, GroupAccount.group_id == Group.id)
    .join(Account, Account.id == GroupAccount.account_id)
    .where(Account.id == bindparam("account_id"), holds(GroupAccount))
    .order_by(Group.name, Group.id)
)
_other, _owner = aliased(Membership), aliased(Identity)
_HOME = select(Account.organisation_id).where(Account.id == Membership.account_id).scalar_subquery()
# Another owner who stays: of the same account or organisation, or of the organisation of the account.
_ANOTHER = exists(
    select(1)
    .select_from(_other)
    .join(_owner, _owner.id == _other.identity_id)
    .where(
        _other.id != Membership.id,
        _other.role == OWNER,
        _other.revoked_at.is_(None),
        _other.expires_at.is_(None),
        _owner.disabled_at.is_(None),
        or_(
            _other.account_id == Membership.account_id,
            _other.organisation_id == Membership.organisation_id,
            _other.organisation_id == _HOME,
        ),
    )
    .correlate(Membership)
)
_TAKE = (
    update(Membership)
    .where(
        Membership.id == bindparam("of"),
        Membership.revoked_at.is_(None),
        or_(Membership.role != OWNER, Membership.group_id.is_not(None), _ANOTHER),
    )
    .values(revoked_at=bindparam("moment"))
    .execution_options(synchronize_session=False)
    .returning(Membership.role)
)
_NARROW = (
    update(Membership)
    .where(and_(Membership.id == bindparam("of"), Membership.revoked_at.is_(None)))
    .values(without=bindparam("words"))
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)
# Owners of one thing who leave at once wait for each other here, so that one of them finds nobody left.
_WAIT = {
    "account_id": update(Account).where(Account.id == bindparam("of")).values(closed_at=Account.closed_at),
    "organisation_id": update(Organisation).where(Organisation.id == bindparam("of")).values(name=Organisation.name),
}


_MAILBOX: Select[*tuple[Any, ...]] = select(Identity.email, Identity.name, Identity.locale).where(
    Identity.id == bindparam("who"),
    Identity.email != "",
    Identity.email_confirmed_at.is_not(None),
    Identity.disabled_at.is_(None),
)


class LastOwner(PortalError):
    """The last owner neither leaves nor is taken away."""

    def __init__(self) -> None:
        message = text(
            "accounts.people.last_owner",
            "Nobody else owns this account. Make somebody else an owner first, or hand the account over.",
        )
        super().__init__("last_owner", message, 409)


class Gone(PortalError):
    """The right was changed or taken away meanwhile."""

    def __init__(self) -> None:
        message = text("accounts.members.gone", "This right was taken back already. Reload the page.")
        super().__init__("membership_gone", message, 410)


@dataclass(frozen=True, slots=True)
class Scope:
    """Something a person decides about: an account, a group of accounts, an organisation. `key` names it in forms, `column`
    and `id` in tables; `under` is the key of the membership by which they decide, `level` how well that is proved."""

    key: str
    column: str
    id: int
    title: str
    under: int
    level: int

    @property
    def columns(self) -> dict[str, int | None]:
        """The scope as columns of a membership or an invitation."""
        return {name: self.id if name == self.column else None for name in service.SCOPES}


@dataclass(frozen=True, slots=True)
class Hand:
    """What one person decides about an account: their own memberships that reach it, the scopes they manage."""

    own: Sequence[Row[Any]]
    scopes: tuple[Scope, ...]

    @property
    def roles(self) -> set[str]:
        """The roles they have here."""
        return {row.role for row in self.own}

    def scope(self, key: str) -> Scope | None:
        """Return a scope by its name in forms, or None when it is not theirs to decide about."""
        return next((each for each in self.scopes if each.key == key), None)

    def decides(self, row: Any) -> bool:
        """Whether they may change a membership that reaches the account."""
        return any(getattr(row, each.column) == each.id for each in self.scopes)


def hand(connection: Connection, actor_id: int, account: AccountRef, roles: Roles, moment: datetime) -> Hand:
    """Return what a person decides about an account; two statements, three when there are groups to know of."""
    values = {"account_id": account.id, "who": actor_id, "now": moment}
    own = connection.execute(_MINE, values).all()
    managing = [row for row in own if roles.manages(row.role)]
    if not managing:
        return Hand(own, ())
    first = max(managing, key=lambda row: (row.account_id is not None, row.level))
    found = [Scope("account", "account_id", account.id, account.title, first.id, first.level)]
    for group in connection.execute(_GROUPS, values):
        by = next((row for row in managing if row.group_id == group.id or _keeps(row, group, actor_id)), None)
        if by is not None:
            found.append(Scope(f"group-{group.public_id}", "group_id", group.id, group.name, by.id, by.level))
    for row in managing:
        if row.organisation_id is not None and not any(each.column == "organisation_id" for each in found):
            found.append(
                Scope("organisation", "organisation_id", row.organisation_id, row.organisation, row.id, row.level)
            )
    return Hand(own, tuple(found))


def here(
    connection: Connection, account: AccountRef, moment: datetime, limit: int, offset: int = 0
) -> Sequence[Row[Any]]:
    """Return who reaches an account, a row for each right, the oldest first."""
    values = {"account_id": account.id, "now": moment, "limit": limit, "offset": offset}
    return connection.execute(_PAGE, values).all()


def one(connection: Connection, account: AccountRef, membership: str, moment: datetime) -> Row[Any]:
    """Return a right that reaches an account. Raises NotFound, and Gone when it did so once."""
    row = connection.execute(_ONE, {"account_id": account.id, "wanted": membership, "now": moment}).first()
    if row is not None:
        return row
    before = select(Membership.id).where(Membership.public_id == membership, Membership.account_id == account.id)
    raise Gone if connection.execute(before).first() else NotFound


def mailbox(connection: Connection, identity_id: int) -> Row[Any] | None:
    """Return (email, name, locale) of a person who may be written to, or None."""
    return connection.execute(_MAILBOX, {"who": identity_id}).first()


def take(db: Unit, row: Any, account: AccountRef | None) -> None:
    """Take a right away, or leave it: the person's next request is refused. Raises LastOwner, Gone."""
    connection, moment = db.connection(), now(db)
    for column, wait in _WAIT.items():
        if getattr(row, column) is not None:
            connection.execute(wait, {"of": getattr(row, column)})
    if connection.execute(_TAKE, {"of": row.id, "moment": moment}).first() is None:
        still = connection.execute(
            select(Membership.id).where(Membership.id == row.id, Membership.revoked_at.is_(None))
        )
        raise LastOwner if still.first() else Gone
    _let_groups_go(connection, row)
    emit(db, MembershipRevoked(row.public_id, row.role), account=account)
    service.audit(db, "accounts.membership_revoked", row.public_id, account, role=row.role)


def change(db: Unit, row: Any, account: AccountRef, role: str, until: datetime | None) -> str:
    """Give a person another role, or another day until when, in place of a right; return the new one. Raises LastOwner, Gone."""
    take(db, row, account)
    scope = {name: getattr(row, name) for name in service.SCOPES}
    made = service.grant_scope(db, row.identity_id, role, scope, account, row.level, until)
    if row.without:
        key = db.scalars(select(Membership.id).where(Membership.public_id == made)).one()
        db.connection().execute(_NARROW, {"of": key, "words": row.without})
    return made


def narrow(db: Unit, row: Any, account: AccountRef, without: Iterable[str]) -> None:
    """Switch rights off for somebody on what a membership reaches, all others on. Raises Gone."""
    words = " ".join(sorted(set(without)))
    if not db.connection().execute(_NARROW, {"of": row.id, "words": words}).rowcount:
        raise Gone
    service.audit(db, "accounts.rights_narrowed", row.public_id, account, off=len(words.split()))


def scope_title(row: Any, account: AccountRef) -> str:
    """Return what a membership is a right to, in words."""
    return str(row.group or row.organisation or account.title)


def _keeps(row: Any, group: Any, actor_id: int) -> bool:
    if group.identity_id is not None:
        return bool(group.identity_id == actor_id)
    return bool(row.organisation_id is not None and row.organisation_id == group.organisation_id)


def _let_groups_go(connection: Connection, row: Any) -> None:
    """Who has no more right to an account does not pass it on through a group of their own."""
    if row.account_id is not None:
        own = select(Group.id).where(Group.identity_id == row.identity_id)
        connection.execute(
            delete(GroupAccount).where(GroupAccount.account_id == row.account_id, GroupAccount.group_id.in_(own))
        )


def switchable(roles: Roles, allowed: Iterable[str]) -> Mapping[str, Any]:
    """Return the rights that may be switched off for a person who has them: all but those of accounts themselves."""
    return {name: roles.permissions[name] for name in sorted(allowed) if not name.startswith("accounts.")}
