"""Rare turns of a person's own access: too many tries at a form, the same address again, a phone that is the login, settings that let
nobody in. One database tells enough."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from lkportal.auth import identities, settings
from lkportal.auth.door.ways import Ways
from lkportal.auth.hooks import sign_in_ways
from lkportal.auth.own import contacts
from lkportal.auth.passkeys.ceremonies import unpacked
from lkportal.auth.second import routes_factors
from lkportal.auth.settings import AuthSettings, passkeys_are_on
from lkportal.auth.tests.house import OTHER, Browser, House, seed_in, token_in
from lkportal.auth.tests.rows import unit
from lkportal.auth.tests.test_codes import PHONE, Pocket, code_of, pocket
from lkportal.auth.tests.test_contacts import ANNA, NEW, inside, move
from lkportal.auth.tests.test_too_late import sessions_ended
from lkportal.core.errors import StartupError
from lkportal.testing.races import meanwhile

__all__ = ["pocket"]
ON_SQLITE = pytest.mark.parametrize("standing", ["sqlite"], indirect=True)


def sent_until_refused(browser: Browser, path: str, **fields: str) -> int:
    """Send a form with something wrong in it again and again; return the first status that is no plain "this is wrong"."""
    for _ in range(30):
        status = browser.send(path, **fields).status_code
        if status != 422:
            return status
    return 422


@ON_SQLITE
def test_a_stolen_browser_cannot_guess_the_password_it_wants_to_change(house: House) -> None:
    browser = inside(house)
    assert sent_until_refused(browser, "/settings/password", current="guess", password=OTHER) == 429
    assert house.browser().sign_in(ANNA).status_code == 303


@ON_SQLITE
def test_who_is_kept_out_gets_in_again_once_they_are_let_in(house: House) -> None:
    person = house.person(ANNA)
    with unit(house) as db:
        identities.disable(db, person)
    assert house.browser().sign_in(ANNA).status_code == 422
    with unit(house) as db:
        identities.enable(db, person)
    assert house.browser().sign_in(ANNA).status_code == 303


@ON_SQLITE
def test_the_address_we_have_already_is_not_confirmed_again(house: House) -> None:
    browser = inside(house)
    assert move(house, browser) == 303
    answer = browser.send("/settings/email", email=NEW)
    assert answer.status_code == 422
    assert "what we have already" in answer.text


@ON_SQLITE
def test_where_no_message_can_be_sent_a_phone_is_neither_taken_nor_confirmed(house: House) -> None:
    browser = inside(house)
    for path in ("/settings/phone", "/settings/phone/code"):
        assert browser.send(path, "/settings/email", phone=PHONE, code="1234567").headers["location"] == "/settings"
    assert house.count("SELECT count(*) FROM auth_codes WHERE purpose = 'phone'") == 0


@ON_SQLITE
@pytest.mark.parametrize(
    ("path", "fields"),
    [("/settings/email/code", {}), ("/settings/phone/remove", {}), ("/settings/login", {"login": "anna.two"})],
)
def test_what_another_window_changed_at_the_same_moment_is_told_beside_the_form(
    house: House, pocket: Pocket, monkeypatch: pytest.MonkeyPatch, path: str, fields: dict[str, str]
) -> None:
    browser = inside(house)
    write(house, f"UPDATE auth_identities SET phone = '{PHONE}', phone_confirmed_at = created_at")
    if path.endswith("/code"):
        browser.send("/settings/email", email=NEW)
        fields = {"code": code_of(house)}
    with house.portal.database.reading() as connection:
        seen = identities.by_login(connection, ANNA)
    write(house, "UPDATE auth_identities SET login = 'anna.one', email = 'one@example.org', phone = '+79160000001'")
    monkeypatch.setattr(contacts, "identities", SimpleNamespace(by_id=lambda *_asked: seen))

    answer = browser.send(path, path.removesuffix("/remove"), **fields)

    assert answer.status_code == 409
    assert "in another window at the same moment" in answer.text
    assert house.count("SELECT count(*) FROM auth_identities WHERE login = 'anna.one' AND phone LIKE '%1'") == 1


@ON_SQLITE
def test_a_session_that_ends_while_an_app_is_set_up_begins_anew(house: House) -> None:
    browser = inside(house)
    shown = browser.get("/settings/second/app").text
    sealed = re.findall(r'name="seed" value="([^"]+)"', shown)[0]
    typed = {"csrf_token": token_in(shown), "seed": sealed, "code": browser.code(seed_in(shown))}

    with meanwhile(house.portal.database, "FROM auth_sessions", lambda: sessions_ended(house)):
        answer = browser.client.post("/settings/second/app", data=typed)

    assert answer.headers["location"] == "/login"
    assert house.count("SELECT count(*) FROM auth_totp") == 0


@ON_SQLITE
def test_a_code_is_asked_for_again_when_none_was_typed(house: House) -> None:
    browser = inside(house)
    browser.send("/settings/email", email=NEW)
    assert browser.send("/settings/email/code", code="").status_code == 422
    assert browser.send("/settings/email/code", code=code_of(house)).status_code == 303


@ON_SQLITE
def test_a_phone_that_is_the_login_stays_until_there_is_another(house: House, pocket: Pocket) -> None:
    browser = inside(house)
    write(house, f"UPDATE auth_identities SET login = '{PHONE}', phone = '{PHONE}', phone_confirmed_at = created_at")
    assert "+7 916 123-45-67" in browser.get("/settings").text
    answer = browser.send("/settings/phone/remove", page="/settings/phone")
    assert answer.status_code == 409
    assert "Choose another login first" in answer.text

    assert browser.send("/settings/login", login="anna.k").status_code == 303
    assert browser.send("/settings/phone/remove", page="/settings/phone").status_code == 303
    assert browser.send("/settings/phone/remove", page="/settings/phone").status_code == 303, "it is gone already"


def test_what_a_browser_sends_instead_of_text_is_no_answer() -> None:
    with pytest.raises(TypeError):
        unpacked(5)


@pytest.mark.parametrize("ways", [("pigeon",), ("passkey",)])
def test_a_way_that_nobody_brings_or_that_lacks_its_package_stops_the_start(
    ways: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "find_spec", lambda name: None)
    with pytest.raises(StartupError):
        Ways(sign_in_ways(), AuthSettings(ways=ways))
    assert not passkeys_are_on(AuthSettings())


def test_a_door_without_any_way_stops_the_start() -> None:
    with pytest.raises(StartupError, match="Nobody could sign in"):
        Ways((), AuthSettings())


@ON_SQLITE
def test_codes_of_an_app_that_is_being_set_up_are_not_guessed_without_end(house: House) -> None:
    browser = inside(house)
    shown = browser.get("/settings/second/app").text
    sealed = re.findall(r'name="seed" value="([^"]+)"', shown)[0]
    assert sent_until_refused(browser, "/settings/second/app", seed=sealed, code="000000") == 429


@ON_SQLITE
def test_without_a_key_to_seal_with_no_app_is_set_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = inside(house)
    assert browser.get("/settings/second/app").status_code == 200
    monkeypatch.setattr(routes_factors, "keyring_of", lambda _dialect: SimpleNamespace(primary=""))

    assert browser.get("/settings/second/app").status_code == 404
    assert "/settings/second/app" not in browser.get("/settings/second").text


@ON_SQLITE
def test_a_letter_about_a_device_ends_it_once_however_often_it_is_pressed(house: House) -> None:
    browser = inside(house)
    link = next(letter.link for letter in house.letters if letter.to == ANNA)
    reader = house.browser()
    token = token_in(reader.get(link).text)
    assert "That device is signed out" in reader.client.post(link, data={"csrf_token": token}).text
    assert not browser.inside()
    assert reader.client.post(link, data={"csrf_token": token}).status_code == 200
    assert house.count("SELECT count(*) FROM auth_sessions WHERE revoked_at IS NOT NULL") == 1


@ON_SQLITE
@pytest.mark.parametrize("query", ["", "?to=https://evil.example&asked=x", "?to=nowhere&asked=" + "a" * 43])
def test_a_crossing_to_no_site_of_ours_goes_nowhere(house: House, query: str) -> None:
    answer = inside(house).get(f"/cross/give{query}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")


def write(house: House, statement: str) -> None:
    """Change rows, as another process would."""
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(statement)
