"""Stories of the door: who gets in, where they land, and how nobody learns who is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from lkportal.auth.passwords import Passwords
from lkportal.auth.tests.house import OTHER, PASSWORD, House

ANNA = "anna@example.org"


def test_a_customer_signs_in_and_out(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()

    answer = browser.sign_in("  Anna@Example.org ")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/yard/me").text == "anna -"
    left = browser.send("/logout", "/settings/sessions")
    assert left.headers["location"] == "/login"
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert browser.get("/yard/me").headers["location"] == "/login?next=%2Fyard%2Fme"
    assert "You are signed out." in browser.get("/login").text


def test_a_copied_cookie_is_dead_after_signing_out(house: House) -> None:
    house.person(ANNA)
    browser, thief = house.browser(), house.browser()
    browser.sign_in(ANNA)
    thief.client.cookies.set("lk_session", browser.client.cookies["lk_session"])
    assert thief.inside()

    browser.send("/logout", "/settings/sessions")

    assert not thief.inside()


def test_whoever_is_signed_in_is_led_on_from_the_door(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    assert browser.get("/login?next=/yard/me").headers["location"] == "/yard/me"


@pytest.mark.parametrize(
    ("wanted", "landed"),
    [("/yard/me", "/yard/me"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/nowhere", "/"), ("", "/")],
)
def test_the_way_on_is_a_page_of_ours(house: House, wanted: str, landed: str) -> None:
    house.person(ANNA)

    assert house.browser().sign_in(ANNA, next=wanted).headers["location"] == landed


def test_staff_sign_in_by_the_same_door_for_a_shorter_time(house: House) -> None:
    house.person("operator@example.org", "staff")
    house.person(ANNA)
    desk, home = house.browser(), house.browser()
    assert desk.sign_in("operator@example.org").status_code == 303
    home.sign_in(ANNA)
    assert desk.inside()
    assert desk.get("/yard/me").status_code == 404

    house.clock.advance(hours(3))

    assert not desk.inside()
    assert home.inside()


def test_a_wrong_password_keeps_the_login_and_says_nothing_else(house: House) -> None:
    house.person(ANNA)
    answer = house.browser().sign_in(ANNA, "not this one at all")

    assert answer.status_code == 422
    assert f'value="{ANNA}"' in answer.text
    assert "not this one at all" not in answer.text
    assert "The login or the password does not fit." in answer.text
    assert "lk_session" not in answer.headers.get("set-cookie", "")


def test_known_and_unknown_get_the_same_bytes_for_the_same_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.person("anna@example.org")
    house.person("gone@example.org")
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(
            "UPDATE auth_identities SET disabled_at = created_at WHERE login = 'gone@example.org'"
        )
    hashed: list[str] = []
    count_hashes(house, monkeypatch, hashed)
    answers, work = [], []
    for login in ("anna@example.org", "nobo@example.org", "gone@example.org"):
        before = len(hashed)
        answers.append(sameness(house.browser().sign_in(login, "wrong password"), login))
        work.append(len(hashed) - before)

    assert answers[0] == answers[1] == answers[2]
    assert work == [1, 1, 1]


def test_a_failed_sign_in_is_written_down_without_the_login(house: House) -> None:
    house.person(ANNA)
    before = house.count("SELECT count(*) FROM audit_records WHERE outcome = 'refused'")

    house.browser().sign_in(ANNA, "wrong password")
    house.browser().sign_in("nobody@example.org", "wrong password")

    assert house.count("SELECT count(*) FROM audit_records WHERE outcome = 'refused'") == before + 2
    assert house.count("SELECT count(*) FROM core_outbox WHERE name = 'auth.sign_in_refused'") == 2
    assert "nobody" not in house.dump()


def test_a_newer_hash_profile_is_taken_up_at_the_next_sign_in(build: Callable[..., House]) -> None:
    weak = build()
    weak.person(ANNA)
    weak.close()
    house = build(hash_passes=2)

    house.browser().sign_in(ANNA)

    with house.portal.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT password_hash FROM auth_identities").scalar()
    assert ",t=2," in str(kept)
    assert house.browser().sign_in(ANNA).status_code == 303


def test_signing_in_anew_ends_the_session_before(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    before = browser.client.cookies["lk_session"]
    page = browser.client.get("/settings/sessions").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]

    browser.client.post("/login", data={"csrf_token": token, "login": ANNA, "password": PASSWORD})

    assert browser.client.cookies["lk_session"] != before
    thief = house.browser()
    thief.client.cookies.set("lk_session", before)
    assert not thief.inside()


def test_cookies_are_plain_over_http_and_fast_over_https(build: Callable[..., House]) -> None:
    plain = build()
    plain.person(ANNA)
    cookie = session_cookie(plain.browser().sign_in(ANNA).headers.get_list("set-cookie"))
    assert cookie.startswith("lk_session=")
    assert "secure" not in cookie.lower()
    plain.close()
    secure = build(public_url="https://lk.example.org")

    answer = secure.browser(base_url="https://lk.example.org").sign_in(ANNA)

    cookie = session_cookie(answer.headers.get_list("set-cookie"))
    assert cookie.startswith("__Host-lk_session=")
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()


def test_a_form_without_our_token_signs_nobody_in(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.get("/login")

    answer = browser.client.post("/login", data={"login": ANNA, "password": PASSWORD})

    assert answer.status_code == 403
    assert not browser.inside()


def test_the_password_is_taken_exactly_as_typed(house: House) -> None:
    house.person(ANNA, password=" пробел по краям ")

    assert house.browser().sign_in(ANNA, "пробел по краям").status_code == 422
    assert house.browser().sign_in(ANNA, " пробел по краям ").status_code == 303


def test_a_delicate_page_asks_for_the_password_again(house: House) -> None:
    account = house.account("0412778215", house.person(ANNA))
    browser = house.browser()
    browser.sign_in(ANNA)
    assert browser.get(f"/yard/{account}/vault").status_code == 200
    house.clock.advance(hours(1))
    way = browser.get(f"/yard/{account}/vault").headers["location"]
    assert way == f"/step-up?next=%2Fyard%2F{account}%2Fvault"
    before = browser.client.cookies["lk_session"]

    assert browser.send("/step-up", way, password="not mine, surely").status_code == 422
    answer = browser.send("/step-up", way, password=PASSWORD, next=f"/yard/{account}/vault")

    assert answer.headers["location"] == f"/yard/{account}/vault"
    assert browser.get(f"/yard/{account}/vault").status_code == 200
    assert browser.client.cookies["lk_session"] != before


def test_a_changed_password_signs_the_other_devices_out(house: House) -> None:
    house.person(ANNA)
    here, there = house.browser(), house.browser()
    here.sign_in(ANNA)
    there.sign_in(ANNA)
    before = here.client.cookies["lk_session"]
    assert here.send("/settings/password", current=OTHER, password=OTHER).status_code == 422
    assert "guessed first" in here.send("/settings/password", current=PASSWORD, password="anna-2026-anna").text

    answer = here.send("/settings/password", current=PASSWORD, password=OTHER)

    assert answer.headers["location"] == "/settings/sessions"
    assert here.inside()
    assert not there.inside()
    assert here.client.cookies["lk_session"] != before
    assert there.sign_in(ANNA).status_code == 422
    assert there.sign_in(ANNA, OTHER).status_code == 303
    told = [(letter.to, letter.subject) for letter in house.letters if letter.subject != "Вход с нового устройства"]
    assert told == [(ANNA, "Пароль изменён")]


def test_every_page_stands_in_both_languages(house: House) -> None:
    house.person(ANNA)
    for language, heading in (("ru", "Войдите в кабинет"), ("en", "Sign in to your account")):
        browser = house.browser(**{"accept-language": language})
        assert heading in browser.get("/login").text
        assert browser.get("/register").status_code == browser.get("/recover").status_code == 200
        browser.sign_in(ANNA)
        assert browser.get("/settings/password").status_code == browser.get("/step-up").status_code == 200
        assert "Chrome, Windows" in browser.get("/settings/sessions").text


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def session_cookie(sent: list[str]) -> str:
    return next(cookie for cookie in sent if "lk_session" in cookie)


def sameness(answer: Response, login: str) -> tuple[object, ...]:
    """Return what a stranger can compare: status, headers and bytes, less what is random in every answer."""
    body = answer.text.replace(login, "LOGIN")
    body = re.sub(r'(name="csrf_token" value|nonce|hx-nonce)="[^"]+"', r"\1", body).replace(
        answer.headers["x-request-id"], "ID"
    )
    names = sorted(
        (name, "" if name in RANDOM else value) for name, value in answer.headers.items() if name != "content-length"
    )
    return answer.status_code, tuple(names), body


RANDOM = {"x-request-id", "content-security-policy", "set-cookie", "date"}


def count_hashes(house: House, monkeypatch: pytest.MonkeyPatch, hashed: list[str]) -> None:
    """Note every time a password is hashed, for a check or for nothing."""
    hasher = house.portal.ports.get(Passwords)._hasher
    for name in ("hash", "verify_and_update"):
        monkeypatch.setattr(hasher, name, noting(getattr(hasher, name), hashed))


def noting(real: Callable[..., Any], hashed: list[str]) -> Callable[..., Any]:
    def noted(*args: str) -> Any:
        hashed.append(args[0])
        return real(*args)

    return noted
