"""Stories of passkeys, with keys in software that may cheat: who gets in, how far, and what opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from lkportal.auth.passkeys import keys
from lkportal.auth.passkeys.ceremonies import domain_of
from lkportal.auth.tests.house import Browser, House, token_in
from lkportal.auth.tests.softkey import SoftKey, options_in
from lkportal.auth.tests.test_too_late import kept_out
from lkportal.testing.databases import fresh_postgres
from lkportal.testing.races import meanwhile

ANNA, BORIS = "anna@example.org", "boris@example.org"
SITE = "http://localhost"
LIST, NEW, ENTER = "/settings/passkeys", "/settings/passkeys/new", "/login/passkey"
NEW_DEVICE = "Вход с нового устройства"
ADDED, REMOVED = "К вашему доступу добавлен ключ", "Ключ вашего доступа удалён"
COPIED = "Ваш ключ доступа могли скопировать"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house at an address where browsers know passkeys."""
    folder: Path = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        house = House(f"sqlite:///{folder / 'portal.db'}", str(folder), public_url=SITE)
        yield house
        house.close()
        return
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        house = House(url, str(folder), public_url=SITE)
        yield house
        house.close()


def visitor(house: House) -> Browser:
    return house.browser(base_url=SITE)


def with_key(house: House, login: str = ANNA, **key: Any) -> tuple[Browser, SoftKey]:
    """Return a browser whose person is signed in and has a passkey."""
    house.person(login)
    browser, made = visitor(house), SoftKey(**key)
    browser.sign_in(login)
    assert add(browser, made).status_code == 303
    return browser, made


def add(browser: Browser, key: SoftKey, name: str = "Phone", **said: Any) -> Response:
    page = browser.get(NEW).text
    return browser.send(NEW, name=name, credential=key.make(page, **said))


def enter(browser: Browser, key: SoftKey, wanted: str = "", **said: Any) -> Response:
    page = browser.get("/login").text
    return browser.send(ENTER, "/login", credential=key.show(page, **said), next=wanted)


def test_a_person_adds_a_passkey_and_signs_in_without_a_name(house: House) -> None:
    browser, key = with_key(house)
    assert "Not used yet" in browser.get(LIST).text
    fresh = visitor(house)

    answer = enter(fresh, key, "/yard/me")

    assert (answer.status_code, answer.headers["location"]) == (303, "/yard/me")
    assert fresh.get("/yard/me").text == "anna -"
    assert "Last used" in browser.get(LIST).text
    assert [letter.subject for letter in house.letters if letter.subject != NEW_DEVICE] == [ADDED]
    assert house.count("SELECT count(*) FROM auth_sessions WHERE methods = 'passkey'") == 1


def test_the_token_changes_when_a_key_is_added_or_removed(house: House) -> None:
    house.person(ANNA)
    browser, thief = visitor(house), visitor(house)
    browser.sign_in(ANNA)
    for act in ("add", "remove"):
        thief.client.cookies.set("lk_session", browser.client.cookies["lk_session"])
        assert thief.inside()
        if act == "add":
            add(browser, SoftKey())
        else:
            browser.send(f"{first_of(browser)}/remove")
        assert browser.inside()
        assert not thief.inside()


def test_the_sign_in_page_asks_for_any_key_and_names_none(house: House) -> None:
    with_key(house)
    asked = options_in(visitor(house).get("/login").text)

    assert asked["rpId"] == "localhost"
    assert asked.get("allowCredentials", []) == []
    assert asked["userVerification"] == "preferred"


def test_a_new_key_is_asked_for_as_one_that_needs_no_name(house: House) -> None:
    browser, _ = with_key(house)
    asked = options_in(browser.get(NEW).text)

    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert asked["user"]["name"] == ANNA
    assert len(asked["excludeCredentials"]) == 1


def test_a_key_that_knew_its_owner_is_two_factors_one_that_did_not_is_one(house: House) -> None:
    _, key = with_key(house)
    second = "SELECT count(*) FROM auth_sessions WHERE second_at IS NOT NULL"

    assert enter(visitor(house), key, verified=False).status_code == 303
    assert house.count(second) == 0
    assert enter(visitor(house), key).status_code == 303
    assert house.count(second) == 1


def test_several_keys_have_names_and_end_one_by_one(house: House) -> None:
    browser, phone = with_key(house)
    laptop = SoftKey()
    add(browser, laptop, "Laptop")
    page = browser.get(LIST).text
    assert "Phone" in page
    assert "Laptop" in page
    one = first_of(browser)
    browser.send(one, name="Old phone")
    assert "Old phone" in browser.get(LIST).text

    gone = browser.send(f"{one}/remove")

    assert gone.headers["location"] == f"{LIST}?changed=1"
    assert enter(visitor(house), phone).status_code == 422
    assert enter(visitor(house), laptop).status_code == 303
    assert REMOVED in {letter.subject for letter in house.letters}


def test_a_name_is_needed(house: House) -> None:
    browser, _ = with_key(house)

    assert browser.send(first_of(browser), name=" ").status_code == 422
    assert add(browser, SoftKey(), name="").status_code == 422


def test_a_change_of_keys_offers_to_look_through_other_devices(house: House) -> None:
    browser, _ = with_key(house)
    offer = "Other devices are still signed in"
    assert offer not in browser.get(f"{LIST}?changed=1").text
    visitor(house).sign_in(ANNA)

    assert offer in browser.get(f"{LIST}?changed=1").text
    assert offer not in browser.get(LIST).text


def test_adding_and_removing_ask_for_a_fresh_proof(house: House) -> None:
    browser, _ = with_key(house)
    one = first_of(browser)
    house.clock.advance(timedelta(minutes=11))

    for path in (NEW, f"{one}/remove"):
        assert browser.get(path).headers["location"].startswith("/step-up?next=")
    assert browser.get(one).status_code == 200


def test_nobody_touches_a_key_of_another(house: House) -> None:
    anna, key = with_key(house)
    house.person(BORIS)
    boris = visitor(house)
    boris.sign_in(BORIS)
    theirs = first_of(anna)

    assert boris.get(theirs).status_code == 404
    assert boris.send(theirs, LIST_FORM, name="Mine").status_code == 404
    assert boris.send(f"{theirs}/remove", LIST_FORM).status_code == 404
    assert enter(visitor(house), key).status_code == 303


LIST_FORM = "/settings/sessions"


def test_a_counter_that_went_back_is_refused_and_told(house: House) -> None:
    browser, key = with_key(house)
    assert enter(visitor(house), key, counts=5).status_code == 303

    copied = enter(visitor(house), key, counts=-2)

    assert copied.status_code == 422
    assert "may have been copied" in copied.text
    assert enter(visitor(house), key, counts=9).status_code == 422
    assert [letter.subject for letter in house.letters].count(COPIED) == 1
    assert "May be copied" in browser.get(LIST).text
    assert "opens nothing any more" in browser.get(first_of(browser)).text
    assert house.count("SELECT count(*) FROM core_outbox WHERE name = 'auth.passkey_suspended'") == 1


def test_a_keeper_that_counts_nothing_is_no_copy(house: House) -> None:
    browser, key = with_key(house, synced=True)

    assert [enter(visitor(house), key, counts=0).status_code for _ in range(3)] == [303, 303, 303]
    assert "on all your devices" in browser.get(first_of(browser)).text


CHEATS: dict[str, Callable[[House, Browser, SoftKey, str], str]] = {
    "an unknown key": lambda _h, _b, _k, page: SoftKey(handle=_k.handle).show(page),
    "another origin": lambda _h, _b, key, page: key.show(page, origin="http://evil.localhost"),
    "an origin over https": lambda _h, _b, key, page: key.show(page, origin="https://localhost"),
    "another domain": lambda _h, _b, key, page: _for("evil.example", key).show(page),
    "another ceremony": lambda _h, _b, key, page: key.show(page, type="webauthn.create"),
    "another signature": lambda _h, _b, key, page: _signed_by(SoftKey(), key).show(page),
    "another person's handle": lambda _h, _b, key, page: _called("Bm9ib2R5", key).show(page),
    "a made-up challenge": lambda _h, _b, key, page: key.show(page, challenge="bWFkZSB1cA"),
    "no challenge": lambda _h, _b, key, page: key.show(page, challenge="AA"),
    "a challenge of another browser": lambda house, _b, key, _p: key.show(visitor(house).get("/login").text),
    "a challenge that ran out": lambda house, _b, key, page: _late(house, key.show(page)),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_what_is_wrong_opens_nothing_and_is_answered_alike(house: House, cheat: str) -> None:
    _, key = with_key(house)
    browser = visitor(house)
    page = browser.get("/login").text
    usual = plain(browser.send(ENTER, "/login", credential="nothing"))

    wrong = browser.send(ENTER, "/login", credential=CHEATS[cheat](house, browser, key, page))

    assert wrong.status_code == 422
    assert plain(wrong) == usual
    assert not browser.inside()


@pytest.mark.parametrize("typed", ["", "{}", "[]", "null", '{"id": 1}', "{" * 9_000, '{"id":"a","response":{}}'])
def test_bytes_of_any_kind_are_refused_quietly(house: House, typed: str) -> None:
    assert visitor(house).send(ENTER, "/login", credential=typed).status_code == 422


def test_an_answer_works_once(house: House) -> None:
    _, key = with_key(house, synced=True)
    browser = visitor(house)
    raw = key.show(browser.get("/login").text, counts=0)

    assert browser.send(ENTER, "/login", credential=raw).status_code == 303
    browser.send("/logout", "/settings/sessions")

    assert browser.send(ENTER, "/login", credential=raw).status_code == 422


def test_the_answer_to_a_new_key_works_once_and_there_alone(house: House) -> None:
    house.person(ANNA)
    house.person(BORIS)
    anna, boris = visitor(house), visitor(house)
    anna.sign_in(ANNA)
    boris.sign_in(BORIS)
    raw = SoftKey().make(anna.get(NEW).text)

    assert boris.send(NEW, name="Mine", credential=raw).status_code == 422
    assert anna.send(NEW, name="Mine", credential=raw).status_code == 303
    assert anna.send(NEW, name="Mine", credential=raw).status_code == 422


def test_a_key_of_another_domain_is_not_kept(house: House) -> None:
    house.person(ANNA)
    browser = visitor(house)
    browser.sign_in(ANNA)

    assert add(browser, SoftKey(domain="evil.example")).status_code == 422
    assert add(browser, SoftKey(origin="http://evil.example")).status_code == 422
    assert house.count("SELECT count(*) FROM auth_passkeys") == 0


def test_a_disabled_person_is_refused_like_nobody(house: House) -> None:
    _, key = with_key(house)
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET disabled_at = created_at")
    browser = visitor(house)
    usual = plain(browser.send(ENTER, "/login", credential="nothing"))

    assert plain(enter(browser, key)) == usual


@pytest.mark.parametrize("standing", ["sqlite"], indirect=True)
@pytest.mark.parametrize("between", ["FROM auth_passkeys", "FROM auth_identities"])
def test_whoever_is_kept_out_between_their_key_and_the_door_stays_out(house: House, between: str) -> None:
    _, key = with_key(house)
    browser = visitor(house)
    page = browser.get("/login").text
    before = house.count("SELECT count(*) FROM auth_sessions")

    with meanwhile(house.portal.database, between, lambda: kept_out(house)):
        answer = browser.client.post(ENTER, data={"csrf_token": token_in(page), "credential": key.show(page)})

    assert answer.status_code == 422
    assert "did not open anything" in answer.text
    assert house.count("SELECT count(*) FROM auth_sessions") == before


def test_strangers_of_a_network_may_try_so_often(build: Callable[..., House]) -> None:
    house = build(public_url=SITE, network_tries=3)
    browser = visitor(house)
    answers = [browser.send(ENTER, "/login", credential="nothing") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_switched_off_it_leaves_no_trace(build: Callable[..., House]) -> None:
    house = build(public_url=SITE, ways=("password",))
    house.person(ANNA)
    browser = visitor(house)

    assert "passkey" not in browser.get("/login").text
    assert browser.send(ENTER, "/login", credential="x").status_code == 404
    browser.sign_in(ANNA)
    assert [browser.get(path).status_code for path in (LIST, NEW)] == [404, 404]
    assert "passkey" not in browser.get("/settings").text


def test_where_browsers_know_no_passkeys_nothing_is_offered(build: Callable[..., House]) -> None:
    house = build()
    house.person(ANNA)
    browser = house.browser()

    assert "passkey" not in browser.get("/login").text
    browser.sign_in(ANNA)
    assert "they need https" in browser.get(LIST).text
    assert browser.get(NEW).headers["location"] == LIST
    assert browser.send(ENTER, LIST, credential="x").status_code == 404


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://lk.example.org/", "lk.example.org"),
        ("https://lk.example.org:8443", "lk.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://second.localhost:8000", "second.localhost"),
        ("http://lk.example.org", ""),
        ("https://203.0.113.7", ""),
        ("https://[2001:db8::1]", ""),
    ],
)
def test_the_domain_of_keys_is_that_of_the_public_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain


def first_of(browser: Browser) -> str:
    """Return the path of the first passkey a person sees."""
    found: str = re.findall(rf'href="({LIST}/[A-Za-z0-9]{{16}})"', browser.get(LIST).text)[0]
    return found


def plain(answer: Response) -> tuple[int, str, list[str]]:
    """Return an answer without what is random in every one."""
    text = re.sub(r'(name="csrf_token" value|nonce|data-passkey)="[^"]*"', r"\1", answer.text)
    text = re.sub(r"[0-9a-f]{16,32}|[A-Za-z0-9_-]{22,}", "", text)
    return answer.status_code, text, sorted(answer.headers)


def _for(domain: str, key: SoftKey) -> SoftKey:
    return SoftKey(key.origin, domain, key.counter, handle=key.handle, private=key.private, id=key.id)


def _signed_by(other: SoftKey, key: SoftKey) -> SoftKey:
    return SoftKey(key.origin, key.domain, key.counter, handle=key.handle, private=other.private, id=key.id)


def _called(handle: str, key: SoftKey) -> SoftKey:
    return SoftKey(key.origin, key.domain, key.counter, handle=handle, private=key.private, id=key.id)


def _late(house: House, raw: str) -> str:
    house.clock.advance(timedelta(minutes=11))
    return raw


@pytest.mark.parametrize("standing", ["sqlite"], indirect=True)
def test_a_page_that_was_open_before_adds_no_key_beyond_the_most(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _ = with_key(house)
    opened = browser.get(NEW).text
    monkeypatch.setattr(keys, "MOST", 1)
    answer = browser.send(NEW, LIST, name="Tablet", credential=SoftKey().make(opened))
    assert answer.status_code == 422
    assert house.count("SELECT count(*) FROM auth_passkeys") == 1
