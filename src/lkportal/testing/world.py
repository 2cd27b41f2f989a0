"""A small world for tests of rules: tables, a brand, accounts, people, and units of work with a clock that stands still."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Brand, Membership, Organisation, StaffRole
from lkportal.audit.service import Trail
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.db import Base, Database
from lkportal.core.policy import SYSTEM, AccountRef, Actor, ActorKind, AuditLog
from lkportal.core.ports import Ports
from lkportal.core.unit import UnitContext, open_unit

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PASSWORD = "kettle under nine maps"
CHEAP_HASHES = {"hash_memory_kib": 8_192, "hash_passes": 1}
"""Settings of auth under which tests do not wait for password checks; the people of a World have passwords of this strength."""


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
            brand = db.scalars(select(Brand).order_by(Brand.id).limit(1)).one()
            row = Account(
                brand_id=brand.id,
                number=number,
                title=f"Account {number}",
                time_zone="Europe/Moscow",
                currency="RUB",
                opened_at=self.clock.now(),
                **changes,
            )
            db.add(row)
            db.flush()
            return AccountRef(row.id, row.public_id, number, row.title, "Europe/Moscow", "RUB", brand.key, role="owner")

    def organisation(self, name: str) -> int:
        """Return the key of a new organisation: give it to accounts as `organisation_id`."""
        with self.unit() as db:
            row = Organisation(name=name)
            db.add(row)
            db.flush()
            return row.id

    def customer(self, login: str, *owns: AccountRef, role: str = "owner", organisation: int | None = None) -> Actor:
        """Return a new customer who is a member, in `role`, of accounts and of an organisation. Their password is PASSWORD."""
        with self.unit() as db:
            person = self._person(db, "customer", login)
            shared = {"identity_id": person.id or 0, "role": role, "created_at": self.clock.now()}
            db.add_all(Membership(account_id=account.id, **shared) for account in owns)
            if organisation is not None:
                db.add(Membership(organisation_id=organisation, **shared))
            return person

    def staff(self, login: str, *roles: str) -> Actor:
        """Return a new person of the company with staff roles. Their password is PASSWORD."""
        with self.unit() as db:
            person = self._person(db, "staff", login)
            db.add_all(StaffRole(identity_id=person.id or 0, role=role, granted_at=self.clock.now()) for role in roles)
            return person

    def _person(self, db: Session, kind: ActorKind, login: str) -> Actor:
        name = login.partition("@")[0]
        row = Identity(
            kind=kind,
            login=login,
            email=login if "@" in login else "",
            email_confirmed_at=self.clock.now(),
            name=name,
            password_hash=_password_hash(),
            created_at=self.clock.now(),
        )
        db.add(row)
        db.flush()
        return Actor(kind, row.id, row.public_id, name, login)


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


@cache
def _password_hash() -> str:
    cheap = Argon2Hasher(
        time_cost=CHEAP_HASHES["hash_passes"], memory_cost=CHEAP_HASHES["hash_memory_kib"], parallelism=1
    )
    return PasswordHash((cheap,)).hash(PASSWORD)
