"""Stories of names and contacts: a new one counts once its code came back, the old one is told, no two people share a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.auth import identities, names
from lkportal.auth.tests.house import PASSWORD, Browser, House
from lkportal.auth.tests.test_codes import ask, code_of, type_in, wrong
from lkportal.core.unit import open_unit
from lkportal.testing.races import race

ANNA, NEW = "anna@example.org", "a.new@example.org"


def inside(house: House, login: str = ANNA) -> Browser:
    """A browser of a new person."""
    house.person(login)
    browser = house.browser()
    assert browser.sign_in(login).status_code == 303
    return browser


def move(house: House, browser: Browser, new: str = NEW) -> int:
    """Change the e-mail and confirm it; return the status of the last answer."""
    assert browser.send("/settings/email", email=new).headers["location"] == "/settings/email/code"
    return browser.send("/settings/email/code", code=code_of(house)).status_code


def test_a_new_mailbox_counts_once_its_code_came_back_and_the_old_one_is_told(house: House) -> None:
    browser = inside(house)
    browser.send("/settings/email", email=NEW)
    assert house.letters[-1].to == NEW
    code = code_of(house)
    assert browser.send("/settings/email/code", code=wrong(code)).status_code == 422
    assert house.browser().sign_in(NEW).status_code == 422

    assert browser.send("/settings/email/code", code=code).status_code == 303

    told = [letter for letter in house.letters if letter.to == ANNA]
    assert [letter.subject for letter in told] == ["Вход с нового устройства", "Данные для входа изменены"]
    assert NEW in browser.get("/settings").text
    assert house.browser().sign_in(ANNA).status_code == 422
    assert house.browser().sign_in(NEW).status_code == 303
    assert house.count("SELECT count(*) FROM audit_records WHERE action = 'auth.contact_changed'") == 1


def test_letters_to_the_old_mailbox_open_nothing_after_the_change(house: House) -> None:
    browser, thief = inside(house), house.browser()
    thief.send("/recover", login=ANNA)
    link = house.letters[-1].link
    ask(thief)
    code = code_of(house)

    assert move(house, browser) == 303

    assert thief.get(link).status_code == 410
    assert type_in(thief, code) == 422


def test_a_contact_of_another_is_told_only_to_who_reads_its_letters(house: House) -> None:
    house.person(NEW)
    browser = inside(house)
    taken = browser.send("/settings/email", email=NEW)
    free = browser.send("/settings/email", email="free@example.org")
    assert taken.headers["location"] == free.headers["location"]
    browser.send("/settings/email", email=NEW)

    answer = browser.send("/settings/email/code", code=code_of(house))

    assert answer.status_code == 409
    assert "signs somebody else in" in answer.text
    assert house.browser().sign_in(ANNA).status_code == 303


def test_a_code_for_a_contact_signs_nobody_in_and_none_of_anothers_counts(house: House) -> None:
    browser = inside(house)
    browser.send("/settings/email", email=NEW)
    code, cookie = code_of(house), browser.client.cookies["lk_contact"]
    other = inside(house, "vera@example.org")
    other.client.cookies["lk_contact"] = cookie
    assert other.send("/settings/email/code", code=code).status_code == 422

    stranger = house.browser()
    stranger.client.cookies["lk_code"] = cookie
    assert stranger.get("/login/code/enter").headers["location"] == "/login/code"


def test_a_chosen_login_signs_in_beside_the_address_and_the_old_one_is_free_again(house: House) -> None:
    browser = inside(house)
    for refused in ("ab", "имя", "1234567890123", "x y z", "anna@", "-anna"):
        assert browser.send("/settings/login", login=refused).status_code == 422, refused
    assert browser.send("/settings/login", login="Anna.K").status_code == 303

    for login in ("anna.k", ANNA):
        assert house.browser().sign_in(login).status_code == 303, login
    other = inside(house, "vera@example.org")
    assert other.send("/settings/login", login="anna.k").status_code == 409
    assert browser.send("/settings/login", login="anna.kk").status_code == 303
    assert house.browser().sign_in("anna.k").status_code == 422
    assert other.send("/settings/login", login="anna.k").status_code == 303
    assert house.browser().sign_in("anna.k").status_code == 303


def test_a_known_device_stays_known_by_every_name(house: House) -> None:
    browser = inside(house)
    assert browser.send("/settings/login", login="anna.k").status_code == 303
    browser.send("/logout", page="/settings")
    for number in range(8):
        house.browser(f"198.51.{number}.1").sign_in("anna.k", "guess")
    assert house.browser("192.0.2.1").sign_in(ANNA).status_code == 429

    assert browser.sign_in(ANNA).status_code == 303


def test_changing_contacts_asks_for_a_fresh_proof(house: House) -> None:
    browser = inside(house)
    house.clock.advance(timedelta(minutes=11))
    for path in ("/settings/email", "/settings/login"):
        assert browser.get(path).headers["location"].startswith("/step-up")


def test_without_text_messages_no_phone_is_asked_for(house: House) -> None:
    browser = inside(house)
    for path in ("/settings/phone", "/settings/phone/code"):
        assert browser.get(path).headers["location"] == "/settings"
    assert "/settings/phone" not in browser.get("/settings").text


def test_of_many_who_claim_a_name_at_once_one_gets_it(house: House) -> None:
    people = [house.person(f"p{n}@example.org") for n in range(8)]

    def claim(person: int) -> bool:
        with open_unit(house.portal.database, house.portal.unit_context()) as db:
            return names.claim(db, person, "the.name")

    assert sum(race(claim, people)) == 1


def test_nobody_comes_to_be_with_a_name_of_another(house: House) -> None:
    browser = inside(house)
    assert browser.send("/settings/login", login="anna.k").status_code == 303
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        made = identities.create(db, kind="customer", login="anna.k", name="Eve", password_hash="")
        assert made is None
    assert house.count("SELECT count(*) FROM auth_identities WHERE name = 'Eve'") == 0


def test_a_row_without_names_is_found_by_its_login(build: Callable[..., House]) -> None:
    house = build()
    house.person(ANNA)
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("DELETE FROM auth_names")
    assert house.browser().sign_in(ANNA, PASSWORD).status_code == 303


@pytest.mark.parametrize(("login", "fits"), [("anna.k", True), ("a" * 64, True), ("a" * 65, False), ("a.", False)])
def test_which_logins_may_be_chosen(login: str, fits: bool) -> None:
    assert bool(names.CHOSEN.fullmatch(login)) is fits
