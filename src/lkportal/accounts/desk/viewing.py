"""Seeing a customer's pages as they do: the company's person stays who they are, the pages are the customer's, nothing is written.
What is closed to such a view is judged in web.guard; beginning and ending it are pages of staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.orm import Session as Unit

from lkportal.accounts import grants
from lkportal.accounts.roles import Levels
from lkportal.auth.models import Session
from lkportal.core.policy import Policy, Viewing
from lkportal.web.trust.guard import Grant

RIGHT = "staff.view_as"
_SET = (
    update(Session)
    .where(Session.id == bindparam("of"), Session.revoked_at.is_(None))
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Viewed:
    """A session that has a view in it, and how to find the customer behind it."""

    statements: grants.Statements
    connection: Connection
    hashed: str
    now: datetime
    levels: Levels
    uses: Sequence[str] = ()

    def grant(self, own: Grant, policy: Policy, wanted: str) -> Grant:
        """Return what is known of who asks: the customer with the company's person behind them, on pages of the desk only a
        word that the view goes on. A view whose time or right is over is none, and customers' pages tell so."""
        rows = self.statements.viewed(self.connection, self.hashed, self.now, wanted)
        if not rows or rows[0].viewing_until <= self.now or RIGHT not in own.actor.permissions:
            return replace(own, view_is_over=True)
        first = rows[0]
        view = Viewing(first.id, first.public_id, first.name or first.login, first.viewing_until)
        if policy.who == "staff":
            return replace(own, viewing=view)
        customer = replace(
            grants.actor(first, frozenset()),
            stepped_up_at=None,
            second_at=None,
            asks=frozenset(),
            on_behalf_of=f"{first.kind}:{first.public_id}",
            behind=own.actor.label,
        )
        account = grants.account_ref(rows, self.levels, self.uses)
        return Grant(
            actor=customer,
            account=account if wanted else None,
            menu_account=account or self._last(wanted),
            locale=first.locale,
            slots={"unread": str(first.unread)} if first.unread else {},
            viewing=view,
        )

    def _last(self, wanted: str) -> Any:
        if not wanted:
            return None
        rows = self.statements.viewed(self.connection, self.hashed, self.now, "")
        return grants.account_ref(rows, self.levels, self.uses)


def begin(db: Unit, session_id: int, customer: int, until: datetime, account: int | None) -> bool:
    """Let a session of the company's people see pages as a customer until a moment; say whether the session lives."""
    values = {"viewing_identity_id": customer, "viewing_until": until, "account_id": account}
    return bool(db.connection().execute(_SET.values(**values), {"of": session_id}).rowcount)


def end(db: Unit, session_id: int) -> None:
    """End the view of a session."""
    values = {"viewing_identity_id": None, "viewing_until": None, "account_id": None}
    db.connection().execute(_SET.values(**values), {"of": session_id})
