"""What other rooms may know of accounts: events, roles and small records. Tables stand in models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from sqlalchemy import ColumnElement, Connection, ScalarSelect

from lkportal.core.events import Event
from lkportal.core.policy import AccountRef

__all__ = [
    "CUSTOMER_ROLES",
    "STAFF_ROLES",
    "AccountClaimed",
    "AccountHistory",
    "AccountRef",
    "MembershipRevoked",
    "Role",
    "StaffRoleName",
    "UnreadCount",
]

Role = Literal["owner", "payer", "reader", "accountant", "signer"]
StaffRoleName = Literal["operator", "cashier", "accountant", "specialist", "administrator", "auditor"]
CUSTOMER_ROLES: tuple[Role, ...] = ("owner", "payer", "reader", "accountant", "signer")
STAFF_ROLES: tuple[StaffRoleName, ...] = (
    "operator",
    "cashier",
    "accountant",
    "specialist",
    "administrator",
    "auditor",
)


@dataclass(frozen=True, slots=True)
class AccountClaimed(Event):
    """A person proved that an account is theirs and became a member in `role`."""

    name: ClassVar[str] = "accounts.claimed"
    membership: str
    role: str


@dataclass(frozen=True, slots=True)
class MembershipRevoked(Event):
    """A person lost the right to an account or an organisation's accounts."""

    name: ClassVar[str] = "accounts.membership_revoked"
    membership: str


class AccountHistory(Protocol):
    """Port filled by audit: what was done on an account, for the people of that account."""

    def recent(self, connection: Connection, account: str, limit: int, offset: int = 0) -> Sequence[Any]:
        """Return rows (public_id, at, actor, on_behalf_of, action, outcome, target) of an account, newest first."""
        ...


class UnreadCount(Protocol):
    """Port filled by notify: how many unread entries a person has, counted by the statement that finds out who asks."""

    def column(self, identity_id: ColumnElement[int]) -> ScalarSelect[int]:
        """Return the count as a subquery correlated with `identity_id`, cheap by an index: it is part of every request."""
        ...
