"""Fills the example: the company's files go through the same import as in life, then come the people of the demo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from seeding.answers import settle_help
from seeding.files import months_before
from seeding.people import PASSWORD, STAFF, Customer, is_known, password_hash, settle_in, take_in, today

from lkportal.api.webhooks.seed import settle_webhook
from lkportal.app import Portal
from lkportal.core.unit import open_unit
from lkportal.modules.news.seed import settle_news
from lkportal.modules.payments.seed import settle
from lkportal.modules.tariffs.seed import ordered_moves
from telecom.answers import BEGUN, SECTIONS
from telecom.billing import payments, write_files
from telecom.bulletins import UNFINISHED, bulletins
from telecom.contracts import ACCOUNTS, MONTHS, OWN, WORKS_INN, contracts
from telecom.opinions import settle_opinions
from telecom.requests import settle_desk, settle_requests
from telecom.services import moves, top_ups, write_services

ANNA = Customer(
    "anna@example.org",
    "Анна Викторовна",
    ((OWN[0][0], "owner"), (OWN[1][0], "owner"), (OWN[2][0], "payer")),
    group="Наши договоры",
)
WORKS = Customer("buh@zavod.example.org", "Бухгалтерия завода", inn=WORKS_INN)
CUSTOMERS = {each.login: each.name for each in (ANNA, WORKS)}


def seed(portal: Portal, folder: Path, say: Callable[[str], None], count: int = ACCOUNTS) -> None:
    """Fill an empty, migrated portal with `count` accounts; `folder` keeps the files that were imported."""
    months = months_before(today(portal), MONTHS)
    signed = list(contracts(months, count))
    take_in(portal, write_files(folder, signed, months), say)
    has_tariffs = portal.registry.is_on("tariffs")
    if has_tariffs:
        zone = ZoneInfo(portal.settings.portal.time_zone)
        take_in(portal, write_services(folder, signed, portal.clock.now().astimezone(zone)), say)
    hashed = password_hash(portal)
    with open_unit(portal.database, portal.unit_context("seed")) as db:
        settle_webhook(db, "https://crm.example.org/hooks/portal")
        settle(db, payments(signed, months))
        if has_tariffs:
            settle(db, top_ups(signed, today(portal)))
            ordered_moves(db, moves(signed))
            ordered_moves(db, [(OWN[0][0], "Новая, 14, кв. 7")], taken_back=True)
        settle_in(db, portal.clock.now(), hashed, (ANNA, WORKS))
        if portal.registry.is_on("news"):
            settle_news(db, bulletins(portal.clock.now(), portal.settings.portal.time_zone), [UNFINISHED])
        if portal.registry.is_on("tickets"):
            settle_requests(db, [number for number, *_ in OWN], ANNA.login)
            settle_desk(db, WORKS_INN)
        if portal.registry.is_on("surveys"):
            offices = [each.number for each in signed if each.inn]
            settle_opinions(db, offices, WORKS.login, (OWN[0][0], ANNA.login))
        if portal.registry.is_on("help"):
            settle_help(db, SECTIONS, [BEGUN])
    say("payments: the past is settled")


def is_seeded(portal: Portal) -> bool:
    """Whether the demo's people are there."""
    return is_known(portal, ANNA.login)


__all__ = ["ACCOUNTS", "CUSTOMERS", "PASSWORD", "STAFF", "is_seeded", "seed"]
