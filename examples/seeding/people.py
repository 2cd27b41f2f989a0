"""The people of a demo: four of the company, and customers with what they may see. The same names and one password everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts, Role
from lkportal.accounts.models import Account, Group, GroupAccount, Organisation, StaffRole
from lkportal.accounts.service import grant, grant_organisation
from lkportal.app import Portal
from lkportal.auth.models import Identity
from lkportal.auth.passwords import Passwords
from lkportal.core.imports import run_import
from lkportal.core.ports import port

PASSWORD = "lkportal-demo"
STAFF = {
    "operator@example.org": ("operator", "Оператор"),
    "cashier@example.org": ("cashier", "Кассир"),
    "accountant@example.org": ("accountant", "Бухгалтер"),
    "admin@example.org": ("administrator", "Администратор"),
}


@dataclass(frozen=True)
class Customer:
    """Somebody who signs in: `accounts` are pairs of number and role, `inn` an organisation whose accountant they are, `group`
    the name they gave to the accounts they own."""

    login: str
    name: str
    accounts: tuple[tuple[str, Role], ...] = ()
    inn: str = ""
    group: str = ""


def today(portal: Portal) -> date:
    """Return the date where the company is."""
    return portal.clock.now().astimezone(ZoneInfo(portal.settings.portal.time_zone)).date()


def take_in(portal: Portal, files: Mapping[str, Path], say: Callable[[str], None], brand: str = "") -> None:
    """Import files by kind, in their order, as the company would; of a `brand` when it is not the default one."""
    for kind, file in files.items():
        known = portal.registry.import_kinds[kind]
        parameters = {"brand": brand} if brand and "brand" in known.parameters else {}
        report = run_import(portal.database, portal.unit_context("seed"), known, file, parameters=parameters)
        say(f"{kind}: {report.accepted} rows, {report.rejected} rejected")


def password_hash(portal: Portal) -> str:
    """Return the hash of the demo's password: slow on purpose, so made once and outside a unit."""
    return Passwords(portal.settings_of("auth")).make(PASSWORD)


def settle_in(db: Session, moment: datetime, hashed: str, customers: Iterable[Customer]) -> None:
    """Write the people of the company and its customers, and open to each customer what is theirs."""
    for login, (role, name) in STAFF.items():
        db.add(StaffRole(identity_id=_person(db, "staff", login, name, moment, hashed), role=role, granted_at=moment))
    for customer in customers:
        who = _person(db, "customer", customer.login, customer.name, moment, hashed)
        for number, role in customer.accounts:
            public = db.scalars(select(Account.public_id).where(Account.number == number)).one()
            account = port(db, Accounts).by_public_id(db, public)  # type: ignore[type-abstract]
            if account is not None:
                grant(db, who, account, role)
        if customer.inn:
            works = db.scalars(select(Organisation).where(Organisation.tax_number == customer.inn)).one()
            grant_organisation(db, who, works, "accountant")
        if customer.group:
            _together(db, who, customer, moment)


def is_known(portal: Portal, login: str) -> bool:
    """Whether somebody of the demo is there already."""
    with portal.database.reading() as connection:
        return connection.execute(select(Identity.id).where(Identity.login == login)).first() is not None


def _together(db: Session, who: int, customer: Customer, moment: datetime) -> None:
    group = Group(identity_id=who, name=customer.group, created_at=moment)
    db.add(group)
    db.flush()
    owned = [number for number, role in customer.accounts if role == "owner"]
    for account in db.scalars(select(Account.id).where(Account.number.in_(owned))):
        db.add(GroupAccount(group_id=group.id, account_id=account))


def _person(db: Session, kind: str, login: str, name: str, moment: datetime, hashed: str) -> int:
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
    return row.id
