"""Writing the audit: a row in the act's own transaction, or, for what was refused, in a small one of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lkportal.audit.models import Record
from lkportal.core.databases.prepared import Prepared
from lkportal.core.db import Database
from lkportal.core.ids import public_id
from lkportal.core.limits.budget import Budget
from lkportal.core.limits.rates import allow_in
from lkportal.core.policy import AccountRef
from lkportal.core.unit import UnitContext, context, open_unit

REFUSALS_A_MINUTE = 30
"""Refusals of one actor that are recorded in a minute; more of them tell nothing new and would fill the disk."""
_REFUSALS_OF_ALL = 600
_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
_INSERT = Prepared(insert(Record.__table__))  # type: ignore[arg-type]


class Trail:
    """The audit log of a portal: fills the port AuditLog."""

    def record(
        self,
        db: Session,
        action: str,
        *,
        target: str = "",
        account: AccountRef | None = None,
        outcome: Literal["done", "refused", "viewed"] = "done",
        detail: dict[str, str | int] | None = None,
    ) -> None:
        """Write that the unit's actor did `action` on `target`, in the transaction of `db`: it stands or falls with the act."""
        self.record_each(db, action, (target,), account=account, outcome=outcome, detail=detail)

    def record_each(
        self,
        db: Session,
        action: str,
        targets: Sequence[str],
        *,
        account: AccountRef | None = None,
        outcome: Literal["done", "refused", "viewed"] = "done",
        detail: dict[str, str | int] | None = None,
    ) -> None:
        """Write the same of several targets by one statement."""
        unit = context(db)
        approved = unit.actor.approved_by
        same = {
            "at": unit.clock.now(),
            "actor": unit.actor.label,
            "on_behalf_of": unit.on_behalf_of,
            "action": action,
            "outcome": outcome,
            "account": account.public_id if account else unit.account_public,
            "request_id": unit.request_id,
            "detail": {**(detail or {}), **({"approved_by": approved} if approved else {})},
        }
        rows = [{"public_id": public_id(), "target": target, **same} for target in targets]
        if rows:
            _INSERT.add(db.connection(), rows)


class RefusalLog:
    """Fills the port Refusals: each refusal in a small unit of its own, so many a minute for one actor and for all."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._trail = Trail()
        self._budget = Budget(_REFUSALS_OF_ALL)

    def refused(self, who: UnitContext, action: str, *, target: str, status: int) -> None:
        """Write the refusal. On an account that is not theirs it stands with the actor, not in that account's history."""
        if not self._budget.take():
            return
        with open_unit(self._database, who) as db:
            if allow_in(db, f"audit.refused:{who.actor.label}", REFUSALS_A_MINUTE, 60, who.clock.now()):
                named = target if _ID.fullmatch(target) else ""
                self._trail.record(db, action, target=named, outcome="refused", detail={"status": status})
