"""Stories of letters: asking for access, recovering a password. A link works once; nobody learns who is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.auth.door.entering import Door
from lkportal.auth.letters import joining
from lkportal.auth.letters.joining import LinkGone
from lkportal.auth.passwords import Passwords
from lkportal.auth.sessions import Origin
from lkportal.auth.settings import AuthSettings
from lkportal.auth.tests.house import OTHER, PASSWORD, House
from lkportal.auth.tests.test_entering import sameness
from lkportal.testing.races import race

ANNA = "anna@example.org"


def test_from_asking_for_access_to_the_first_sign_in(house: House) -> None:
    browser = house.browser()
    asked = browser.send("/register", name="Anna", email="Anna@Example.org")
    assert "Look into your mailbox" in asked.text
    letter = house.letters[-1]
    assert (letter.to, letter.subject) == (ANNA, "Confirm your e-mail address")
    assert letter.link in letter.html
    assert browser.sign_in(ANNA, OTHER).status_code == 422

    assert "Choose a password" in browser.get(letter.link).text
    assert browser.send(letter.link, password="short").status_code == 422
    assert "guessed first" in browser.send(letter.link, password="password123").text
    done = browser.send(letter.link, password=OTHER)

    assert done.headers["location"] == "/login"
    assert f'value="{ANNA}"' in browser.get(done.headers["location"]).text
    assert not browser.inside()
    assert browser.sign_in(ANNA, OTHER).status_code == 303
    assert browser.get("/yard/me").text == "Anna -"


def test_a_known_mailbox_gets_another_letter_and_the_same_page(house: House) -> None:
    house.person(ANNA)
    known = house.browser().send("/register", name="Anna", email=ANNA)
    fresh = house.browser().send("/register", name="Anna", email="vera@example.org")

    assert sameness(known, ANNA) == sameness(fresh, "vera@example.org")
    assert [(letter.to, letter.subject) for letter in house.letters] == [
        (ANNA, "You have access already"),
        ("vera@example.org", "Confirm your e-mail address"),
    ]
    assert house.letters[0].link == "/login"


def test_a_confirmation_opens_once_and_for_a_day(house: House) -> None:
    browser = house.browser()
    browser.send("/register", name="Anna", email=ANNA)
    browser.send("/register", name="Anna", email=ANNA)
    first, second = (letter.link for letter in house.letters)
    assert browser.send(first, password=OTHER).status_code == 303

    assert browser.get(first).status_code == 410
    assert browser.send(second, password=PASSWORD).headers["location"] == "/login"
    assert "You have access already." in browser.get("/login").text
    browser.send("/register", name="Vera", email="vera@example.org")
    late = house.letters[-1].link
    house.clock.advance(timedelta(hours=25))
    assert browser.get(late).status_code == 410


def test_registration_may_be_closed(build: Callable[..., House]) -> None:
    browser = build(registration=False).browser()

    assert browser.get("/register").status_code == 404
    assert "/register" not in browser.get("/login").text


def test_recovery_ends_every_session_and_signs_nobody_in(house: House) -> None:
    house.person(ANNA)
    there, here = house.browser(), house.browser()
    there.sign_in(ANNA)
    here.send("/recover", login=ANNA)
    link = house.letters[-1].link
    assert "A new password" in here.get(link).text

    done = here.send(link, password=OTHER)

    assert done.headers["location"] == "/login"
    assert not there.inside()
    assert not here.inside()
    assert here.get(link).status_code == 410
    assert here.sign_in(ANNA).status_code == 422
    assert here.sign_in(ANNA, OTHER).status_code == 303
    assert house.letters[-1].subject == "Пароль изменён"


def test_a_link_made_under_an_older_password_is_void(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.send("/recover", login=ANNA)
    browser.send("/recover", login=ANNA)
    first, second = (letter.link for letter in house.letters)
    browser.send(first, password=OTHER)

    assert browser.get(second).status_code == 410


def test_recovery_answers_alike_for_known_and_unknown(house: House) -> None:
    house.person(ANNA)
    house.person("+79215551042")
    answers = [
        sameness(house.browser().send("/recover", login=login), login)
        for login in (ANNA, "nobo@example.org", "+79215551042")
    ]

    assert answers[0] == answers[1] == answers[2]
    assert [letter.to for letter in house.letters] == [ANNA]
    assert house.count("SELECT count(*) FROM core_jobs WHERE name = 'auth.send_recovery'") == 3


def test_letters_to_one_mailbox_are_few(house: House) -> None:
    browser = house.browser()
    sent = [browser.send("/recover", login=login).status_code for login in [ANNA] * 4]
    other = [house.browser().send("/register", name="A", email=ANNA).status_code for _ in range(4)]

    assert sent == other == [200, 200, 200, 429]


def test_of_eight_at_once_one_recovery_wins(house: House) -> None:
    house.person(ANNA)
    house.browser().send("/recover", login=ANNA)
    token = house.letters[-1].link.rpartition("/")[2]
    door = door_of(house)
    person = joining.person_behind(door, token)

    def attempt(number: int) -> bool:
        try:
            joining.recover(door, token, person, f"{OTHER} {number}")
        except LinkGone:
            return False
        return True

    won = race(attempt, range(8))

    assert won.count(True) == 1
    assert house.browser().sign_in(ANNA, f"{OTHER} {won.index(True)}").status_code == 303
    assert house.count("SELECT count(*) FROM core_outbox WHERE name = 'auth.password_changed'") == 1


def test_of_eight_at_once_one_confirmation_wins(house: House) -> None:
    house.browser().send("/register", name="Anna", email=ANNA)
    token = house.letters[-1].link.rpartition("/")[2]
    door = door_of(house)
    asked = joining.registration_behind(door, token)

    def attempt(number: int) -> bool:
        try:
            joining.confirm(door, token, asked, f"{OTHER} {number}")
        except LinkGone:
            return False
        return True

    won = race(attempt, range(8))

    assert won.count(True) == 1
    assert house.count("SELECT count(*) FROM auth_identities") == 1


def test_the_links_of_letters_come_from_the_settings(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    token = re.findall(r'csrf_token" value="([^"]+)"', browser.get("/recover").text)[0]
    browser.client.post("/recover", data={"csrf_token": token, "login": ANNA}, headers={"host": "evil.example"})
    browser.client.post(
        "/recover", data={"csrf_token": token, "login": ANNA}, headers={"x-forwarded-host": "evil.example"}
    )

    assert len(house.letters) == 1
    assert "evil" not in house.letters[0].text + house.letters[0].html


def test_a_copy_of_the_database_holds_no_secret(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    house.person(ANNA, password="canary of the old password")
    browser = house.browser()
    browser.sign_in(ANNA, "canary of the old password")
    session = browser.client.cookies["lk_session"]
    house.browser().sign_in(ANNA, "canary of a wrong password")
    browser.send("/recover", login=ANNA)
    browser.send("/register", name="Vera", email="vera@example.org")
    recovery, confirmation = house.letters[-2:]
    house.browser().send(recovery.link, password="canary of the new password")
    house.browser().send(confirmation.link, password="canary of another password")
    house.letters.sort(key=str)

    stolen = house.dump() + capsys.readouterr().out

    secrets = ["canary", session, recovery.link.rpartition("/")[2], confirmation.link.rpartition("/")[2]]
    assert [secret for secret in secrets if secret in stolen] == []


def test_old_tokens_and_sessions_are_let_go(house: House) -> None:
    house.person(ANNA)
    house.browser().sign_in(ANNA)
    house.browser().send("/recover", login=ANNA)
    house.browser().send("/register", name="Vera", email="vera@example.org")
    assert len(house.letters) == 3
    house.clock.advance(timedelta(days=40))

    assert house.letters is not None
    for table in ("auth_sessions", "auth_tokens", "auth_registrations"):
        assert house.count(f"SELECT count(*) FROM {table}") == 0, table


def door_of(house: House) -> Door:
    passwords = house.portal.ports.get(Passwords)
    settings = house.portal.ports.get(AuthSettings)
    return Door(house.portal.database, house.portal.unit_context("race"), passwords, settings, Origin())
