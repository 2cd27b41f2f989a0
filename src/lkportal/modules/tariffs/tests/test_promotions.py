"""Offers as their segment, the neighbour and the company's people live them: seen, taken in two taps, their end told before. The first
story runs on both databases: with it the statements of this module are asked on PostgreSQL too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.unit import open_unit
from lkportal.modules.tariffs.prepaid import jobs as prepaid
from lkportal.modules.tariffs.promotions import jobs
from lkportal.modules.tariffs.tests.conftest import House, Load, Visit, filled, link, ordered, said
from lkportal.testing import Mailbox
from lkportal.testing.world import World

Work = Callable[[], int]
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
OFFERS = """key;code;title;price;months;since;until;segment
winter;fly300;Three months cheaper;390,00;3;01.11.2026;30.11.2026;village
films;tv;Films for a ruble;1,00;1;01.11.2026;30.11.2026;
past;tv;Last year;1,00;1;01.11.2025;30.11.2025;
"""
VILLAGE = "account;segment\n1001;village\n"


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {
        "modules": {"enabled": ["payments", "tariffs"]},
        "tariffs": {
            "charges": "portal", "automatic": ["connect", "disconnect", "freeze", "resume", "change"],
            "promised": {"on": True}, "prices": {"change_down": 10_000},
        },
    }  # fmt: skip


def run(portal: Portal, *names: str) -> None:
    for name in names:
        with open_unit(portal.database, portal.unit_context("test")) as db:
            enqueue(db, name, {})
    portal.worker().run_once()


def test_an_offer_is_seen_by_its_segment_taken_in_two_taps_and_its_end_is_told(
    house: House, load: Load, portal: Portal, clock: MovableClock, work_off: Work, mailbox: Mailbox
) -> None:
    assert load("promotions", OFFERS).rejected == 0
    home = house.anna.url("accounts:home")
    assert "Three months cheaper" not in said(house.anna, home), "not of the segment"
    load("segments", VILLAGE)
    shown = said(house.anna, home)
    assert "390,00 ₽ a month for 3 months, then 590,00 ₽ a month" in shown
    assert "Last year" not in shown
    assert "Three months cheaper" not in said(house.boris, house.boris.url("accounts:home"))

    offer = link(house.anna, home, "Three months cheaper")
    before = said(house.anna, offer)
    assert "From “Flight 100” to “Flight 300”" in before
    assert "free of charge" in before
    assert "650,00" in before, "the price of the day on which it ends"
    assert "You can change back here: " in before
    form = filled(house.anna, offer)
    first, again = (house.anna.post(offer, form, page=house.anna.url("tariffs:catalogue")) for _ in range(2))
    assert first.headers["location"] == again.headers["location"], "a doubled send is one order"
    assert "Three months cheaper" in said(house.anna, first.headers["location"])

    assert "From 22 February: 650,00" in said(house.anna, link(house.anna, home, "Flight 300"))
    assert "Three months cheaper" not in said(house.anna, home)
    late = house.anna.get(offer)
    assert "you have taken it already" in said(house.anna, late.headers["location"])

    clock.advance(timedelta(days=87))
    house.come_back()
    run(portal, jobs.ENDS, prepaid.SETTLE, prepaid.SOON)
    work_off()
    run(portal, jobs.ENDS)
    told = [each.subject.replace("\u00a0", " ") for each in mailbox.letters]
    assert told.count("Цена «Flight 300» изменится 22 февраля") == 1
    clock.advance(timedelta(days=6))
    shown = said(house.anna, house.anna.url("tariffs:services"))
    assert "650,00" in shown
    assert "390,00" not in shown, "the price of the offer ended by itself"


@ON_SQLITE
def test_what_is_not_meant_for_somebody_is_not_there(house: House, load: Load) -> None:
    load("promotions", OFFERS)
    load("segments", VILLAGE)
    offer = link(house.anna, house.anna.url("accounts:home"), "Three months cheaper")
    theirs = offer.replace(house.home.public_id, house.other.public_id)
    assert house.boris.get(theirs).status_code == 404
    assert house.boris.get(offer).status_code == 404
    stolen = house.boris.post(theirs, filled(house.anna, offer), page=house.boris.url("tariffs:services"))
    assert stolen.status_code == 404


@ON_SQLITE
def test_an_offer_that_ended_between_page_and_button_is_not_taken(house: House, load: Load) -> None:
    load("promotions", OFFERS)
    offer = link(house.boris, house.boris.url("accounts:home"), "Films for a ruble")
    form = filled(house.boris, offer)
    load(
        "promotions",
        OFFERS.replace("tv;Films for a ruble;1,00;1;01.11.2026;30.11.2026", "tv;F;1,00;1;01.11.2026;21.11.2026"),
    )
    answer = house.boris.post(offer, form, page=house.boris.url("tariffs:services"))
    assert answer.headers["location"] == house.boris.url("tariffs:services")
    assert "This offer is over" in said(house.boris, answer.headers["location"])
    assert "Nothing is connected yet" in said(house.boris, house.boris.url("tariffs:services"))


@ON_SQLITE
def test_each_offer_is_taken_once_however_often_its_service_comes_and_goes(house: House, load: Load) -> None:
    load("promotions", OFFERS)
    offer = link(house.boris, house.boris.url("accounts:home"), "Films for a ruble")
    ordered(house.boris, offer)
    service = link(house.boris, house.boris.url("tariffs:services"), "TV 180")
    assert "1,00" in said(house.boris, service)
    ordered(house.boris, f"{service}disconnect", day=filled(house.boris, f"{service}disconnect")["day"])
    assert "Films for a ruble" not in said(house.boris, house.boris.url("accounts:home"))
    assert order_again(house, offer) == house.boris.url("tariffs:services")


def order_again(house: House, offer: str) -> str:
    form = filled(house.boris, link(house.boris, house.boris.url("tariffs:catalogue"), "Connect TV 180"))
    return str(house.boris.post(offer, form, page=house.boris.url("tariffs:services")).headers["location"])


@ON_SQLITE
def test_the_file_of_billing_leaves_the_price_of_an_offer_until_it_ends(
    house: House, load: Load, clock: MovableClock
) -> None:
    load("promotions", OFFERS)
    load("segments", VILLAGE)
    ordered(house.anna, link(house.anna, house.anna.url("accounts:home"), "Three months cheaper"))
    fed = "account;code;key;since\n1001;fly300;fly100;12.03.2024\n"
    load("services", fed)
    page = house.anna.url("tariffs:services")
    assert "390,00" in said(house.anna, page)
    clock.advance(timedelta(days=100))
    house.come_back()
    load("services", fed)
    assert "390,00" not in said(house.anna, page)
    load("services", "account;code;key;since;price\n1001;fly300;fly100;12.03.2024;500,00\n")
    assert "500,00" in said(house.anna, page), "what billing tells goes first"


@ON_SQLITE
def test_rows_of_offers_that_do_not_fit_are_refused_by_their_line(load: Load, house: House) -> None:
    head = "key;code;title;price;months;since;until\n"
    rows = ("a;none;A;1;1;01.11.2026;30.11.2026", "b;tv;B;-1;1;01.11.2026;30.11.2026", "c;tv;C;1;0;01.11.2026;30.11.2026",
            "d;tv;D;1;1;01.11.2026;30.10.2026")  # fmt: skip
    assert load("promotions", head + "\n".join(rows) + "\n").rejected == 4


@ON_SQLITE
def test_the_desk_makes_an_offer_and_ends_it(house: House, world: World, visit: Visit) -> None:
    boss = visit(world.staff("boss@example.org", "administrator"))
    desk = "/staff/tariffs/offers"
    assert house.olga.get(desk).status_code == 403
    token = re.findall(r'name="token" value="([^"]+)"', boss.get(desk).text)[0]
    typed = {
        "token": token, "offering": "tv", "title": "Films for a ruble", "price": "1,00", "months": "2",
        "since": "2026-11-22", "until": "2026-11-30", "segment": "",
    }  # fmt: skip
    for wrong in ({"price": "x"}, {"until": "2026-11-01"}, {"offering": "none"}, {"months": "0"}, {"title": ""}):
        answer = boss.post(desk, {**typed, **wrong}, page=desk)
        assert answer.status_code == 422
        assert "Films for a ruble" in answer.text or wrong == {"title": ""}, "what was typed stays"
    for _ in range(2):
        assert boss.post(desk, typed, page=desk).status_code == 303
    assert said(boss, desk).count("End Films for a ruble") == 1
    home = house.boris.url("accounts:home")
    offer = link(house.boris, home, "Films for a ruble")
    assert "1,00 ₽ a month for 2 months" in said(house.boris, home)

    end = re.findall(r'action="([^"]+/end)"', boss.get(desk).text)[0]
    assert house.olga.post(end, {}, page="/staff/tariffs/").status_code == 403
    for _ in range(2):
        boss.post(end, {}, page=desk)
    assert "Films for a ruble" not in said(house.boris, home)
    assert house.boris.get(offer).headers["location"] == house.boris.url("tariffs:services")
