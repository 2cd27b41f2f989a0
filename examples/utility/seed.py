"""Fills the example: the company's files go through the same import as in life, then come the people of the demo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from seeding.answers import settle_help
from seeding.files import months_before
from seeding.moments import as_of, tell_nobody_of_old
from seeding.people import PASSWORD, STAFF, Customer, is_known, password_hash, settle_in, take_in, today
from sqlalchemy.orm import Session

from lkportal.api.webhooks.seed import settle_webhook
from lkportal.app import Portal
from lkportal.core.unit import open_unit
from lkportal.modules.documents.seed import settle_documents
from lkportal.modules.news.seed import settle_news
from lkportal.modules.payments.reconciling.seed import compared
from lkportal.modules.payments.seed import settle
from lkportal.privacy.texts import Documents
from utility.answers import BEGUN, SECTIONS
from utility.billing import payments, write_files
from utility.bulletins import UNFINISHED, bulletins
from utility.crowd import agree, settle_crowd, settle_steps
from utility.dials import forgotten, settle_dials
from utility.doings import BEFORE, recall, remembered
from utility.folder import PAPERS
from utility.households import ACCOUNTS, MONTHS, OWN, TOWN, WORKS_INN, Household, households, town
from utility.office import return_letter, settle_office
from utility.requests import settle_requests
from utility.statements import settle_statement, write_statement
from utility.tills import paid_at, paid_here, settle_tills

ANNA = Customer(
    "anna@example.org",
    "Анна Викторовна",
    ((OWN[0][0], "owner"), (OWN[1][0], "owner"), (OWN[2][0], "payer")),
    group="Наши квартиры",
)
WORKS = Customer("buh@zavod.example.org", "Бухгалтерия завода", inn=WORKS_INN)
LEV = Customer("lev@example.org", "Лев Андреевич", tuple((number, "owner") for number, _, _ in TOWN))
CUSTOMERS = {each.login: each.name for each in (ANNA, WORKS, LEV)}
SPARED = 100
"""Accounts at the beginning that nobody but the people above holds: for trying to get access."""
SECOND = "zarechye"
"""The brand of the neighbouring town: its accounts are made when the portal wears it."""


def seed(portal: Portal, folder: Path, say: Callable[[str], None], count: int = ACCOUNTS) -> None:
    """Fill an empty, migrated portal with `count` accounts; `folder` keeps the files that were imported."""
    day = today(portal)
    months = months_before(day, MONTHS)
    homes = list(households(months, count))
    take_in(portal, write_files(folder, homes, months, day, forgotten(homes)), say)
    own, people = list(homes), [ANNA, WORKS]
    if any(site.key == SECOND for site in portal.sites):
        neighbours = list(town(months))
        take_in(portal, write_files(folder / SECOND, neighbours, months, day), say, SECOND)
        homes += neighbours
        people.append(LEV)
    hashed = password_hash(portal)
    # One unit: a seed that was stopped has either both or neither, and money is settled once.
    with open_unit(portal.database, portal.unit_context("seed")) as db:
        elsewhere = paid_here(homes, months) if portal.settings_of("payments").takes_payments else frozenset()
        settle(db, (each for each in payments(homes, months) if each[:2] not in elsewhere))
        compared(db, "yookassa", day, portal.settings.portal.currency)
        with as_of(db, portal.clock.now() - BEFORE):
            settle_in(db, portal.clock.now(), hashed, people)
        past, begun = remembered(db, OWN[0][0], ANNA.login), paid_at(months)
        recall(db, OWN[0][0], (act for act in past if act[0] < begun))
        _lately(db, portal, homes, months, day)
        recall(db, OWN[0][0], (act for act in past if act[0] >= begun))
        tell_nobody_of_old(db)
        agree(db, portal.ports.get(Documents), CUSTOMERS)
        settle_webhook(db, "https://erp.example.org/hooks/portal")
        settle_crowd(db, portal.clock.now(), day, SPARED)
        return_letter(db)
        if portal.settings_of("staff").behaviour:
            settle_steps(db, day, portal.registry.tasks, len(homes) // 8)
        _told(db, portal, homes)
    if portal.registry.is_on("bank"):
        take_in(portal, write_statement(folder, own, day), say)
        settle_statement(portal)
    if portal.registry.is_on("documents"):
        _filed(portal)
    say("payments: the past is settled")


def _filed(portal: Portal) -> None:
    """Put papers into the folder of the first account; its people were told of them then."""
    settle_documents(portal, OWN[0][0], ANNA.login, PAPERS)
    with open_unit(portal.database, portal.unit_context("seed")) as db:
        tell_nobody_of_old(db)


def _lately(db: Session, portal: Portal, homes: list[Household], months: list[date], day: date) -> None:
    """Write what happened in the last weeks: at the desk, with money, with meters."""
    operator, cashier, accountant, admin = STAFF
    settle_tills(db, homes, months, day, (ANNA.login, WORKS.login, cashier, accountant))
    settle_dials(db, homes, day, portal.settings_of("readings"), portal.storage, operator)
    if portal.registry.is_on("news"):
        settle_office(db, admin)


def _told(db: Session, portal: Portal, homes: list[Household]) -> None:
    """Write what the company told everybody, what people asked it for (they were told of the answers then), what it explains."""
    if portal.registry.is_on("news"):
        settle_news(db, bulletins(portal.clock.now(), portal.settings.portal.time_zone), [UNFINISHED])
    if portal.registry.is_on("tickets"):
        _asked(db, portal, homes)
    if portal.registry.is_on("help"):
        settle_help(db, SECTIONS, [BEGUN])


def _asked(db: Session, portal: Portal, homes: list[Household]) -> None:
    works = [(home.number, WORKS.login) for home in homes if home.inn]
    settle_requests(db, portal.storage, [(number, ANNA.login) for number, *_ in OWN], works)
    tell_nobody_of_old(db)


def is_seeded(portal: Portal) -> bool:
    """Whether the demo's people are there."""
    return is_known(portal, ANNA.login)


__all__ = ["ACCOUNTS", "CUSTOMERS", "PASSWORD", "STAFF", "is_seeded", "seed"]
