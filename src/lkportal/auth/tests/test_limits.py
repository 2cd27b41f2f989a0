"""Laws of limits: strangers get few tries, the owner's device is not locked out, hashing never takes more than its slots."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.auth.passwords import Passwords
from lkportal.auth.tests.house import PASSWORD, House
from lkportal.auth.tests.test_entering import count_hashes, sameness
from lkportal.testing.races import race

ANNA = "anna@example.org"


def test_strangers_get_few_checks_and_the_owner_still_enters(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.person(ANNA)
    owner = house.browser()
    owner.sign_in(ANNA)
    owner.send("/logout", "/settings/sessions")
    hashed: list[str] = []
    count_hashes(house, monkeypatch, hashed)

    answers = [
        house.browser(f"198.51.{number}.1").sign_in(ANNA, f"guess number {number}").status_code for number in range(30)
    ]

    assert answers == [422] * 5 + [429] * 25
    assert len(hashed) == 5
    assert owner.sign_in(ANNA).status_code == 303
    refused = house.browser("192.0.2.1").sign_in(ANNA)
    assert refused.status_code == 429
    assert "No need to wait" in refused.text


def test_an_hour_of_guessing_is_ten_checks_at_most(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.person(ANNA)
    hashed: list[str] = []
    count_hashes(house, monkeypatch, hashed)
    checks: list[int] = []
    for minute in range(0, 180, 6):
        house.browser(f"198.51.{minute}.1").sign_in(ANNA, "guess")
        checks.append(len(hashed))
        house.clock.advance(timedelta(minutes=6))

    assert max(checks[last] - checks[last - 10] for last in range(10, len(checks))) <= 10
    assert len(hashed) > 5


def test_the_wait_is_told_and_is_true(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    for _ in range(5):
        browser.sign_in(ANNA, "guess")
    refused = browser.sign_in(ANNA)
    wait = int(refused.headers["retry-after"])
    assert refused.status_code == 429
    assert f"Try again in {-(-wait // 60)} minutes." in refused.text
    assert f'value="{ANNA}"' in refused.text

    house.clock.advance(timedelta(seconds=wait - 1))
    assert browser.sign_in(ANNA).status_code == 429
    house.clock.advance(timedelta(seconds=1))

    assert browser.sign_in(ANNA).status_code == 303


def test_unknown_logins_meet_the_same_limit(house: House) -> None:
    house.person(ANNA)
    answers = []
    for login in (ANNA, "nobo@example.org"):
        for _ in range(6):
            answer = house.browser().sign_in(login, "guess")
        answers.append(sameness(answer, login))

    assert answers[0] == answers[1]
    assert answers[0][0] == 429


def test_right_passwords_are_not_counted(house: House) -> None:
    house.person(ANNA)

    assert [house.browser().sign_in(ANNA).status_code for _ in range(12)] == [303] * 12


def test_one_network_does_not_try_every_login(build: Callable[..., House]) -> None:
    house = build(network_tries=10)

    answers = [house.browser().sign_in(f"user{number}@example.org", "guess").status_code for number in range(12)]

    assert answers == [422] * 10 + [429] * 2
    assert house.browser("198.51.100.9").sign_in("user1@example.org", "guess").status_code == 422


def test_a_known_device_has_a_limit_of_its_own(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    browser.send("/logout", "/settings/sessions")

    answers = [browser.sign_in(ANNA, "guess").status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
    assert house.browser().sign_in(ANNA).status_code == 303


def test_a_device_is_known_only_for_those_who_signed_in_there(house: House) -> None:
    house.person(ANNA)
    house.person("boris@example.org")
    boris = house.browser()
    boris.sign_in("boris@example.org")
    boris.send("/logout", "/settings/sessions")

    assert [boris.sign_in(ANNA, "guess").status_code for _ in range(6)] == [422] * 5 + [429]


def test_somebody_at_an_open_session_cannot_guess_the_password(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    answers = [browser.send("/step-up", password="guess").status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_twenty_at_once_take_two_slots_and_all_get_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        house.person(f"user{number}@example.org")
    browsers = [house.browser() for _ in range(20)]
    passwords = house.portal.ports.get(Passwords)
    real, lock, busy, most = passwords.fits, threading.Lock(), 0, 0

    def watched(password: str, kept: str) -> tuple[bool, str]:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        try:
            time.sleep(0.01)
            return real(password, kept)
        finally:
            with lock:
                busy -= 1

    monkeypatch.setattr(passwords, "fits", watched)
    answers = race(
        lambda number: browsers[number].sign_in(f"user{number}@example.org", PASSWORD).status_code, range(20)
    )

    assert answers == [303] * 20
    assert most <= 2


def test_a_list_of_stolen_passwords_tried_from_everywhere_is_few_checks(
    build: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = build(portal_burst=6, portal_tries=10)
    house.person(ANNA)
    owner = house.browser()
    owner.sign_in(ANNA)
    hashed: list[str] = []
    count_hashes(house, monkeypatch, hashed)

    def storm(turn: int) -> list[int]:
        tried = range(turn * 20, turn * 20 + 20)
        return [house.browser(f"198.51.{n}.1").sign_in(f"p{n}@example.org", "stolen").status_code for n in tried]

    assert storm(0) == [422] * 6 + [429] * 14
    house.clock.advance(timedelta(seconds=20))
    assert storm(1) == [422] * 4 + [429] * 16
    assert len(hashed) == 10

    owner.send("/logout", "/settings")
    assert owner.sign_in(ANNA).status_code == 303
    refused = house.browser("192.0.2.1").sign_in(ANNA)
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    assert "No need to wait" in refused.text


def test_right_passwords_use_nothing_of_the_portal_s_limit_up(build: Callable[..., House]) -> None:
    house = build(portal_burst=3, portal_tries=3)
    for number in range(8):
        house.person(f"p{number}@example.org")
        assert house.browser(f"198.51.{number}.1").sign_in(f"p{number}@example.org").status_code == 303
