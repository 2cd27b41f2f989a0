"""Finding an account and its people for those who act without a request: listeners, jobs, notices. Fills the port Accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef, Member
from lkportal.accounts.models import Abstention, Account, Brand, Membership
from lkportal.accounts.reaching import of_account, of_accounts
from lkportal.accounts.references import PLACES
from lkportal.accounts.roles import Levels, Roles, named
from lkportal.auth.models import Identity
from lkportal.core.clock import Clock
from lkportal.core.registry.rollouts import Opening, without

_ACCOUNT = PLACES.where(Account.public_id == bindparam("public"))
_ACCOUNTS = PLACES.where(Account.id.in_(bindparam("account_ids", expanding=True)))
_PUBLIC = select(Account.public_id).where(Account.id == bindparam("account_id"))
_BRANDS = select(Brand.id, Brand.key)
_MEMBER = (
    Identity.id,
    Identity.public_id,
    Identity.email,
    Identity.name,
    Identity.locale,
    Membership.role,
    Membership.level,
    Membership.without,
    Abstention.without.label("abstained"),
)
_MEMBERS = (
    select(*_MEMBER)
    .select_from(Membership)
    .join(Identity, Identity.id == Membership.identity_id)
    .outerjoin(Abstention, Abstention.identity_id == Identity.id)
    .where(Membership.id.in_(of_account(bindparam("account_id"))), Identity.disabled_at.is_(None))
    .order_by(Identity.id)
)
_reach = of_accounts(bindparam("account_ids", expanding=True)).subquery("reach")
_PEOPLE = (
    select(*_MEMBER, _reach.c.account)
    .select_from(_reach)
    .join(Membership, Membership.id == _reach.c.member)
    .join(Identity, Identity.id == Membership.identity_id)
    .outerjoin(Abstention, Abstention.identity_id == Identity.id)
    .where(Identity.disabled_at.is_(None))
    .order_by(_reach.c.account, Identity.id)
)


class Directory:
    """The accounts of one portal. `roles` are what customers may be, `rights` what each role may do, `gates` tells the level
    of verification a right waits for."""

    def __init__(
        self, roles: Roles, clock: Clock, gates: Mapping[str, int] | None = None, opening: Opening | None = None
    ) -> None:
        self._opening = opening
        self.roles = roles
        self.rights: Mapping[str, frozenset[str]] = roles.rights
        self.gates: Mapping[str, int] = gates or {}
        self.levels = Levels(roles.rights, self.gates)
        self._clock = clock
        self._brands: dict[int, str] = {}

    def by_public_id(self, db: Session | Connection, public_id: str) -> AccountRef | None:
        """Return the account as the system sees it, or None when there is none."""
        row = db.execute(_ACCOUNT, {"public": public_id}).first()
        return AccountRef(**row._asdict()) if row is not None else None

    def by_keys(self, db: Session | Connection, account_ids: Sequence[int]) -> Mapping[int, AccountRef]:
        """Return accounts by internal key as the system sees them."""
        rows = db.execute(_ACCOUNTS, {"account_ids": list(account_ids)})
        return {row.id: AccountRef(**row._asdict()) for row in rows}

    def brand(self, connection: Connection, brand_id: int) -> str:
        """Return the key of a brand by its internal key; brands are read once, for their keys never change."""
        if brand_id not in self._brands:
            self._brands.update({row.id: row.key for row in connection.execute(_BRANDS)})
        return self._brands[brand_id]

    def members(self, db: Session | Connection, account_id: int, right: str = "") -> list[Member]:
        """Return who reaches the account now and may do `right` there (empty: whoever reaches it), each person once."""
        module = right.partition(".")[0]
        if self._opening is not None and self._opening.may_be_closed(module):
            public = db.execute(_PUBLIC, {"account_id": account_id}).scalar() or ""
            if not self._opening.is_open(module, public):
                return []
        found = db.execute(_MEMBERS, {"account_id": account_id, "now": self._clock.now()})
        return self._with(right, found)

    def people(
        self, db: Session | Connection, account_ids: Sequence[int], right: str = ""
    ) -> list[tuple[AccountRef, list[Member]]]:
        """Return accounts with the people who may do `right` there, by two statements for all; accounts of nobody are left out."""
        found = db.execute(_PEOPLE, {"account_ids": list(account_ids), "now": self._clock.now()}).all()
        told = {
            key: members
            for key, rows in groupby(found, key=lambda row: row.account)
            if (members := self._with(right, rows))
        }
        if not told:
            return []
        refs = db.execute(_ACCOUNTS, {"account_ids": list(told)})
        module = right.partition(".")[0]
        return [
            (AccountRef(**row._asdict()), told[row.id]) for row in refs if not module or self.has(module, row.public_id)
        ]

    def has(self, module: str, account: str) -> bool:
        """Whether a module is open to customers on an account (public id)."""
        return self._opening is None or self._opening.is_open(module, account)

    def opened(self, rights: frozenset[str], account: str) -> frozenset[str]:
        """Return rights less those of modules that are not open on an account (public id)."""
        return without(rights, self._opening.closed(account)) if self._opening is not None else rights

    def _with(self, right: str, found: Iterable[Any]) -> list[Member]:
        """Return the people of rows that stand person by person, those whose memberships together open `right`."""
        return [
            Member(*rows[0][:5])
            for rows in (list(group) for _, group in groupby(found, key=lambda row: row.id))
            if not right or right in self.allowed(rows)
        ]

    def allowed(self, rows: Sequence[Any]) -> frozenset[str]:
        """Return what one person may do by rows of their memberships (role, level, without, abstained) in one account."""
        refused = named(each for row in rows for each in (row.without, row.abstained))
        return frozenset().union(*(self.levels.open(row.role, row.level) for row in rows)) - refused
