"""Who is here and what of theirs they opened: one statement for session, person, account and membership together.
A revoked session or membership is refused at the very next request. Policies are judged in web.guard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, literal, select

from lkportal.accounts.contract import Duties, UnreadCount
from lkportal.accounts.first.visits import is_under_way
from lkportal.accounts.models import Abstention, Account, Brand, Membership, StaffRole
from lkportal.accounts.reaching import NOW, reaches
from lkportal.accounts.roles import Levels, named
from lkportal.auth.models import Identity, Session
from lkportal.core.databases.prepared import Prepared
from lkportal.core.policy import AccountRef, Actor, Permission
from lkportal.core.registry.overlay import VERSION

Use = Callable[[ColumnElement[int]], ColumnElement[bool]]
_SIGN_IN = (
    Session.id.label("session_id"),
    Session.seen_at,
    Session.stepped_up_at,
    Session.second_at,
    Session.account_id.label("last_account_id"),
    Session.viewing_identity_id,
    Session.viewing_until,
    Identity.id,
    Identity.public_id,
    Identity.kind,
    Identity.name,
    Identity.login,
    Identity.locale,
    Identity.asks,
    Identity.second_ways,
    select(Abstention.without).where(Abstention.identity_id == Identity.id).scalar_subquery().label("abstained"),
    func.coalesce(VERSION, 0).label("overlay_version"),
    is_under_way(Identity.id).label("first_visit"),
)
_ALIVE = and_(
    Session.token_hash == bindparam("token_hash"),
    Session.revoked_at.is_(None),
    Session.expires_at > NOW,
    Identity.disabled_at.is_(None),
)
_MEMBER = reaches(Membership.identity_id == Identity.id)
_ACCOUNT = (
    Account.id.label("account_id"),
    Account.public_id.label("account_public"),
    Account.number,
    Account.title,
    Account.time_zone,
    Account.currency,
    Account.organisation_id,
    Brand.key.label("brand"),
    Membership.role,
    Membership.level,
    Membership.without,
)
_STAFF_ROLES = select(StaffRole.role).where(StaffRole.identity_id == bindparam("identity_id"))


class Statements:
    """The statements of one portal, built once. `unread` counts a person's unread entries, `duties` what of their duties they
    did, when some module can; `used` are conditions on an account's key that entries of the menu depend on."""

    def __init__(
        self, unread: UnreadCount | None = None, duties: Duties | None = None, used: Sequence[Use] = ()
    ) -> None:
        own = (_person(unread, duties), tuple(each(Account.__table__.c.id) for each in used))
        by_path, by_last = Account.public_id == bindparam("account"), Account.id == Session.account_id
        customer = Session.viewing_identity_id
        self._by_path = Prepared(_reaching(by_path, *own))
        self._by_last = Prepared(_reaching(by_last, *own))
        self._viewed_by_path = Prepared(_reaching(by_path, *own, customer))
        self._viewed_by_last = Prepared(_reaching(by_last, *own, customer))

    def person_and_account(self, connection: Connection, token_hash: str, now: datetime, account: str) -> Sequence[Any]:
        """Return the rows of a living session with the account asked for: one for each membership that reaches it.

        No row: no session. `role` empty: the account is absent or foreign, which must look the same.
        """
        values = {"token_hash": token_hash, "now": now, "account": account}
        return self._by_path.all(connection, values)

    def person_and_last(self, connection: Connection, token_hash: str, now: datetime) -> Sequence[Any]:
        """Return the rows of a living session with the account it looked at last, if it is still theirs."""
        return self._by_last.all(connection, {"token_hash": token_hash, "now": now})

    def viewed(self, connection: Connection, token_hash: str, now: datetime, account: str) -> Sequence[Any]:
        """Return the rows of the customer whose pages the company's person of a living session sees, with the account asked
        for, or with the one looked at last when `account` is ""."""
        values = {"token_hash": token_hash, "now": now}
        if not account:
            return self._viewed_by_last.all(connection, values)
        return self._viewed_by_path.all(connection, {**values, "account": account})


def _person(unread: UnreadCount | None, duties: Duties | None) -> tuple[ColumnElement[Any], ...]:
    """Return what other rooms count of a person."""
    count = unread.column(Identity.__table__.c.id) if unread else literal(0)
    done = duties.column(Identity.__table__.c.id) if duties else None
    return (count.label("unread"), (literal(-1) if done is None else done).label("done"))


def _reaching(
    which: ColumnElement[bool],
    counted: Sequence[ColumnElement[Any]],
    used: Sequence[ColumnElement[bool]],
    who: Any = Session.identity_id,
) -> Select[*tuple[Any, ...]]:
    """Return the statement of session, person, the account meant by `which`, and the memberships that reach it."""
    uses = (case((condition, 1), else_=0).label(f"uses_{place}") for place, condition in enumerate(used))
    return (
        select(*_SIGN_IN, *counted, *_ACCOUNT, *uses)
        .join(Identity, Identity.id == who)
        .outerjoin(Account, which)
        .outerjoin(Brand, Brand.id == Account.brand_id)
        .outerjoin(Membership, _MEMBER)
        .where(_ALIVE)
    )


def unused(row: Any, routes: Sequence[str]) -> frozenset[str]:
    """Return those of `routes`, entries of the menu in the order their conditions were given, that this account has no use for."""
    return frozenset(route for place, route in enumerate(routes) if not getattr(row, f"uses_{place}"))


def actor(row: Any, permissions: frozenset[str], demanded: frozenset[str] = frozenset()) -> Actor:
    """Return the actor of a session row. `demanded` are the purposes for which the company wants a second factor of them."""
    return Actor(
        row.kind,
        row.id,
        row.public_id,
        row.name,
        row.login,
        permissions,
        row.session_id,
        row.stepped_up_at,
        second_at=row.second_at,
        asks=demanded | frozenset(row.asks.split()) if row.second_ways else demanded,
        has_second=bool(row.second_ways),
    )


def account_ref(rows: Sequence[Any], levels: Levels, uses: Sequence[str] = ()) -> AccountRef | None:
    """Return the account of session rows with the rights of all roles in it together, less what was switched off for this
    person or by themself; None when it is not theirs. `uses` are the routes whose use the statement asked about."""
    roles = [(row.role, row.level) for row in rows if row.role]
    if not roles:
        return None
    first = rows[0]
    allowed = frozenset().union(*(levels.open(role, level) for role, level in roles))
    whole = frozenset().union(*(levels.all(role) for role, _ in roles))
    refused, abstained = named(row.without for row in rows), named([first.abstained])
    return AccountRef(
        first.account_id,
        first.account_public,
        first.number,
        first.title,
        first.time_zone,
        first.currency,
        first.brand,
        first.organisation_id,
        roles[0][0],
        allowed - refused - abstained,
        max(level for _, level in roles),
        whole - allowed,
        refused & whole,
        abstained & whole,
        unused(first, uses),
    )


def staff_permissions(
    connection: Connection, identity_id: int, permissions: Mapping[str, Permission]
) -> frozenset[str]:
    """Return what the roles of one of the company's people allow."""
    roles = set(connection.scalars(_STAFF_ROLES, {"identity_id": identity_id}))
    return frozenset(name for name, permission in permissions.items() if roles & set(permission.staff))
