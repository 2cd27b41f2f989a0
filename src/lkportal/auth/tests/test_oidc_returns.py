"""Coming back from an issuer: in this browser, once, from the issuer one was sent to. And who one turns out to be here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lkportal.auth.tests.federated import BACK, NAME, come_back, enter, leave, link, provider, refusals
from lkportal.auth.tests.house import Browser, House
from lkportal.auth.tests.issuer import Issuer, Plan, serving
from lkportal.testing.databases import fresh_postgres
from lkportal.testing.races import race

ANNA = "anna@example.org"
BORIS = "boris@example.org"
Play = Callable[[House, Browser, Issuer], Any]


@pytest.fixture(scope="module")
def issuers() -> Iterator[tuple[Issuer, Issuer, list[House]]]:
    houses: list[House] = []

    def now() -> float:
        return houses[0].clock.now().timestamp()

    with serving(now) as first, serving(now) as second:
        yield first, second, houses


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def standing(
    request: pytest.FixtureRequest,
    issuers: tuple[Issuer, Issuer, list[House]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    first, second, houses = issuers
    folder = tmp_path_factory.mktemp("house")
    oidc = {
        NAME: provider(first, timeout_seconds=2),
        "other": provider(second, title="Other"),
        "desk": provider(first, title="Desk", who="staff"),
    }
    settings = {"oidc": oidc, "network_tries": 100_000}
    if request.param == "sqlite":
        houses[:] = [House(f"sqlite:///{folder / 'portal.db'}", str(folder), **settings)]
        yield houses[0]
        houses[0].close()
        return
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        houses[:] = [House(url, str(folder), **settings)]
        yield houses[0]
        houses[0].close()


@pytest.fixture
def house(standing: House, issuers: tuple[Issuer, Issuer, list[House]]) -> House:
    standing.empty()
    for issuer in issuers[:2]:
        issuer.plan = Plan()
    return standing


@pytest.fixture
def issuer(issuers: tuple[Issuer, Issuer, list[House]]) -> Issuer:
    return issuers[0]


@pytest.fixture
def other(issuers: tuple[Issuer, Issuer, list[House]]) -> Issuer:
    return issuers[1]


def test_the_question_is_whole(house: House, issuer: Issuer) -> None:
    asked = parse_qs(urlsplit(leave(house.browser())).query)

    assert {key: values[0] for key, values in asked.items() if key not in ("state", "nonce", "code_challenge")} == {
        "response_type": "code",
        "client_id": "lk",
        "redirect_uri": f"http://testserver{BACK}",
        "scope": "openid profile email",
        "code_challenge_method": "S256",
    }
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) == 43


def test_no_secret_of_a_flow_stands_in_the_database(house: House) -> None:
    browser = house.browser()
    asked = parse_qs(urlsplit(leave(browser)).query)

    told = house.dump()

    assert asked["state"][0] not in told
    assert asked["nonce"][0] not in told
    assert browser.client.cookies["lk_elsewhere"] not in told


def test_a_form_may_lead_to_the_providers_and_nowhere_else(house: House, issuer: Issuer, other: Issuer) -> None:
    policy = house.browser().get("/login").headers["content-security-policy"]

    forms = next(part for part in policy.split("; ") if part.startswith("form-action"))
    assert forms.split() == ["form-action", "'self'", *sorted([issuer.url, other.url])]


def _swapped(said: dict[str, str], **changes: str | None) -> dict[str, str]:
    return {key: value for key, value in {**said, **changes}.items() if value is not None}


def _of_another_browser(house: House, browser: Browser, issuer: Issuer) -> Any:
    leave(browser)
    return come_back(browser, issuer.authorize(leave(house.browser())))


def _without_cookie(house: House, browser: Browser, issuer: Issuer) -> Any:
    return come_back(house.browser(), issuer.authorize(leave(browser)))


def _twice(house: House, browser: Browser, issuer: Issuer) -> Any:
    said = issuer.authorize(leave(browser))
    issuer.plan.answer = lambda _said: (500, {})
    come_back(browser, said)
    issuer.plan.answer = lambda said: said
    return come_back(browser, {**said, "code": issuer.authorize(leave(house.browser()))["code"]})


def _too_late(house: House, browser: Browser, issuer: Issuer) -> Any:
    said = issuer.authorize(leave(browser))
    house.clock.advance(timedelta(minutes=11))
    return come_back(browser, said)


def _mixed_up(house: House, browser: Browser, issuer: Issuer) -> Any:
    """The person chose the other provider, which passed them on to this one: RFC 9207's attack, by the redirect address."""
    return come_back(browser, issuer.authorize(leave(browser, "other")), NAME)


def _code_of_another_flow(house: House, browser: Browser, issuer: Issuer) -> Any:
    attackers = issuer.authorize(leave(house.browser()))
    return come_back(browser, {**issuer.authorize(leave(browser)), "code": attackers["code"]})


def _query(**changes: str | None) -> Play:
    return lambda house, browser, issuer: come_back(browser, _swapped(issuer.authorize(leave(browser)), **changes))


def _said_twice(name: str) -> Play:
    def play(house: House, browser: Browser, issuer: Issuer) -> Any:
        said = issuer.authorize(leave(browser))
        return come_back(browser, [*said.items(), (name, said[name])])

    return play


RETURNS: dict[str, Play] = {
    "state of another browser": _of_another_browser,
    "a browser without a cookie": _without_cookie,
    "state used before": _twice,
    "state too old": _too_late,
    "mix-up by the address": _mixed_up,
    "code of another flow": _code_of_another_flow,
    "no state": _query(state=None),
    "wrong state": _query(state="x" * 43),
    "empty state": _query(state=""),
    "another issuer's iss": _query(iss="https://evil.example"),
    "no iss, though promised": _query(iss=None),
    "empty iss": _query(iss=""),
    "no code": _query(code=None),
    "empty code": _query(code=""),
    "wrong code": _query(code="guess"),
    "endless code": _query(code="c" * 3000),
    "code with a line break": _query(code="a\r\nb"),
    "state said twice": _said_twice("state"),
    "code said twice": _said_twice("code"),
    "an error and a code": _query(error="invalid_request"),
    "an error nobody knows": _query(error="<script>alert(1)</script>", code=None),
    "an implicit answer": _query(code=None, id_token="x.y.z", access_token="a"),
}


@pytest.mark.parametrize("named", RETURNS)
def test_a_return_that_does_not_fit_lets_nobody_in(house: House, issuer: Issuer, named: str) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()

    answer = RETURNS[named](house, browser, issuer)

    assert (answer.status_code, answer.headers["location"]) == (303, "/login"), answer.text
    assert not browser.inside()
    assert house.count("SELECT count(*) FROM auth_sessions") == 0
    assert refusals(house)


def test_who_turns_back_is_told_that_nothing_changed(house: House, issuer: Issuer) -> None:
    browser = house.browser()
    said = issuer.authorize(leave(browser))

    come_back(browser, {"state": said["state"], "iss": said["iss"], "error": "access_denied"})

    assert "You turned back at Company. Nothing changed." in browser.get("/login").text


def test_two_tabs_of_one_browser_both_come_back(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()
    first, second = issuer.authorize(leave(browser)), issuer.authorize(leave(browser))

    assert come_back(browser, first).headers["location"] == "/"
    assert come_back(browser, second).headers["location"] == "/"


def test_a_provider_signs_in_its_own_kind_of_people(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()

    answer = enter(browser, issuer, "desk")

    assert answer.headers["location"] == "/login"
    assert not browser.inside()
    assert any("kind" in why for why in refusals(house))


def test_a_disabled_person_stays_out(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET disabled_at = created_at")
    browser = house.browser()

    assert enter(browser, issuer).headers["location"] == "/login"
    assert not browser.inside()


def test_a_known_mailbox_is_never_joined_but_asked_to_prove_itself(house: House, issuer: Issuer) -> None:
    anna = house.person(ANNA)
    issuer.plan.person = {"sub": "u-7", "email": "Anna@Example.org", "email_verified": True}
    browser = house.browser()

    assert enter(browser, issuer).headers["location"] == "/external/new"
    page = browser.get("/external/new").text
    assert "You have access already" in page
    assert "Open access" not in page
    assert not browser.inside()
    assert browser.send("/external/new", "/login").headers["location"] == "/login"
    assert house.count("SELECT count(*) FROM auth_identities") == 1

    signed_in = browser.sign_in(ANNA, next="/settings/external/take")
    assert signed_in.headers["location"] == "/settings/external/take"
    assert browser.send("/settings/external/take").headers["location"] == "/settings/external"
    assert house.count("SELECT identity_id FROM auth_external WHERE subject = 'u-7'") == anna
    assert enter(house.browser(), issuer).headers["location"] == "/"


def test_another_person_does_not_take_the_link_of_a_known_mailbox(house: House, issuer: Issuer) -> None:
    house.person(ANNA)
    house.person(BORIS)
    issuer.plan.person = {"sub": "u-7", "email": ANNA, "email_verified": True}
    browser = house.browser()
    enter(browser, issuer)

    browser.sign_in(BORIS)

    assert browser.get("/settings/external/take").headers["location"] == "/settings/external"
    assert browser.send("/settings/external/take", "/settings/sessions").headers["location"] == "/settings/external"
    assert house.count("SELECT count(*) FROM auth_external") == 0


@pytest.mark.parametrize(
    "said",
    [
        {"email": ANNA},
        {"email": ANNA, "email_verified": False},
        {"email": ANNA, "email_verified": "true"},
        {"email": ANNA, "email_verified": 1},
        {"email": [ANNA], "email_verified": True},
        {"email": f"{ANNA}, boris@example.org", "email_verified": True},
        {"email": f" {ANNA}\n", "email_verified": "yes"},
    ],
    ids=str,
)
def test_an_unconfirmed_mailbox_says_nothing_of_who_one_is(house: House, issuer: Issuer, said: dict[str, Any]) -> None:
    house.person(ANNA)
    issuer.plan.person = {"sub": "u-8", "name": "Someone", **said}
    browser = house.browser()

    enter(browser, issuer)
    page = browser.get("/external/new").text

    assert "You are here for the first time" in page
    assert browser.send("/external/new").headers["location"] == "/"
    assert house.count("SELECT count(*) FROM auth_identities WHERE email <> ''") == 1
    assert (
        house.count(
            "SELECT count(*) FROM auth_external e JOIN auth_identities i ON i.id = e.identity_id WHERE i.login = 'anna@example.org'"
        )
        == 0
    )


def test_a_newcomer_opens_access_once(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-9", "name": "Nina", "email": "nina@example.org", "email_verified": True}
    browser = house.browser()

    enter(browser, issuer, next="/yard/me")
    assert "Nina" in browser.get("/external/new").text
    assert browser.send("/external/new").headers["location"] == "/yard/me"

    assert browser.get("/yard/me").text == "Nina -"
    again = house.browser()
    assert enter(again, issuer).headers["location"] == "/"
    assert again.get("/yard/me").text == "Nina -"
    assert house.count("SELECT count(*) FROM auth_identities") == 1


def test_the_same_name_at_another_issuer_is_another_person(house: House, issuer: Issuer, other: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url, "u-1")
    other.plan.person = {"sub": "u-1"}
    browser = house.browser()

    assert enter(browser, other, "other").headers["location"] == "/external/new"
    assert not browser.inside()


def test_staff_nobody_knows_do_not_come_in(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-5"}
    browser = house.browser()

    assert enter(browser, issuer, "desk").headers["location"] == "/login"
    assert "Ask an administrator" in browser.get("/login").text
    assert house.count("SELECT count(*) FROM auth_identities") == 0


@pytest.mark.postgres
@pytest.mark.parametrize("standing", ["postgresql"], indirect=True)
def test_of_eight_returns_at_once_one_comes_in(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)

    assert races(house, issuer, 63) == 0


@pytest.mark.proof
@pytest.mark.postgres
@pytest.mark.parametrize("standing", ["postgresql"], indirect=True)
def test_of_eight_returns_at_once_one_comes_in_always(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)

    assert races(house, issuer, 1250) == 0


def races(house: House, issuer: Issuer, rounds: int) -> int:
    """Send one return eight times at once, again and again; return how many second uses there were."""
    browsers = [house.browser() for _ in range(8)]
    second = 0
    for _ in range(rounds):
        said = issuer.authorize(leave(browsers[0]))
        held = browsers[0].client.cookies["lk_elsewhere"]
        for each in browsers[1:]:
            each.client.cookies.set("lk_elsewhere", held, domain="testserver.local")
        answers = [answer.headers["location"] for answer in race(partial(come_back, said=said), browsers)]
        assert answers.count("/") == 1, answers
        second += answers.count("/") - 1
        for each in browsers:
            each.client.cookies.delete("lk_session")  # the next round begins outside
    return second
