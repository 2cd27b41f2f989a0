"""Several accounts of one person at once, each with what they may do there. Fills the port Reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, bindparam, select

from lkportal.accounts.contract import AccountRef
from lkportal.accounts.directory import Directory
from lkportal.accounts.models import Abstention, Account, Brand, Membership
from lkportal.accounts.reaching import of_accounts
from lkportal.accounts.references import PLACE
from lkportal.core.clock import Clock

_wanted = select(Account.id).where(Account.public_id.in_(bindparam("accounts", expanding=True)))
_reach = of_accounts(_wanted, Membership.identity_id == bindparam("identity_id")).subquery("reach")
_HAVING = (
    select(*PLACE, Membership.role, Membership.level, Membership.without, Abstention.without.label("abstained"))
    .select_from(_reach)
    .join(Account, Account.id == _reach.c.account)
    .join(Brand, Brand.id == Account.brand_id)
    .join(Membership, Membership.id == _reach.c.member)
    .outerjoin(Abstention, Abstention.identity_id == Membership.identity_id)
    .order_by(Account.title, Account.id)
)


class Reachable:
    """What the people of one portal reach, many accounts at a time."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def having(self, connection: Connection, identity_id: int, right: str, accounts: Sequence[str]) -> list[AccountRef]:
        """Return those of `accounts` on which a person may do `right` now ("": whichever they reach), by title; see the port."""
        if not accounts:
            return []
        values = {"identity_id": identity_id, "accounts": list(accounts), "now": self._clock.now()}
        found = []
        for _, group in groupby(connection.execute(_HAVING, values), key=lambda row: row.id):
            rows = list(group)
            rights = self._directory.opened(self._directory.allowed(rows), rows[0].public_id)
            if not right or right in rights:
                place: tuple[Any, ...] = tuple(rows[0])[: len(PLACE)]
                found.append(replace(AccountRef(*place), role=rows[0].role, rights=rights))
        return found
