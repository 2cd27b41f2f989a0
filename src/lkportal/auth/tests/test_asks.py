"""Stories of what asks for a second factor: the person's own choice, and what a company demands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from lkportal.accounts.desk.roles import give_role
from lkportal.auth.tests.house import PASSWORD, Browser, House, settled
from lkportal.core.unit import open_unit

ANNA = "anna@example.org"


def test_a_person_chooses_what_asks(house: House) -> None:
    browser, seed, _ = settled(house)

    browser.client.post(
        "/settings/second",
        data={"csrf_token": token_of(browser), "asks": ["payment", "signature"]},
    )

    page = browser.get("/settings/second").text
    assert [name for name in ("entry", "payment", "signature", "contacts") if ticked(page, name)] == [
        "payment",
        "signature",
    ]
    there = house.browser()
    assert there.sign_in(ANNA).headers["location"] == "/"
    browser.client.post("/settings/second", data={"csrf_token": token_of(browser), "asks": ["entry"]})
    assert not there.inside(), "it began without the second factor that is asked for now"
    assert browser.inside()
    assert seed


def test_a_chosen_purpose_asks_for_the_second_factor(house: House) -> None:
    browser, seed, _ = settled(house)
    assert browser.get("/yard/sign").status_code == 200
    assert browser.get("/yard/pay").status_code == 200
    house.clock.advance(timedelta(minutes=20))

    assert browser.get("/yard/sign").headers["location"] == "/step-up?next=%2Fyard%2Fsign&for=signature"
    assert browser.get("/yard/pay").status_code == 200, "a payment asks those alone who chose it"
    answer = browser.send("/step-up", "/step-up", password=PASSWORD, next="/yard/sign")
    assert answer.headers["location"] == "/yard/sign"
    assert browser.get("/yard/sign").status_code == 303
    browser.send("/step-up/second", "/step-up?for=signature", code=browser.code(seed), next="/yard/sign")
    assert browser.get("/yard/sign").status_code == 200


def test_without_a_second_factor_a_signature_asks_for_the_password(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    house.clock.advance(timedelta(minutes=20))
    assert browser.get("/yard/pay").status_code == 200
    assert browser.get("/yard/sign").status_code == 303

    browser.send("/step-up", "/step-up", password=PASSWORD)

    assert browser.get("/yard/sign").status_code == 200


def test_staff_of_a_company_that_demands_it_set_it_up_before_anything_else(build: Callable[..., House]) -> None:
    house = build(second_for_staff=["entry"])
    boss = house.person("boss@example.org", "staff")
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        give_role(db, boss, "boss", "operator")
    house.person(ANNA)
    desk, anna = house.browser(), house.browser()
    assert anna.sign_in(ANNA).headers["location"] == "/"
    assert anna.get("/yard/me").status_code == 200
    desk.sign_in("boss@example.org")

    led = desk.get("/staff/yard/desk")

    assert led.headers["location"] == "/settings/second?next=%2Fstaff%2Fyard%2Fdesk"
    assert "Set up the app first" in desk.get(led.headers["location"]).text
    seed, _ = desk.set_up_app()
    assert desk.get("/staff/yard/desk").status_code == 200
    assert desk.get(led.headers["location"]).headers["location"] == "/staff/yard/desk"
    there = house.browser()
    assert there.sign_in("boss@example.org").headers["location"] == "/login/second"
    there.second_step(there.code(seed))
    assert there.get("/staff/yard/desk").status_code == 200
    page = there.get("/settings/second").text
    assert "The company asks for it in any case:" in page
    assert 'value="entry"' not in page


def test_a_company_demands_it_of_a_session_that_began_without(build: Callable[..., House]) -> None:
    house = build()
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    browser.set_up_app()
    browser.client.post("/settings/second", data={"csrf_token": token_of(browser)})
    there = house.browser()
    there.sign_in(ANNA)
    assert there.get("/yard/me").status_code == 200

    strict = build(second_for_customers=["entry", "payment"])

    later = strict.browser()
    later.client.cookies.set("lk_session", there.client.cookies["lk_session"])
    assert later.get("/yard/me").headers["location"] == "/settings/second?next=%2Fyard%2Fme"


def token_of(browser: Browser) -> str:
    return str(re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/settings/second").text)[0])


def ticked(page: str, name: str) -> bool:
    return bool(re.search(rf'name="asks" value="{name}" checked', page))
