"""Fills the example: the company's files go through the same import as in life, then come the people of the demo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account, Organisation, StaffRole
from lkportal.accounts.service import grant, grant_organisation
from lkportal.app import Portal
from lkportal.auth.models import Identity
from lkportal.auth.passwords import Passwords
from lkportal.core.imports import run_import
from lkportal.core.ports import port
from lkportal.core.unit import open_unit
from lkportal.modules.payments.seed import settle
from utility.billing import months_before, payments, write_files
from utility.households import ACCOUNTS, MONTHS, OWN, WORKS_INN, households

PASSWORD = "lkportal-demo"
STAFF = {
    "operator@example.org": ("operator", "Оператор"),
    "cashier@example.org": ("cashier", "Кассир"),
    "accountant@example.org": ("accountant", "Бухгалтер"),
    "admin@example.org": ("administrator", "Администратор"),
}
CUSTOMERS = {"anna@example.org": "Анна Викторовна", "buh@zavod.example.org": "Бухгалтерия завода"}


def seed(portal: Portal, folder: Path, say: Callable[[str], None], count: int = ACCOUNTS) -> None:
    """Fill an empty, migrated portal with `count` accounts; `folder` keeps the files that were imported."""
    today = portal.clock.now().astimezone(ZoneInfo(portal.settings.portal.time_zone)).date()
    months = months_before(today, MONTHS)
    homes = list(households(months, count))
    for kind, file in write_files(folder, homes, months, today).items():
        report = run_import(portal.database, portal.unit_context("seed"), portal.registry.import_kinds[kind], file)
        say(f"{kind}: {report.accepted} rows, {report.rejected} rejected")
    hashed = Passwords(portal.settings_of("auth")).make(PASSWORD)
    # One unit: a seed that was stopped has either both or neither, and money is settled once.
    with open_unit(portal.database, portal.unit_context("seed")) as db:
        settle(db, payments(homes, months))
        _people(db, portal.clock.now(), hashed)
    say("payments: the past is settled")


def _people(db: Session, moment: datetime, hashed: str) -> None:
    def person(kind: str, login: str, name: str) -> Identity:
        row = Identity(
            kind=kind,
            login=login,
            email=login,
            email_confirmed_at=moment,
            name=name,
            password_hash=hashed,
            created_at=moment,
        )
        db.add(row)
        db.flush()
        return row

    for login, (role, name) in STAFF.items():
        db.add(StaffRole(identity_id=person("staff", login, name).id, role=role, granted_at=moment))
    anna, buh = (person("customer", login, name) for login, name in CUSTOMERS.items())
    for place, (number, _, _) in enumerate(OWN):
        public = db.scalars(select(Account.public_id).where(Account.number == number)).one()
        account = port(db, Accounts).by_public_id(db, public)  # type: ignore[type-abstract]
        if account is not None:
            grant(db, anna.id, account, "payer" if place == 2 else "owner")
    works = db.scalars(select(Organisation).where(Organisation.tax_number == WORKS_INN)).one()
    grant_organisation(db, buh.id, works, "accountant")


def is_seeded(portal: Portal) -> bool:
    """Whether the demo's people are there."""
    with portal.database.reading() as connection:
        return connection.execute(select(Identity.id).where(Identity.login == "anna@example.org")).first() is not None


__all__ = ["ACCOUNTS", "CUSTOMERS", "PASSWORD", "STAFF", "is_seeded", "seed"]
