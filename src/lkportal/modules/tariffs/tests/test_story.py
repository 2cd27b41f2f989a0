"""Services as their customer, the neighbour and the company's people live them: what is shown before a button, what becomes of an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.core.clock import MovableClock
from lkportal.modules.tariffs import module
from lkportal.modules.tariffs.tests.conftest import House, Load, at_desk, filled, link, order, ordered, said
from lkportal.testing import Mailbox, personal_gaps

Work = Callable[[], int]
pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
BY_ITSELF = {
    "modules": {"enabled": ["payments", "tariffs"]},
    "tariffs": {
        "automatic": ["connect", "disconnect", "freeze", "resume", "change"],
        "prices": {"change_down": 10_000},
    },
}


def test_what_is_connected_stands_with_price_since_when_and_what_is_next(house: House) -> None:
    shown = said(house.anna, house.anna.url("tariffs:services"))
    assert "Flight 100" in shown
    assert "Garden street 8, 15" in shown
    assert "450,00" in shown

    page = said(house.anna, house.service())
    assert "12 March" in page
    assert "With the bill of the month" in page


def test_the_catalogue_offers_what_is_meant_for_this_account_today(house: House, load: Load) -> None:
    catalogue = house.boris.url("tariffs:catalogue")
    shown = said(house.boris, catalogue)
    assert "Flight 300" in shown
    assert "From 1 January: " in shown, "a price that will change says so"
    assert "Village 30" not in shown, "it is for another segment"
    assert "Old 50" not in shown, "it is not offered any more"

    load("segments", "account;segment\n1002;village\n")
    assert "Village 30" in said(house.boris, catalogue)
    load("segments", "account;segment\n1002;\n")
    assert "Village 30" not in said(house.boris, catalogue)


def test_an_order_from_the_page_before_the_button_to_the_letter(house: House, work_off: Work, mailbox: Mailbox) -> None:
    offer = link(house.boris, house.boris.url("tariffs:catalogue"), "Connect Flight 300")
    before = said(house.boris, offer)
    assert "500,00" in before
    assert "590,00" in before
    assert "While the order waits you can take it back here" in before
    assert "Later you can disconnect it here on any day: free of charge." in before
    assert filled(house.boris, offer)["day"] == "2026-11-23", "the desk has a day"

    page = ordered(house.boris, offer)
    assert "Waiting" in said(house.boris, page)
    assert "Connect “Flight 300”" in said(house.olga, "/staff/tariffs/")

    assert house.olga.post(f"{at_desk(page)}process", {}, page=at_desk(page)).status_code == 303
    work_off()
    assert "Done" in said(house.boris, page)
    assert "Flight 300" in said(house.boris, house.boris.url("tariffs:services"))
    assert mailbox.last.subject == "Готово: Подключить «Flight 300»"


def test_a_refused_order_says_why_and_changes_nothing(house: House, work_off: Work, mailbox: Mailbox) -> None:
    move = f"{house.service()}move"
    assert order(house.anna, move, place="").status_code == 422
    page = ordered(house.anna, move, place="Quiet street 5")
    assert "Quiet street 5" in said(house.olga, at_desk(page))

    empty = house.olga.post(f"{at_desk(page)}reject", {"reason": " "}, page=at_desk(page))
    assert empty.status_code == 422
    house.olga.post(f"{at_desk(page)}reject", {"reason": "No cable there before May."}, page=at_desk(page))
    work_off()

    assert "No cable there before May." in said(house.anna, page)
    assert "Garden street 8, 15" in said(house.anna, house.anna.url("tariffs:services"))
    assert "No cable there before May." in mailbox.last.text
    late = house.olga.post(f"{at_desk(page)}process", {}, page="/staff/tariffs/")
    assert late.status_code == 303
    assert "The order changed meanwhile" in said(house.olga, at_desk(page))


def test_the_same_form_twice_is_one_order_and_one_thing_waits_once(house: House) -> None:
    service = house.service()
    freeze = f"{service}freeze"
    form = filled(house.anna, freeze)
    first, second = (house.anna.post(freeze, form, page=freeze).headers["location"] for _ in range(2))
    assert first == second

    again = order(house.anna, f"{service}disconnect")
    assert again.status_code == 422
    assert "An order about this waits already" in again.text
    assert said(house.olga, "/staff/tariffs/").count("Freeze “Flight 100”") == 1


def test_an_order_is_taken_back_while_it_waits_and_not_after(house: House) -> None:
    service = house.service()
    page = ordered(house.anna, f"{service}disconnect")
    house.anna.post(f"{page}cancel", {}, page=page)
    assert "You took it back" in said(house.anna, page)
    assert "Taken back" in said(house.olga, "/staff/tariffs/?show=all")

    other = ordered(house.anna, f"{service}disconnect")
    house.olga.post(f"{at_desk(other)}process", {}, page=at_desk(other))
    house.anna.post(f"{other}cancel", {}, page=house.anna.url("tariffs:orders"))
    assert "The order changed meanwhile" in said(house.anna, other)
    assert "Nothing is connected yet" in said(house.anna, house.anna.url("tariffs:services"))


def test_a_price_that_changed_between_page_and_button_is_shown_again(house: House, load: Load) -> None:
    offer = link(house.boris, house.boris.url("tariffs:catalogue"), "Connect Flight 100")
    form = filled(house.boris, offer)
    load("offerings", "code;kind;family;title;price;connect_price\nfly100;plan;Internet;Flight 100;490,00;500,00\n")

    answer = house.boris.post(offer, form, page=offer)

    assert answer.status_code == 422
    assert "The price changed meanwhile" in answer.text
    assert "490,00" in answer.text
    assert house.boris.post(offer, {**form, "monthly": "49000"}, page=offer).status_code == 303


def test_a_later_day_has_the_price_of_that_day(house: House) -> None:
    offer = link(house.boris, house.boris.url("tariffs:catalogue"), "Connect Flight 300")
    answer = order(house.boris, offer, day="2027-01-05")
    assert answer.status_code == 422
    assert "650,00" in answer.text
    assert 'value="2027-01-05"' in answer.text
    assert order(house.boris, offer, day="2027-01-05", monthly="65000").status_code == 303
    assert order(house.boris, offer, day="2028-01-05").status_code == 422


@pytest.mark.parametrize("portal_overrides", [BY_ITSELF])
def test_what_the_portal_does_itself_is_done_on_its_day(house: House, clock: MovableClock, work_off: Work) -> None:
    service = house.service()
    page = ordered(house.anna, f"{service}freeze", day="2026-11-25", until="2026-12-05")
    assert "Connected" in said(house.anna, service)
    work_off()
    clock.advance(timedelta(days=3, hours=2))
    work_off()
    assert "Done" in said(house.anna, page)
    assert "Frozen" in said(house.anna, service)
    assert "Resumes on 5 December" in said(house.anna, service)

    clock.advance(timedelta(days=10))
    work_off()
    assert "Frozen" not in said(house.anna, service)


@pytest.mark.parametrize("portal_overrides", [BY_ITSELF])
def test_a_change_of_plan_shows_both_prices_and_the_way_back(house: House) -> None:
    plan = link(house.anna, f"{house.service()}plans", "Flight 300")
    before = said(house.anna, plan)
    assert "450,00" in before
    assert "590,00" in before
    assert "You can change back here: " in before
    assert "100,00" in before, "back to the cheaper one has its price"

    ordered(house.anna, plan)
    assert "Flight 300" in said(house.anna, house.anna.url("tariffs:services"))
    assert "Change to Flight 100" in said(house.anna, house.anna.url("tariffs:catalogue"))


@pytest.mark.parametrize("portal_overrides", [BY_ITSELF])
def test_what_cannot_come_back_is_said_before(house: House, load: Load) -> None:
    load("services", "account;code;since;price\n1001;old50;01.01.2020;250,00\n")
    old = link(house.anna, house.anna.url("tariffs:services"), "Old 50")
    before = said(house.anna, f"{old}disconnect")
    assert "there is no way back to it" in before
    assert "Your price of " in before
    assert "connect it again" not in before


def test_a_neighbour_meets_nothing_of_it(house: House) -> None:
    service, page = house.service(), ordered(house.anna, f"{house.service()}freeze")
    theirs = house.other.public_id
    for address in (service, f"{service}freeze", page):
        assert house.boris.get(address).status_code == 404
        assert house.boris.get(address.replace(house.home.public_id, theirs)).status_code == 404
    stolen = f"{page}cancel".replace(house.home.public_id, theirs)
    assert house.boris.post(stolen, {}, page=house.boris.url("tariffs:services")).status_code == 404
    assert "Waiting" in said(house.anna, page)


def test_a_plan_of_the_same_kind_is_changed_not_connected_twice(house: House) -> None:
    offer = link(house.boris, house.boris.url("tariffs:catalogue"), "Connect Flight 300")
    own = offer.replace(house.other.public_id, house.home.public_id)
    assert "Change it on its page" in order(house.anna, own).text


def test_rows_that_do_not_fit_are_refused_by_their_line(load: Load, house: House) -> None:
    report = load("services", "account;code;since\n9999;fly100;01.01.2026\n1002;none;01.01.2026\n1002;tv;01.01.2026\n")
    assert (report.accepted, report.rejected) == (1, 2)
    assert "TV 180" in said(house.boris, house.boris.url("tariffs:services"))
    report = load("offerings", "code;kind;family;title;price;months\nx;plan;A;X;-1;1\ny;plan;A;Y;1;99\n")
    assert report.rejected == 2


@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["payments", "tariffs", "tickets"]}}])
def test_services_are_found_and_asked_about(house: House) -> None:
    found = said(house.anna, house.anna.url("accounts:search") + "?q=flight")
    assert "Flight 100" in found
    assert "Flight 100" not in said(house.boris, house.boris.url("accounts:search") + "?q=flight")
    question = link(house.anna, house.service(), "Ask about this service")
    assert "Flight 100" in said(house.anna, question)


def test_nothing_personal_is_undeclared(portal_url: str) -> None:
    assert personal_gaps([module]) == []
