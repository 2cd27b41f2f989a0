"""A small world for tests of rules: tables, a brand, accounts, people, and units of work with a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Brand, Membership
from lkportal.audit.service import Trail
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.db import Base, Database
from lkportal.core.policy import SYSTEM, AccountRef, Actor, AuditLog
from lkportal.core.ports import Ports
from lkportal.core.unit import UnitContext, open_unit

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass
class World:
    """One database with the shared nouns in it. `ports` holds the audit; a test may fill more."""

    database: Database
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOON))
    ports: Ports = field(default_factory=Ports)

    def unit(self, actor: Actor = SYSTEM) -> AbstractContextManager[Session]:
        """Open a unit of work as `actor`."""
        return open_unit(self.database, UnitContext(self.clock, actor, "test", self.ports))

    def account(self, number: str = "0412778215", **changes: object) -> AccountRef:
        """Return a new account in Moscow time with rubles, as an owner of all rights sees it."""
        with self.unit() as db:
            brand = db.scalar(select(Brand).where(Brand.key == "default"))
            row = Account(
                brand_id=brand.id if brand else 0,
                number=number,
                title=f"Account {number}",
                time_zone="Europe/Moscow",
                currency="RUB",
                opened_at=self.clock.now(),
                **changes,
            )
            db.add(row)
            db.flush()
            return AccountRef(row.id, row.public_id, number, row.title, "Europe/Moscow", "RUB", "default", role="owner")

    def customer(self, login: str, *owns: AccountRef, role: str = "owner") -> Actor:
        """Return a new customer who is a member of accounts in `role`."""
        with self.unit() as db:
            person = Identity(
                kind="customer", login=login, email=login, name=login.partition("@")[0], created_at=self.clock.now()
            )
            db.add(person)
            db.flush()
            for account in owns:
                db.add(Membership(identity_id=person.id, account_id=account.id, role=role, created_at=self.clock.now()))
            return Actor("customer", person.id, person.public_id, person.name, login)


def new_world(database: Database) -> World:
    """Create all tables that are known, a brand and the audit in `database`."""
    world = World(database)
    with database.unit() as db:
        Base.metadata.create_all(db.connection())
        db.execute(insert(Brand).values(key="default", name="Brand", hosts=[], public_url="", theme_version=1))
    world.ports.provide(AuditLog, Trail())  # type: ignore[type-abstract]
    return world


def rows(database: Database, statement: str) -> Sequence[tuple[object, ...]]:
    """Return what a plain SQL statement finds."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
