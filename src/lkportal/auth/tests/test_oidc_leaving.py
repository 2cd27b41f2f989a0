"""A provider tells that somebody signed out there: whose sessions end, and which tokens are not believed. Also what a person who is
signed in does with a provider: links it, proves themselves there, lets it go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lkportal.auth.oidc.tokens import LOGOUT_EVENT
from lkportal.auth.tests.federated import NAME, come_back, enter, link, provider
from lkportal.auth.tests.house import PASSWORD, Browser, House, settled
from lkportal.auth.tests.issuer import CLIENT, OTHER_KEY, PUBLIC_PEM, Issuer, Plan, serving

ANNA = "anna@example.org"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Issuer]]:
    houses: list[House] = []
    with serving(lambda: houses[0].clock.now().timestamp()) as issuer:
        folder = tmp_path_factory.mktemp("house")
        oidc = {NAME: provider(issuer, timeout_seconds=2)}
        houses.append(House(f"sqlite:///{folder / 'portal.db'}", str(folder), oidc=oidc, network_tries=10_000))
        yield houses[0], issuer
        houses[0].close()


@pytest.fixture
def house(both: tuple[House, Issuer]) -> House:
    both[0].empty()
    return both[0]


@pytest.fixture
def issuer(both: tuple[House, Issuer]) -> Issuer:
    both[1].plan = Plan()
    return both[1]


@pytest.fixture
def browser(house: House, issuer: Issuer) -> Browser:
    """Anna's browser, signed in at the issuer in its session s-1."""
    link(house, house.person(ANNA), issuer.url)
    return signed_in(house, issuer, "s-1")


def signed_in(house: House, issuer: Issuer, sid: str) -> Browser:
    issuer.plan.claims = lambda claims: {**claims, "sid": sid}
    made = house.browser()
    assert enter(made, issuer).headers["location"] == "/"
    issuer.plan.claims = lambda claims: claims
    return made


def token(issuer: Issuer, typ: str = "logout+jwt", **changes: Any) -> str:
    """Return a logout token; None takes a claim away."""
    now = int(issuer.now())
    claims = {
        "iss": issuer.url,
        "aud": CLIENT,
        "iat": now,
        "exp": now + 120,
        "jti": uuid4().hex,
        "events": {LOGOUT_EVENT: {}},
        "sub": "u-1",
    }
    return issuer.signed({key: value for key, value in {**claims, **changes}.items() if value is not None}, typ)


def tell(house: House, *tokens: str) -> int:
    """Tell the house; return how it answers."""
    answer = house.browser("192.0.2.9").client.post(f"/oidc/{NAME}/logout", data={"logout_token": list(tokens)})
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code


def test_the_persons_sessions_end_and_those_of_passwords_stay(house: House, issuer: Issuer, browser: Browser) -> None:
    by_password, second = house.browser(), signed_in(house, issuer, "s-2")
    by_password.sign_in(ANNA)

    assert tell(house, token(issuer)) == 200

    assert (browser.inside(), second.inside(), by_password.inside()) == (False, False, True)


def test_only_the_session_that_is_named_ends(house: House, issuer: Issuer, browser: Browser) -> None:
    second = signed_in(house, issuer, "s-2")

    assert tell(house, token(issuer, sid="s-2", sub=None)) == 200

    assert (browser.inside(), second.inside()) == (True, False)


def test_a_session_nobody_here_knows_ends_the_persons(house: House, issuer: Issuer, browser: Browser) -> None:
    assert tell(house, token(issuer, sid="s-9")) == 200

    assert not browser.inside()


def test_a_stranger_signing_out_ends_nothing(house: House, issuer: Issuer, browser: Browser) -> None:
    assert tell(house, token(issuer, sub="u-2")) == 200
    assert tell(house, token(issuer, sub="u-2", sid="s-1")) == 200

    assert browser.inside()


HOSTILE: dict[str, Callable[[Issuer], list[str]]] = {
    "another issuer": lambda issuer: [token(issuer, iss="https://evil.example")],
    "another audience": lambda issuer: [token(issuer, aud="another")],
    "expired": lambda issuer: [token(issuer, exp=int(issuer.now()) - 100)],
    "no expiry": lambda issuer: [token(issuer, exp=None)],
    "issued long ago": lambda issuer: [token(issuer, iat=int(issuer.now()) - 4000)],
    "a nonce": lambda issuer: [token(issuer, nonce="n")],
    "no events": lambda issuer: [token(issuer, events=None)],
    "another event": lambda issuer: [token(issuer, events={"http://example.org/other": {}})],
    "event as a text": lambda issuer: [token(issuer, events={LOGOUT_EVENT: "yes"})],
    "events as a list": lambda issuer: [token(issuer, events=[LOGOUT_EVENT])],
    "no jti": lambda issuer: [token(issuer, jti=None)],
    "sessions as a list": lambda issuer: [token(issuer, sid=["s-1"])],
    "a session without end": lambda issuer: [token(issuer, sid="s" * 256)],
    "neither person nor session": lambda issuer: [token(issuer, sub=None)],
    "an id_token": lambda issuer: [issuer.id_token({"nonce": "n"})],
    "an access token": lambda issuer: [token(issuer, typ="at+jwt")],
    "two tokens": lambda issuer: [token(issuer), token(issuer)],
    "no token": lambda _issuer: [],
    "no token at all": lambda _issuer: ["x"],
}


@pytest.mark.parametrize("named", HOSTILE)
def test_such_a_token_ends_nothing(house: House, issuer: Issuer, browser: Browser, named: str) -> None:
    assert tell(house, *HOSTILE[named](issuer)) == 400

    assert browser.inside()


@pytest.mark.parametrize(
    "plan",
    [{"key": OTHER_KEY}, {"algorithm": "none"}, {"algorithm": "HS256", "key": PUBLIC_PEM}],
    ids=["key", "none", "HS256"],
)
def test_a_forged_token_ends_nothing(house: House, issuer: Issuer, browser: Browser, plan: dict[str, Any]) -> None:
    for name, value in plan.items():
        setattr(issuer.plan, name, value)

    assert tell(house, token(issuer)) == 400

    assert browser.inside()


def test_a_token_is_taken_once(house: House, issuer: Issuer, browser: Browser) -> None:
    once = token(issuer)
    assert tell(house, once) == 200
    again = signed_in(house, issuer, "s-3")

    assert tell(house, once) == 400

    assert again.inside()


def test_whoever_has_no_password_proves_themselves_at_their_provider(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-9", "name": "Nina"}
    browser = house.browser()
    enter(browser, issuer)
    browser.send("/external/new")
    house.clock.advance(timedelta(minutes=30))
    asked = browser.get("/settings/external").headers["location"]
    assert "Confirm with Company" in browser.get(asked).text

    left = browser.send(f"/oidc/{NAME}/proof", asked, next="/settings/external").headers["location"]
    assert "prompt=login&max_age=0" in left
    answer = come_back(browser, issuer.authorize(left))
    assert answer.headers["location"] == "/settings/external"

    page = browser.get("/settings/external")
    assert page.status_code == 200
    public = page.text.split("/settings/external/")[1].split("/")[0]
    browser.send(f"/settings/external/{public}/unlink", "/settings/external")
    assert "This is your only way in" in browser.get("/settings/external").text


@pytest.mark.parametrize("said", [{"auth_time": None}, {"auth_time": 1}, {"sub": "u-1"}], ids=str)
def test_an_old_proof_or_anothers_proves_nothing(house: House, issuer: Issuer, said: dict[str, Any]) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()
    issuer.plan.person = {"sub": "u-9", "name": "Nina"}
    enter(browser, issuer)
    browser.send("/external/new")
    house.clock.advance(timedelta(minutes=30))
    asked = browser.get("/settings/external").headers["location"]
    issuer.plan.claims = lambda claims: {key: value for key, value in {**claims, **said}.items() if value is not None}

    come_back(browser, issuer.authorize(browser.send(f"/oidc/{NAME}/proof", asked).headers["location"]))

    assert browser.get("/settings/external").headers["location"].startswith("/step-up")


def test_who_is_asked_for_a_second_factor_here_is_not_in_before_it(house: House, issuer: Issuer) -> None:
    settled(house)
    link(house, house.count("SELECT id FROM auth_identities"), issuer.url)
    browser = house.browser()

    assert enter(browser, issuer).headers["location"] == "/login/second"

    assert not browser.inside()
    assert house.count("SELECT count(*) FROM auth_external_sessions") == 0


def test_a_password_person_links_and_unlinks(house: House, issuer: Issuer) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA, PASSWORD)

    left = browser.send(f"/settings/external/{NAME}/link", "/settings/external")
    answer = come_back(browser, issuer.authorize(left.headers["location"]))

    assert answer.headers["location"] == "/settings/external"
    page = browser.get("/settings/external").text
    assert "Unlink Company" in page
    assert "Добавлен вход через другой сервис" in [letter.subject for letter in house.letters]
    public = page.split("/settings/external/")[1].split("/")[0]
    assert browser.send(f"/settings/external/{public}/unlink", "/settings/external").status_code == 303
    assert house.count("SELECT count(*) FROM auth_external") == 0
    assert enter(house.browser(), issuer).headers["location"] == "/external/new"
