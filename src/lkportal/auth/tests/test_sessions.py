"""Laws of sessions: what is ended is refused at the very next request, on every route; idle and whole limits hold."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from lkportal.auth import sessions
from lkportal.auth.origins import device_name, network_prefix
from lkportal.auth.tests.house import OTHER, PASSWORD, Browser, House, token_in
from lkportal.core.unit import open_unit
from lkportal.testing.races import race

ANNA = "anna@example.org"
DAY = timedelta(days=1)


def test_a_session_ended_elsewhere_is_refused_on_every_route(house: House) -> None:
    person = house.person(ANNA)
    account = house.account("0412778215", person)
    here, there = house.browser(), house.browser(**{"user-agent": "Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1"})
    here.sign_in(ANNA)
    there.sign_in(ANNA)
    assert set(refusals(house, there, account)) != {303}
    page = here.get("/settings/sessions").text
    assert "Safari, iPhone" in page
    assert "203.0.113.x" in page

    end = page.split('action="/settings/sessions/')[1].partition('"')[0]
    assert here.send(f"/settings/sessions/{end}", "/settings/sessions").status_code == 303

    assert set(refusals(house, there, account)) == {303}
    assert here.inside()


def test_all_other_devices_at_once(house: House) -> None:
    house.person(ANNA)
    browsers = [house.browser() for _ in range(4)]
    for browser in browsers:
        browser.sign_in(ANNA)

    browsers[0].send("/settings/sessions/others/end", "/settings/sessions")

    assert [browser.inside() for browser in browsers] == [True, False, False, False]
    assert "There are no other devices." in browsers[0].get("/settings/sessions").text


def test_nobody_ends_a_session_of_another(house: House) -> None:
    house.person(ANNA)
    house.person("boris@example.org")
    anna, boris = house.browser(), house.browser()
    anna.sign_in(ANNA)
    boris.sign_in("boris@example.org")
    with house.portal.database.reading() as connection:
        session = connection.exec_driver_sql("SELECT public_id FROM auth_sessions ORDER BY id").scalar()

    assert boris.send(f"/settings/sessions/{session}/end", "/settings/sessions").status_code == 404
    assert anna.inside()


def test_ending_the_present_session_is_signing_out(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    with house.portal.database.reading() as connection:
        session = connection.exec_driver_sql("SELECT public_id FROM auth_sessions").scalar()

    left = browser.send(f"/settings/sessions/{session}/end", "/settings/sessions")

    assert left.headers["location"] == "/login"
    assert not browser.inside()


def test_visits_keep_a_session_alive_until_its_whole_limit(house: House) -> None:
    house.person(ANNA)
    visited, idle = house.browser(), house.browser()
    visited.sign_in(ANNA)
    idle.sign_in(ANNA)
    for _ in range(4):
        house.clock.advance(6 * DAY)
        assert visited.inside()
    assert not idle.inside()

    house.clock.advance(6 * DAY + timedelta(hours=1))

    assert not visited.inside()
    assert house.count("SELECT count(*) FROM auth_sessions WHERE expires_at > ends_at") == 0


def test_pages_write_at_most_every_five_minutes(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    said: list[str] = []
    with house.portal.database.observe(lambda moment, sql: said.append(sql) if moment == "before_statement" else None):
        assert browser.inside()
        calm = [sql for sql in said if sql.startswith("UPDATE")]
        house.clock.advance(timedelta(minutes=6))
        assert browser.inside()
        assert browser.inside()

    assert calm == []
    assert len([sql for sql in said if sql.startswith("UPDATE auth_sessions")]) == 1


def test_who_asks_costs_one_statement(house: House) -> None:
    account = house.account("0412778215", house.person(ANNA))
    browser = house.browser()
    browser.sign_in(ANNA)
    browser.get(f"/yard/{account}/see")
    said: list[str] = []
    with house.portal.database.observe(lambda moment, sql: said.append(sql) if moment == "before_statement" else None):
        assert browser.get(f"/yard/{account}/see").text == "anna 0412778215"

    assert len(said) == 1


def test_accounts_open_only_through_a_living_membership(house: House) -> None:
    anna, boris = house.person(ANNA), house.person("boris@example.org")
    own, foreign = house.account("1", anna), house.account("2", boris)
    shared = house.account("3", anna, role="reader")
    browser = house.browser()
    browser.sign_in(ANNA)

    assert browser.get(f"/yard/{own}/work").status_code == 200
    assert browser.get(f"/yard/{shared}/see").status_code == 200
    assert browser.get(f"/yard/{shared}/work").status_code == 403
    absent = browser.get("/yard/AAAAAAAAAAAAAAAA/see")
    strange = browser.get(f"/yard/{foreign}/see")
    assert (absent.status_code, strange.status_code) == (404, 404)
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE accounts_memberships SET revoked_at = created_at")
    assert browser.get(f"/yard/{own}/work").status_code == 404


def test_the_account_looked_at_last_is_remembered(house: House) -> None:
    person = house.person(ANNA)
    house.account("1", person)
    second = house.account("2", person)
    browser = house.browser()
    browser.sign_in(ANNA)

    browser.get(f"/yard/{second}/see")

    last = "SELECT a.number FROM auth_sessions s JOIN accounts_accounts a ON a.id = s.account_id"
    assert str(house.count(last)) == "2"


def test_a_role_taken_away_closes_the_desk_at_the_next_request(house: House) -> None:
    person = house.person("operator@example.org", "staff")
    browser = house.browser()
    browser.sign_in("operator@example.org")
    assert browser.get("/staff/yard/desk").status_code == 403
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(
            f"INSERT INTO accounts_staff_roles (identity_id, role, granted_at) "
            f"VALUES ({person}, 'operator', '2026-11-22 09:00:00')"
        )
    assert browser.get("/staff/yard/desk").status_code == 200
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("DELETE FROM accounts_staff_roles")

    assert browser.get("/staff/yard/desk").status_code == 403


@pytest.mark.parametrize("cookie", ["x", "'; DROP TABLE auth_sessions; --", "a" * 43, "a" * 4000])
def test_a_made_up_cookie_is_nobody(house: House, cookie: str) -> None:
    browser = house.browser()
    browser.client.cookies.set("lk_session", cookie)

    assert not browser.inside()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("testclient", ""),
    ],
)
def test_a_network_is_an_address_without_its_end(address: str, network: str) -> None:
    assert network_prefix(address) == network


def test_devices_are_told_in_words() -> None:
    assert (
        device_name("Mozilla/5.0 (Linux; Android 14) Chrome/140.0 YaBrowser/25.0 Mobile") == "Yandex Browser, Android"
    )
    assert device_name("curl/8.0") == ""


def refusals(house: House, browser: Browser, account: str) -> list[int]:
    """Return the status of every page that is not open to all."""
    routes = house.portal.edge.routes
    found = []
    for bound in routes.by_name.values():
        if bound.policy.who == "anyone" or "GET" not in bound.spec.methods or bound.spec.kind == "api":
            continue
        params = {name: account for name in ("account",) if "{account}" in bound.template}
        if bound.template.count("{") == len(params):
            answer = browser.get(routes.path(bound.name, params))
            found.append(303 if answer.headers.get("location", "").startswith("/login") else 0)
    assert len(found) >= 6
    return found


def test_a_device_is_told_with_how_and_since_when(house: House) -> None:
    house.person(ANNA)
    here, there = house.browser(), house.browser("198.51.100.9")
    there.sign_in(ANNA)
    house.clock.advance(timedelta(hours=2))
    here.sign_in(ANNA)
    assert here.get("/settings/sessions").text.count("since ") == 1, (
        "the other was seen at its sign-in alone: once is enough"
    )
    assert there.inside()

    page = here.get("/settings/sessions").text

    assert page.count("since ") == 2
    assert page.count("; password") == 2
    assert "198.51.100.x" in page
    assert page.index("This device") < page.index("198.51.100.x")


def test_all_devices_this_one_too(house: House) -> None:
    house.person(ANNA)
    here, there = house.browser(), house.browser()
    here.sign_in(ANNA)
    there.sign_in(ANNA)

    left = here.send("/settings/sessions/all/end", "/settings/sessions")

    assert left.headers["location"] == "/login"
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert [here.inside(), there.inside()] == [False, False]


def test_staff_idle_two_hours_and_stay_twelve(house: House) -> None:
    house.person("operator@example.org", "staff")
    idle, busy = house.browser(), house.browser()
    idle.sign_in("operator@example.org")
    busy.sign_in("operator@example.org")
    house.clock.advance(timedelta(hours=1, minutes=59))
    assert busy.inside()
    house.clock.advance(timedelta(minutes=2))
    assert [idle.inside(), busy.inside()] == [False, True]
    for _ in range(5):
        house.clock.advance(timedelta(hours=1, minutes=50))
        assert busy.inside()

    house.clock.advance(timedelta(minutes=50))

    assert not busy.inside()


@pytest.mark.parametrize(("kind", "idle"), [("customer", timedelta(days=7)), ("staff", timedelta(hours=2))])
def test_an_idle_session_ends_to_the_second(house: House, kind: str, idle: timedelta) -> None:
    house.person(ANNA, kind)
    browser = house.browser()
    browser.sign_in(ANNA)
    token = browser.client.cookies["lk_session"]
    house.clock.advance(idle)
    late = house.browser()
    late.client.cookies.set("lk_session", token)

    assert not late.inside()

    house.clock.advance(-timedelta(seconds=1))
    assert browser.inside()


def test_the_token_is_another_after_every_proof(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    seen = set()
    for path, fields in (
        ("/login", {"login": ANNA, "password": PASSWORD}),
        ("/step-up", {"password": PASSWORD}),
        ("/settings/password", {"current": PASSWORD, "password": OTHER}),
        ("/login", {"login": ANNA, "password": OTHER}),
    ):
        if path == "/login":
            browser.client.cookies.delete("lk_session")
        before = browser.client.cookies.get("lk_session") or ""
        assert browser.send(path, **fields).status_code == 303
        after = browser.client.cookies["lk_session"]
        old = house.browser()
        old.client.cookies.set("lk_session", before)
        assert not old.inside()
        seen.add(after)
    assert len(seen) == 4
    assert browser.inside()


def test_a_session_given_another_token_has_proved_nothing_by_that(house: House) -> None:
    person = house.person(ANNA)
    account = house.account("1", person)
    browser = house.browser()
    browser.sign_in(ANNA)
    house.clock.advance(timedelta(minutes=11))
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        token = sessions.renew(db, _first(house))
    assert not browser.inside()

    other = house.browser()
    other.client.cookies.set("lk_session", token)
    assert other.inside()
    assert other.get(f"/yard/{account}/vault").headers["location"].startswith("/step-up")


def test_sessions_that_crossed_hosts_are_one_device_and_end_together(house: House) -> None:
    person = house.person(ANNA)
    here, there = house.browser(), house.browser()
    here.sign_in(ANNA)
    there.sign_in(ANNA)
    first = _first(house)
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        crossed = sessions.begin(
            db, person, "customer", sessions.Origin("Firefox, Windows"), house.portal.settings_of("auth")
        )
        db.connection().exec_driver_sql(f"UPDATE auth_sessions SET origin_id = {first} WHERE id = {crossed.id}")
    page = there.get("/settings/sessions").text
    ends = re.findall(r'action="/settings/sessions/(\w{16})/end"', page)
    assert len(ends) == 1

    there.send(f"/settings/sessions/{ends[0]}/end", "/settings/sessions")

    assert not here.inside()
    assert house.count("SELECT count(*) FROM auth_sessions WHERE revoked_at IS NULL") == 1


def test_two_processes_end_one_session_at_the_same_time(house: House) -> None:
    """Both say it is done; neither stumbles, and the session is over once."""
    house.person(ANNA)
    for _ in range(5):
        browser, twin = house.browser(), house.browser()
        browser.sign_in(ANNA)
        twin.client.cookies.set("lk_session", browser.client.cookies["lk_session"])
        forms = [token_in(each.get("/settings/sessions").text) for each in (browser, twin)]

        def leave(who: tuple[Browser, str]) -> int:
            return who[0].client.post("/logout", data={"csrf_token": who[1]}).status_code

        answers = race(leave, zip((browser, twin), forms, strict=True))

        assert set(answers) <= {303, 403}
        assert 303 in answers
        assert not browser.inside()


def test_a_signed_in_page_is_kept_by_no_browser(house: House) -> None:
    account = house.account("1", house.person(ANNA))
    browser = house.browser()
    browser.sign_in(ANNA)

    for path in ("/settings/sessions", f"/yard/{account}/see"):
        assert browser.get(path).headers["cache-control"] == "no-store"


def _first(house: House) -> int:
    return house.count("SELECT min(id) FROM auth_sessions")
