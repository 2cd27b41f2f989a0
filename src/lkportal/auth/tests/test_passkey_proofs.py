"""Passkeys as the second step of a sign-in and as a fresh proof: what counts as another factor, and what is good for nothing else."""

from __future__ import annotations

from datetime import timedelta

from lkportal.auth.tests.house import House, token_in
from lkportal.auth.tests.softkey import SoftKey, options_in
from lkportal.auth.tests.test_passkeys import ANNA, BORIS, ENTER, NEW, add, enter, standing, visitor, with_key
from lkportal.auth.tests.test_too_late import sessions_ended
from lkportal.testing.races import meanwhile

__all__ = ["standing"]


def test_a_passkey_is_the_second_step_of_who_asks_for_one(house: House) -> None:
    _, key = with_key(house)
    asks_at_entry(house)
    browser = visitor(house)

    half = browser.sign_in(ANNA)

    assert half.headers["location"] == "/login/second"
    assert not browser.inside()
    page = browser.get("/login/second").text
    assert len(options_in(page)["allowCredentials"]) == 1
    done = browser.send("/login/second/passkey", "/login/second", credential=key.show(page))
    assert done.status_code == 303
    assert browser.inside()
    assert (
        house.count("SELECT count(*) FROM auth_sessions WHERE methods = 'password passkey' AND second_at IS NOT NULL")
        == 1
    )


def test_a_key_that_knew_its_owner_needs_no_second_step_one_that_did_not_needs_another(house: House) -> None:
    _, key = with_key(house)
    asks_at_entry(house)

    assert enter(visitor(house), key).headers["location"] == "/"
    browser = visitor(house)
    assert enter(browser, key, verified=False).headers["location"] == "/login/second"
    page = browser.get("/login/second").text
    again = browser.send("/login/second/passkey", "/login/second", credential=key.show(page, verified=False))
    assert again.status_code == 422
    assert "did not make sure that it is you" in again.text
    assert not browser.inside()
    page = browser.get("/login/second").text
    assert browser.send("/login/second/passkey", "/login/second", credential=key.show(page)).status_code == 303
    assert browser.inside()


def test_a_passkey_is_a_fresh_proof(house: House) -> None:
    browser, key = with_key(house)
    house.clock.advance(timedelta(minutes=11))
    asked = browser.get(NEW).headers["location"]
    page = browser.get(asked).text

    done = browser.send("/step-up/passkey", asked, credential=key.show(page), next=NEW)

    assert (done.status_code, done.headers["location"]) == (303, NEW)
    assert browser.get(NEW).status_code == 200


def test_a_second_step_that_waited_too_long_begins_anew(house: House) -> None:
    _, key = with_key(house)
    asks_at_entry(house)
    browser = visitor(house)
    browser.sign_in(ANNA)
    raw = key.show(browser.get("/login/second").text)
    house.clock.advance(timedelta(minutes=11))

    late = browser.send("/login/second/passkey", "/login", credential=raw)

    assert late.headers["location"] == "/login"
    assert "Too much time went by" in browser.get("/login").text
    assert not browser.inside()


def test_recovery_codes_stay_while_a_passkey_does(house: House) -> None:
    house.person(ANNA)
    browser = visitor(house)
    browser.sign_in(ANNA)
    browser.set_up_app()
    assert add(browser, SoftKey()).status_code == 303

    assert browser.send("/settings/second/app/off", "/settings/second").status_code == 303

    assert house.count("SELECT count(*) FROM auth_totp") == 0
    assert house.count("SELECT count(*) FROM auth_recovery_codes WHERE used_at IS NULL") == 10


def test_a_session_that_ends_while_a_key_is_made_keeps_no_key(house: House) -> None:
    house.person(ANNA)
    browser = visitor(house)
    browser.sign_in(ANNA)
    page = browser.get(NEW).text
    made = {"csrf_token": token_in(page), "name": "Phone", "credential": SoftKey().make(page)}

    with meanwhile(house.portal.database, "FROM auth_sessions", lambda: sessions_ended(house)):
        assert browser.client.post(NEW, data=made).status_code == 422

    assert house.count("SELECT count(*) FROM auth_passkeys") == 0


def test_keys_of_an_address_the_company_left_are_not_asked_for(house: House) -> None:
    browser, _ = with_key(house)
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_passkeys SET rp_id = 'lk.old.example'")

    page = browser.get("/step-up").text

    assert "belong to another address" in page
    assert "data-passkey" not in page


def test_a_proof_is_no_sign_in_and_a_sign_in_no_proof(house: House) -> None:
    """An answer is good for what it was asked for alone, and for the person it was asked of."""
    browser, key = with_key(house)
    fresh = visitor(house)
    for_entry = key.show(fresh.get("/login").text)
    house.clock.advance(timedelta(minutes=11))
    asked = browser.get(NEW).headers["location"]
    raw = key.show(browser.get(asked).text)

    assert browser.send("/step-up/passkey", asked, credential=for_entry).status_code == 422
    assert fresh.send(ENTER, "/login", credential=raw).status_code == 422
    house.person(BORIS)
    boris, theirs = visitor(house), SoftKey()
    boris.sign_in(BORIS)
    add(boris, theirs)
    again = key.show(browser.get(asked).text)
    stolen = boris.get("/step-up").text
    assert boris.send("/step-up/passkey", "/step-up", credential=again).status_code == 422
    assert boris.send("/step-up/passkey", "/step-up", credential=key.show(stolen)).status_code == 422


def asks_at_entry(house: House) -> None:
    """Let everybody with a second factor be asked for it at entry."""
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET asks = 'entry' WHERE second_ways <> ''")
