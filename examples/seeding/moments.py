"""Writing the past of a demo: acts as of another moment, by its people, of which nobody is told today."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.ports import port
from lkportal.core.tables import outbox
from lkportal.core.unit import context, now


@contextmanager
def as_of(db: Session, moment: datetime, actor: Actor | None = None) -> Iterator[None]:
    """Write what stands in the block as of another moment, by another actor."""
    before = context(db)
    db.info["unit"] = replace(before, clock=MovableClock(moment), actor=actor or before.actor)
    try:
        yield
    finally:
        db.info["unit"] = before


def tell_nobody_of_old(db: Session) -> None:
    """Let nobody be told today of what was done before today: they were told then."""
    db.execute(delete(outbox).where(outbox.c.occurred_at < now(db) - timedelta(hours=3)))


def person(db: Session, login: str) -> Actor:
    """Return somebody of the demo as the one who acts."""
    row = db.scalars(select(Identity).where(Identity.login == login)).one()
    return Actor("staff" if row.kind == "staff" else "customer", row.id, row.public_id, row.name, row.login)


def account_of(db: Session, number: str) -> AccountRef:
    """Return an account by its number."""
    public = db.scalars(select(Account.public_id).where(Account.number == number)).one()
    found = port(db, Accounts).by_public_id(db, public)  # type: ignore[type-abstract]
    assert found is not None
    return found
