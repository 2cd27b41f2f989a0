"""Finding an account and its people for those who act without a request: listeners, jobs, notices. Fills the port Accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef, Member
from lkportal.accounts.grants import rights_of_roles
from lkportal.accounts.models import Account, Brand, Membership
from lkportal.auth.models import Identity
from lkportal.core.policy import Permission

_ACCOUNT = (
    select(
        Account.id,
        Account.public_id,
        Account.number,
        Account.title,
        Account.time_zone,
        Account.currency,
        Brand.key.label("brand"),
        Account.organisation_id,
    )
    .join(Brand, Brand.id == Account.brand_id)
    .where(Account.public_id == bindparam("public"))
)
_BRANDS = select(Brand.id, Brand.key)
_MEMBERS = (
    select(Identity.id, Identity.public_id, Identity.email, Identity.name, Identity.locale)
    .distinct()
    .join(Membership, Membership.identity_id == Identity.id)
    .join(
        Account,
        or_(Account.id == Membership.account_id, Account.organisation_id == Membership.organisation_id),
    )
    .where(
        Account.id == bindparam("account_id"),
        Membership.revoked_at.is_(None),
        Membership.role.in_(bindparam("roles", expanding=True)),
        Membership.level >= bindparam("least"),
        Identity.disabled_at.is_(None),
    )
    .order_by(Identity.id)
)


class Permissions(Protocol):
    """What is read of the registry."""

    @property
    def permissions(self) -> Mapping[str, Permission]: ...


class Directory:
    """The accounts of one portal. `rights` maps a customer role to what it may do, as the modules that are on declare; `gates`
    tells the level of verification a right waits for."""

    def __init__(self, registry: Permissions, gates: Mapping[str, int] | None = None) -> None:
        self.gates: Mapping[str, int] = gates or {}
        self.rights: Mapping[str, frozenset[str]] = rights_of_roles(registry.permissions)
        self._brands: dict[int, str] = {}

    def by_public_id(self, db: Session | Connection, public_id: str) -> AccountRef | None:
        """Return the account as the system sees it, or None when there is none."""
        row = db.execute(_ACCOUNT, {"public": public_id}).first()
        return AccountRef(**row._asdict()) if row is not None else None

    def brand(self, connection: Connection, brand_id: int) -> str:
        """Return the key of a brand by its internal key; brands are read once, for their keys never change."""
        if brand_id not in self._brands:
            self._brands.update({row.id: row.key for row in connection.execute(_BRANDS)})
        return self._brands[brand_id]

    def members(self, db: Session | Connection, account_id: int, right: str = "") -> list[Member]:
        """Return who reaches the account today in a role that has `right` (empty: in any), each person once."""
        roles = [role for role, rights in self.rights.items() if not right or right in rights]
        least = self.gates.get(right, 0)
        found = db.execute(_MEMBERS, {"account_id": account_id, "roles": roles, "least": least})
        return [Member(*row) for row in found]
