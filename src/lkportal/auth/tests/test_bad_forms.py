"""What is sent half filled, too late or out of turn: the form comes back, or the page that comes first is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lkportal.auth.tests.house import OTHER, PASSWORD, House, settled
from lkportal.auth.tests.test_codes import ask, code_of

ANNA = "anna@example.org"


@pytest.mark.parametrize(
    ("path", "field"),
    [("/login", "login"), ("/register", "name"), ("/recover", "login"), ("/login/code", "login")],
)
def test_a_stranger_who_sends_an_empty_form_gets_it_back(house: House, path: str, field: str) -> None:
    answer = house.browser().send(path)

    assert answer.status_code == 422
    assert f'name="{field}"' in answer.text


def test_an_empty_code_is_asked_for_again_and_still_counts(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    ask(browser)

    assert browser.send("/login/code/enter", code="").status_code == 422

    assert browser.send("/login/code/enter", code=code_of(house)).status_code == 303
    assert browser.inside()


def test_a_code_nobody_asked_for_leads_to_where_one_is_asked_for(house: House) -> None:
    browser = house.browser()

    for path in ("/login/code/enter", "/login/code/again"):
        assert browser.send(path, "/login/code", code="123-45-67").headers["location"] == "/login/code", path


def test_whoever_is_signed_in_is_led_on_from_every_step_of_the_door(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    for path in ("/login/code?next=/yard/me", "/login/second"):
        answer = browser.get(path)
        assert answer.status_code == 303, path
        assert "/login" not in answer.headers["location"], path


@pytest.mark.parametrize("path", ["/step-up", "/settings/password", "/settings/email", "/settings/second/app"])
def test_a_half_filled_form_of_ones_own_comes_back(house: House, path: str) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    answer = browser.send(path)

    assert answer.status_code == 422
    assert "csrf_token" in answer.text
    assert browser.inside()


def test_an_empty_code_of_a_new_mailbox_is_asked_for_again(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    assert browser.send("/settings/email/code", "/settings/email").headers["location"] == "/settings/email"
    browser.send("/settings/email", email="a.new@example.org")

    assert browser.send("/settings/email/code", code="").status_code == 422

    assert browser.send("/settings/email/code", code=code_of(house)).status_code == 303


def test_the_mailbox_one_has_is_no_new_one(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    answer = browser.send("/settings/email", email=ANNA)

    assert answer.status_code == 422
    assert "This is what we have already." in answer.text


def test_contacts_and_logins_are_changed_a_few_times_an_hour(build: Callable[..., House]) -> None:
    house = build(contact_tries=2)
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    answers = [browser.send("/settings/email", email=f"new{number}@example.org") for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    answers = [browser.send("/settings/login", login=f"anna.{number}") for number in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert all(answer.headers["retry-after"] for answer in answers[2:])


def test_the_second_step_without_a_code_is_asked_again(house: House) -> None:
    browser, seed, _ = settled(house)
    there = house.browser()
    there.sign_in(ANNA)
    assert there.send("/login/second", kind="totp").status_code == 422
    assert there.second_step(there.code(seed)).status_code == 303

    assert browser.send("/step-up/second", "/step-up?purpose=second", kind="totp").status_code == 422
    assert browser.send("/step-up/second", "/step-up?purpose=second", code="000000", kind="totp").status_code == 422
    assert browser.inside()


def test_only_who_has_a_second_factor_chooses_when_it_is_asked(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    assert browser.send("/settings/second", "/settings/password", asks="entry").status_code == 403
    assert browser.send("/settings/second/codes", "/settings/password").status_code == 403

    browser.set_up_app()
    assert browser.send("/settings/second", asks="everything").status_code == 422


def test_a_weak_password_behind_a_link_is_asked_for_again_and_the_link_stays_good(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.send("/recover", login=ANNA)
    link = house.letters[-1].link
    assert browser.send(link, password="").status_code == 422
    assert browser.send(link, password="123").status_code == 422
    assert browser.send(link, password=OTHER).status_code == 303

    late = house.browser()
    assert late.send(link, "/recover", password=PASSWORD).status_code == 410
    assert late.send("/confirm/nothing-like-a-token", "/recover", password=PASSWORD).status_code == 410


def test_signing_out_of_nothing_changes_nothing(house: House) -> None:
    stranger = house.browser()

    assert stranger.send("/logout", "/login").headers["location"] == "/login"

    stranger.client.cookies.set("lk_session", "a" * 43)
    assert stranger.send("/logout", "/login").headers["location"] == "/login"
    assert house.count("SELECT count(*) FROM audit_records WHERE action = 'auth.signed_out'") == 0


def test_a_network_that_opens_too_many_links_waits(build: Callable[..., House]) -> None:
    house = build(network_tries=2)
    for number, path in enumerate(("/login/link/nothing", "/confirm/nothing", "/recover/nothing")):
        stranger = house.browser(f"198.51.{number}.1")
        answers = [stranger.send(path, "/login", password=OTHER).status_code for _ in range(3)]
        assert answers == [410, 410, 429], path
