"""Writing the audit: a row in the act's own transaction, or, for what was refused, in a small one of its own."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lkportal.audit.models import Record
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.core.unit import context

_INSERT = insert(Record)


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
        unit = context(db)
        row = {
            "public_id": public_id(),
            "at": unit.clock.now(),
            "actor": unit.actor.label,
            "on_behalf_of": unit.on_behalf_of,
            "action": action,
            "outcome": outcome,
            "target": target,
            "account": account.public_id if account else unit.account_public,
            "request_id": unit.request_id,
            "detail": detail or {},
        }
        db.execute(_INSERT, row)
