"""Stories of the second factor: setting it up, the second step, recovery codes, what asks for it, what a company demands."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from lkportal.auth import identities
from lkportal.auth.second import proving, totp
from lkportal.auth.tests.house import OTHER, PASSWORD, Browser, House, settled, token_in
from lkportal.core.unit import open_unit

ANNA = "anna@example.org"
HALF_MINUTE = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B: SHA-1, its last six digits."""
    assert totp.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds // totp.STEP) == code


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(house: House) -> None:
    browser, seed, codes = settled(house)
    assert len(set(codes)) == 10
    assert browser.inside()
    there = house.browser()

    answer = there.sign_in(ANNA, next="/yard/me")

    assert answer.headers["location"] == "/login/second"
    assert not there.inside()
    assert there.get("/yard/me").status_code == 303
    answer = there.second_step(there.code(seed))
    assert (answer.status_code, answer.headers["location"]) == (303, "/yard/me")
    assert there.inside()
    assert methods(house) == "password totp"


def test_setting_up_ends_sessions_that_began_without_it(house: House) -> None:
    house.person(ANNA)
    old = house.browser()
    old.sign_in(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    browser.set_up_app()

    assert browser.inside()
    assert not old.inside()


def test_a_code_works_once(house: House) -> None:
    _, seed, _ = settled(house)
    first, other = house.browser(), house.browser()
    first.sign_in(ANNA)
    other.sign_in(ANNA)
    code = first.code(seed)
    assert first.second_step(code).status_code == 303

    refused = other.second_step(code)

    assert refused.status_code == 422
    assert "was used already" in refused.text
    assert other.second_step(other.code(seed, -1)).status_code == 422
    assert other.second_step(other.code(seed, 1)).status_code == 303


def test_the_code_that_set_the_app_up_does_not_let_in(house: House) -> None:
    _, seed, _ = settled(house)
    house.clock.advance(-HALF_MINUTE)
    browser = house.browser()
    browser.sign_in(ANNA)

    assert browser.second_step(browser.code(seed)).status_code == 422


def test_a_clock_may_be_half_a_minute_off_and_no_more(house: House) -> None:
    _, seed, _ = settled(house)
    house.clock.advance(timedelta(minutes=5))
    browser = house.browser()
    browser.sign_in(ANNA)

    assert browser.second_step(browser.code(seed, -2)).status_code == 422
    assert browser.second_step(browser.code(seed, 2)).status_code == 422
    assert browser.second_step(browser.code(seed, -1)).status_code == 303


def test_a_wrong_first_code_sets_nothing_up_and_keeps_the_seed(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    shown = browser.get("/settings/second/app").text
    sealed = re.findall(r'name="seed" value="([^"]+)"', shown)[0]

    answer = browser.send("/settings/second/app", seed=sealed, code="000000")

    assert answer.status_code == 422
    seed = re.findall(r"secret=([A-Z2-7]+)", shown)[0]
    assert f"secret={seed}" in answer.text
    assert house.browser().sign_in(ANNA).headers["location"] == "/"


def test_a_seed_shown_to_one_person_is_of_no_use_to_another(house: House) -> None:
    for login in (ANNA, "boris@example.org"):
        house.person(login)
    anna, boris = house.browser(), house.browser()
    anna.sign_in(ANNA)
    boris.sign_in("boris@example.org")
    shown = anna.get("/settings/second/app").text
    sealed, seed = re.findall(r'name="seed" value="([^"]+)"', shown)[0], re.findall(r"secret=([A-Z2-7]+)", shown)[0]

    answer = boris.send("/settings/second/app", seed=sealed, code=boris.code(seed))

    assert answer.headers["location"] == "/settings/second/app"
    assert house.count("SELECT count(*) FROM auth_totp") == 0


def test_a_recovery_code_opens_once_however_it_is_typed(house: House) -> None:
    _, _, codes = settled(house)
    browser = house.browser()
    browser.sign_in(ANNA)

    assert browser.second_step(f" {codes[0].upper().replace('-', ' ')} ", "recovery").status_code == 303

    again = house.browser()
    again.sign_in(ANNA)
    assert again.second_step(codes[0], "recovery").status_code == 422
    assert again.second_step("k7m2-9xqf-3hta", "recovery").status_code == 422
    assert again.second_step(codes[9], "recovery").status_code == 303
    assert "8 codes are left" in again.get("/settings/second").text
    assert "Использован запасной код" in [letter.subject for letter in house.letters]


def test_new_codes_put_the_old_ones_out_of_use(house: House) -> None:
    browser, _, codes = settled(house)

    answer = browser.send("/settings/second/codes", "/settings/second")

    newer = re.findall(r"<strong>([0-9a-z-]{14})</strong>", answer.text)
    assert len(newer) == 10
    assert answer.headers["cache-control"] == "no-store"
    there = house.browser()
    there.sign_in(ANNA)
    assert there.second_step(codes[0], "recovery").status_code == 422
    assert there.second_step(newer[0], "recovery").status_code == 303


def test_seeds_and_codes_are_not_in_a_copy_of_the_database(house: House) -> None:
    _, seed, codes = settled(house)

    copy = house.dump()

    assert seed not in copy
    assert not any(code in copy or code.replace("-", "") in copy for code in codes)


def test_the_second_step_must_follow_within_minutes(house: House) -> None:
    _, seed, _ = settled(house)
    browser = house.browser()
    browser.sign_in(ANNA)
    page = browser.get("/login/second").text
    house.clock.advance(timedelta(minutes=11))

    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    answer = browser.client.post("/login/second", data={"csrf_token": token, "code": browser.code(seed)})

    assert answer.headers["location"] == "/login"
    assert browser.get("/login/second").headers["location"] == "/login"
    assert "Please sign in anew." in browser.get("/login").text


def test_a_half_done_sign_in_opens_one_session(house: House) -> None:
    _, seed, _ = settled(house)
    browser, thief = house.browser(), house.browser()
    browser.sign_in(ANNA)
    thief.client.cookies.set("lk_entry", browser.client.cookies["lk_entry"])
    thief.get("/login/second")
    assert browser.second_step(browser.code(seed)).status_code == 303

    assert thief.get("/login/second").headers["location"] == "/login"
    assert not thief.inside()


@pytest.mark.parametrize("how", ["recovered", "disabled"])
def test_a_half_done_sign_in_is_worth_nothing_after_a_new_password_or_disabling(house: House, how: str) -> None:
    _, seed, _ = settled(house)
    browser = house.browser()
    browser.sign_in(ANNA)
    if how == "recovered":
        recover(house)
    else:
        with house.portal.database.unit() as db:
            db.connection().exec_driver_sql("UPDATE auth_identities SET disabled_at = created_at")

    assert browser.get("/login/second").headers["location"] == "/login"
    assert not browser.inside()
    assert seed


def test_recovering_the_password_does_not_open_the_second_step(house: House) -> None:
    _, seed, _ = settled(house)

    browser = recover(house)

    assert browser.sign_in(ANNA, OTHER).headers["location"] == "/login/second"
    assert not browser.inside()
    assert browser.second_step(browser.code(seed)).status_code == 303


def test_wrong_codes_are_few_and_the_owner_is_told(house: House) -> None:
    owner, seed, _ = settled(house)
    house.clock.advance(timedelta(hours=1))
    thief = house.browser("198.51.100.9")
    thief.sign_in(ANNA)

    answers = [thief.second_step("000000").status_code for _ in range(7)]

    assert answers == [422] * 5 + [429] * 2
    assert [letter.subject for letter in house.letters].count("Кто-то знает ваш пароль") == 1
    owner.send("/logout", "/settings/sessions")
    owner.sign_in(ANNA)
    assert owner.second_step(owner.code(seed)).status_code == 303


def test_turning_off_needs_the_second_factor_itself(house: House) -> None:
    browser, seed, _ = settled(house)
    house.clock.advance(timedelta(minutes=20))
    assert browser.get("/settings/second").headers["location"] == "/step-up?next=%2Fsettings%2Fsecond&for=second"
    asked = browser.get("/step-up?next=/settings/second&for=second").text
    assert 'name="password"' not in asked

    browser.send("/step-up", "/settings/sessions", password=PASSWORD, next="/settings/second", purpose="second")
    assert browser.get("/settings/second").status_code == 303
    answer = browser.send("/step-up/second", "/step-up?for=second", code=browser.code(seed), next="/settings/second")
    assert answer.headers["location"] == "/settings/second"
    browser.send("/settings/second/app/off", "/settings/second")

    assert house.browser().sign_in(ANNA).headers["location"] == "/"
    assert house.count("SELECT count(*) FROM auth_totp") == house.count("SELECT count(*) FROM auth_recovery_codes") == 0
    assert "Второй фактор выключен" in [letter.subject for letter in house.letters]


def test_another_app_takes_the_place_of_the_first(house: House) -> None:
    browser, old, _ = settled(house)
    seed, _ = browser.set_up_app()

    there = house.browser()
    there.sign_in(ANNA)
    assert there.second_step(there.code(old)).status_code == 422
    assert there.second_step(there.code(seed)).status_code == 303


def test_a_proof_gives_the_session_a_new_token(house: House) -> None:
    browser, seed, _ = settled(house)
    before = browser.client.cookies["lk_session"]

    browser.send("/step-up/second", "/step-up", code=browser.code(seed))

    assert browser.client.cookies["lk_session"] != before
    thief = house.browser()
    thief.client.cookies.set("lk_session", before)
    assert not thief.inside()


def test_the_company_takes_a_lost_second_factor_away(house: House) -> None:
    browser, _, _ = settled(house)
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        person = identities.by_login(db.connection(), ANNA)
        assert person is not None
        proving.reset(db, person)

    assert not browser.inside()
    assert house.browser().sign_in(ANNA).headers["location"] == "/"


def test_the_old_session_ends_with_the_second_step_and_not_before(house: House) -> None:
    browser, seed, _ = settled(house)
    before = browser.client.cookies["lk_session"]
    token = token_in(browser.get("/settings/second").text)

    browser.client.post("/login", data={"csrf_token": token, "login": ANNA, "password": PASSWORD})

    assert browser.inside()
    assert browser.client.cookies["lk_session"] == before
    assert seed


def recover(house: House) -> Browser:
    """Give Anna another password by the letter; return the browser it was done in."""
    browser = house.browser()
    browser.send("/recover", login=ANNA)
    link = house.letters[-1].link
    assert browser.send(link, password=OTHER).status_code == 303
    return browser


def methods(house: House) -> str:
    with house.portal.database.reading() as connection:
        return str(connection.exec_driver_sql("SELECT methods FROM auth_sessions ORDER BY id DESC").scalar())
