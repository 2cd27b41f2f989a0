"""The company's own people as modules ask about them. Their roles and rights are changed in staff."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from lkportal.accounts.models import StaffRole
from lkportal.auth.models import Identity

_ABLE = (
    select(func.lower(Identity.email).label("mailbox"))
    .join(StaffRole, StaffRole.identity_id == Identity.id)
    .where(
        StaffRole.role.in_(bindparam("roles", expanding=True)),
        Identity.kind == "staff",
        Identity.disabled_at.is_(None),
        Identity.email_confirmed_at.is_not(None),
    )
)


class ByRights:
    """Fills the port Colleagues: rights are those of the registry as it is now."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    def mailboxes(self, connection: Connection, right: str) -> frozenset[str]:
        """Return the addresses, in small letters: confirmed ones of those who have a right now, and the company's shared mailboxes."""
        known = self._portal.registry.permissions.get(right)
        roles = sorted(known.staff) if known else []
        shared = {each.lower() for each in self._portal.settings_of("accounts").shared_mailboxes}
        return frozenset(connection.scalars(_ABLE, {"roles": roles})) | shared if roles else frozenset()
