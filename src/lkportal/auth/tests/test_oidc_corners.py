"""Providers that ask for more, or promise less: secrets in the form, a look at the person, certificates, their own sign-out; and
people who are not where they were when they come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lkportal.auth.oidc import dialects
from lkportal.auth.oidc.calls import NotBelieved
from lkportal.auth.oidc.client import Providers
from lkportal.auth.oidc.settings import is_safe
from lkportal.auth.tests.certificates import certificate
from lkportal.auth.tests.federated import NAME, come_back, enter, leave, link, provider, refusals
from lkportal.auth.tests.house import House
from lkportal.auth.tests.issuer import CURVE_KEY, KEY, OTHER_KEY, Issuer, Plan, public_jwk, serving
from lkportal.core.clock import MovableClock
from lkportal.core.errors import StartupError
from lkportal.testing.races import meanwhile

ANNA, BORIS = "anna@example.org", "boris@example.org"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Issuer]]:
    houses: list[House] = []
    folder = tmp_path_factory.mktemp("house")
    (folder / "portal.pem").write_bytes(certificate(CURVE_KEY))
    (folder / "portal.key").write_bytes(CURVE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with serving(lambda: houses[0].clock.now().timestamp()) as issuer:
        places = {
            "authorization_endpoint": issuer.url + "/authorize",
            "token_endpoint": issuer.url + "/token",
            "userinfo_endpoint": issuer.url + "/userinfo",
            "jwks_uri": issuer.url + "/jwks",
        }
        oidc = {
            NAME: provider(
                issuer,
                logout=True,
                certificate_file=str(folder / "portal.pem"),
                certificate_key_file=str(folder / "portal.key"),
            ),
            "sber": {**provider(issuer, preset="sber", logout=True), **places},
            "plain": {**provider(issuer), **places},
            "yandex": {**provider(issuer, preset="yandex"), **places},
            "desk": provider(issuer, who="staff"),
        }
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


@pytest.mark.parametrize(("name", "numbered"), [("sber", True), ("plain", False)])
def test_a_provider_that_tells_little_in_its_token_is_asked_about_the_person(
    house: House, issuer: Issuer, name: str, numbered: bool
) -> None:
    asked: list[bool] = []

    def look(handler: BaseHTTPRequestHandler) -> bool:
        if handler.path == "/userinfo":
            asked.append("x-introspect-rquid" in handler.headers)
        return False

    issuer.plan.before = look
    issuer.plan.claims = lambda claims: {key: claims[key] for key in claims if key not in ("at_hash", "email")}
    issuer.plan.userinfo = lambda said: {**said, "name": "Nina"}
    browser = house.browser()

    assert enter(browser, issuer, name).headers["location"] == "/external/new"

    assert "Nina" in browser.get("/external/new").text
    assert asked == [numbered], "Sber wants a number of each question, others do not know one"


def test_a_look_at_another_person_is_not_believed(house: House, issuer: Issuer) -> None:
    issuer.plan.userinfo = lambda said: {**said, "sub": "u-2"}

    assert enter(house.browser(), issuer, "sber").headers["location"] == "/login"
    assert "userinfo_sub" in refusals(house)[-1]


def test_signing_out_leads_through_the_providers_own_sign_out(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()
    enter(browser, issuer)

    through = browser.send("/logout", "/settings/sessions").headers["location"]
    assert through == f"/oidc/{NAME}/sign-out"
    there = browser.get(through).headers["location"]

    assert there.startswith(f"{issuer.url}/out?")
    assert parse_qs(urlsplit(there).query)["post_logout_redirect_uri"] == ["http://testserver/login"]
    assert browser.get("/oidc/sber/sign-out").headers["location"] == "/login"
    assert browser.get("/oidc/desk/sign-out").headers["location"] == "/login"


def test_a_provider_that_is_away_keeps_nobody_from_signing_out(tmp_path: Path, issuer: Issuer) -> None:
    house = House(f"sqlite:///{tmp_path / 'p.db'}", str(tmp_path), oidc={NAME: provider(issuer, logout=True)})
    issuer.plan.metadata = lambda _said: {"issuer": "another"}
    try:
        assert house.browser().get(f"/oidc/{NAME}/sign-out").headers["location"] == "/login"
    finally:
        house.close()


def test_a_provider_nobody_configured_is_not_there(house: House) -> None:
    for path in ("/oidc/nobody/callback", "/oidc/nobody/sign-out"):
        assert house.browser().get(path).status_code == 404, path


def test_only_what_fits_a_person_is_linked_or_proved(house: House, issuer: Issuer) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)

    for path in ("/settings/external/desk/link", f"/oidc/{NAME}/proof", "/oidc/yandex/proof"):
        assert browser.send(path, "/settings/external").status_code == 404, path
    assert browser.send("/settings/external/nothing/unlink", "/settings/external").status_code == 404


def test_who_comes_back_as_another_links_nothing(house: House, issuer: Issuer) -> None:
    house.person(ANNA)
    house.person(BORIS)
    browser = house.browser()
    browser.sign_in(ANNA)
    left = browser.send(f"/settings/external/{NAME}/link", "/settings/external").headers["location"]
    browser.send("/logout", "/settings/external")
    browser.sign_in(BORIS)

    come_back(browser, issuer.authorize(left))

    assert "another_person" in refusals(house)[-1]
    assert house.count("SELECT count(*) FROM auth_external") == 0


def test_whoever_is_linked_to_one_person_is_not_linked_to_another(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    house.person(BORIS)
    browser = house.browser()
    browser.sign_in(BORIS)
    left = browser.send(f"/settings/external/{NAME}/link", "/settings/external").headers["location"]

    come_back(browser, issuer.authorize(left))

    assert "belongs to another person" in browser.get("/settings/external").text


def test_a_customers_mailbox_is_nobody_at_the_desk(house: House, issuer: Issuer) -> None:
    house.person(ANNA)
    issuer.plan.person = {"sub": "u-5", "email": ANNA, "email_verified": True}

    assert enter(house.browser(), issuer, "desk").headers["location"] == "/login"
    assert "kind" in refusals(house)[-1]


def test_a_browser_in_which_nobody_waits_begins_again(house: House) -> None:
    house.person(ANNA)
    stranger, anna = house.browser(), house.browser()
    anna.sign_in(ANNA)

    assert stranger.get("/external/new").headers["location"] == "/login"
    assert stranger.send("/external/new", "/login").headers["location"] == "/login"
    assert "took too long" in stranger.get("/login").text
    assert anna.get("/settings/external/take").headers["location"] == "/settings/external"
    assert anna.send("/settings/external/take", "/settings/external").headers["location"] == "/settings/external"


def test_a_wait_that_ended_in_another_tab_opens_nothing(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-9", "name": "Nina"}
    house.person(ANNA)
    for path, page in (("/external/new", "/external/new"), ("/settings/external/take", "/settings/external")):
        browser = house.browser()
        enter(browser, issuer)
        if path.startswith("/settings"):
            browser.sign_in(ANNA)
        token = _token(browser, page)
        with meanwhile(house.portal.database, "FROM auth_external_strangers", lambda: _taken(house)):
            browser.client.post(path, data={"csrf_token": token})

    assert house.count("SELECT count(*) FROM auth_external") == 0
    assert house.count("SELECT count(*) FROM auth_identities") == 1


def test_a_company_that_opens_access_itself_says_so(tmp_path: Path, issuer: Issuer) -> None:
    settings = {"oidc": {NAME: provider(issuer)}, "registration": False}
    house = House(f"sqlite:///{tmp_path / 'p.db'}", str(tmp_path), **settings)
    issuer.now = lambda: house.clock.now().timestamp()
    try:
        browser = house.browser()
        assert enter(browser, issuer).headers["location"] == "/external/new"
        assert browser.send("/external/new", "/login").headers["location"] == "/login"
        assert "Access is opened by the company" in browser.get("/login").text
    finally:
        house.close()


def test_a_name_that_is_taken_in_between_opens_nothing(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-9", "email": "nina@example.org", "email_verified": True}
    browser = house.browser()
    enter(browser, issuer)
    house.person("nina@example.org")

    assert browser.send("/external/new").headers["location"] == "/login"
    assert "login_taken" in refusals(house)[-1]


def test_who_was_linked_in_between_is_not_linked_again(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-9", "name": "Nina"}
    browser = house.browser()
    enter(browser, issuer)
    link(house, house.person(ANNA), issuer.url, "u-9")

    assert browser.send("/external/new").headers["location"] == "/login"
    assert house.count("SELECT count(*) FROM auth_identities") == 1


def test_a_person_with_a_passkey_lets_the_last_link_go(house: House, issuer: Issuer) -> None:
    issuer.plan.person = {"sub": "u-9", "name": "Nina"}
    browser = house.browser()
    enter(browser, issuer)
    browser.send("/external/new")
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(
            "INSERT INTO auth_passkeys (public_id, identity_id, name, credential_hash, credential, public_key, sign_count,"
            " rp_id, transports, synced, created_at) SELECT 'k', id, 'Phone', 'h', 'c', 'k', 0, 'testserver', '', 1,"
            " created_at FROM auth_identities"
        )
    public = browser.get("/settings/external").text.split("/settings/external/")[1].split("/")[0]

    browser.send(f"/settings/external/{public}/unlink", "/settings/external")

    assert house.count("SELECT count(*) FROM auth_external") == 0


def test_whoever_is_kept_out_while_unlinking_changes_nothing(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()
    browser.sign_in(ANNA)
    page = browser.get("/settings/external").text
    public = page.split("/settings/external/")[1].split("/")[0]

    with meanwhile(house.portal.database, "FROM auth_sessions", lambda: _kept_out(house)):
        answer = browser.client.post(f"/settings/external/{public}/unlink", data={"csrf_token": _in(page)})

    assert answer.status_code == 404
    assert house.count("SELECT count(*) FROM auth_external") == 1


def test_a_session_that_ends_while_its_person_is_away_is_not_renewed(house: House, issuer: Issuer) -> None:
    link(house, house.person(ANNA), issuer.url)
    browser = house.browser()
    browser.sign_in(ANNA)
    left = browser.send(f"/oidc/{NAME}/proof", "/settings/external").headers["location"]
    said = issuer.authorize(left)

    with meanwhile(house.portal.database, "FROM auth_external ", lambda: _ended(house)):
        come_back(browser, said)

    assert not browser.inside()


def test_a_provider_with_trouble_of_its_own_is_told_as_such(house: House, issuer: Issuer) -> None:
    browser = house.browser()
    said = issuer.authorize(leave(browser))

    come_back(browser, {"state": said["state"], "iss": said["iss"], "error": "temporarily_unavailable"})

    assert "does not answer" in browser.get("/login").text


def test_a_provider_that_does_not_name_itself_need_not(tmp_path: Path, issuer: Issuer) -> None:
    issuer.plan.metadata = lambda said: {**said, "authorization_response_iss_parameter_supported": False}
    house = House(f"sqlite:///{tmp_path / 'p.db'}", str(tmp_path), oidc={NAME: provider(issuer)})
    issuer.now = lambda: house.clock.now().timestamp()
    try:
        browser = house.browser()
        said = issuer.authorize(leave(browser))
        del said["iss"]
        assert come_back(browser, said).headers["location"] == "/external/new"
    finally:
        house.close()


def test_a_new_key_of_the_provider_is_fetched_when_it_is_named(house: House, issuer: Issuer) -> None:
    issuer.now = lambda: house.clock.now().timestamp()
    enter(house.browser(), issuer)
    issuer.plan.key, issuer.plan.header = OTHER_KEY, {"kid": "second"}
    issuer.plan.keys = lambda _said: {"keys": [public_jwk(KEY, kid="first"), public_jwk(OTHER_KEY, kid="second")]}
    house.clock.advance(timedelta(minutes=6))

    assert enter(house.browser(), issuer).headers["location"] == "/external/new"


BAD_TOKENS: dict[str, Callable[[Plan], None]] = {
    "token_form": lambda plan: setattr(plan, "answer", lambda said: {**said, "id_token": "five5.is.no_length"}),
    "key": lambda plan: setattr(plan, "keys", lambda _said: {"keys": [public_jwk(KEY, kid="third", key_ops=["sign"])]}),
}


@pytest.mark.parametrize("why", BAD_TOKENS)
def test_a_token_that_is_no_base64_or_whose_key_may_not_verify_lets_nobody_in(
    house: House, issuer: Issuer, why: str
) -> None:
    issuer.plan.header = {"kid": "third"}
    BAD_TOKENS[why](issuer.plan)
    house.clock.advance(timedelta(minutes=20))

    assert enter(house.browser(), issuer).headers["location"] == "/login"
    assert f'"{why}"' in refusals(house)[-1]


def test_only_a_provider_of_the_standard_proves_anew(house: House, issuer: Issuer) -> None:
    yandex = house.portal.ports.get(Providers).get("yandex")
    asked = dialects.Question("s", "n", "p", "http://testserver/")

    with pytest.raises(NotBelieved, match="auth_time"):
        dialects.describe(yandex, asked, {"code": "c"}, MovableClock(house.clock.now()), house.clock.now())


def test_no_other_host_is_ever_called(house: House) -> None:
    caller = house.portal.ports.get(Providers).get(NAME).caller

    for address in ("https://evil.example/userinfo", "http://10.0.0.1/", "https://a@127.0.0.1/"):
        with pytest.raises(NotBelieved, match="host"):
            caller.get(address)


@pytest.mark.parametrize(
    "address", ["https://a b.example", "https://a.example\\@b", "https://a.example:port/", "https://[::1", "ftp://a.b"]
)
def test_an_address_with_a_trick_in_it_is_not_safe(address: str) -> None:
    assert not is_safe(address)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"key_file": "esia.pem"}, "no RSA public key"),
        ({"certificate_file": "no", "certificate_key_file": "no"}, "read"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_stops_the_start(tmp_path: Path, more: dict[str, str], told: str) -> None:
    (tmp_path / "esia.pem").write_text("not a key")
    table = {"client_id": "x", "issuer": "https://sso.example.org", **{key: str(tmp_path / more[key]) for key in more}}

    with pytest.raises(StartupError, match=told):
        House(f"sqlite:///{tmp_path / 'portal.db'}", str(tmp_path), oidc={"one": table})


def _token(browser: Any, page: str) -> str:
    return _in(browser.get(page).text)


def _in(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].partition('"')[0]


def _taken(house: House) -> None:
    _write(house, "DELETE FROM auth_external_strangers")


def _kept_out(house: House) -> None:
    _write(house, "UPDATE auth_identities SET disabled_at = created_at")


def _ended(house: House) -> None:
    _write(house, "UPDATE auth_sessions SET revoked_at = created_at")


def _write(house: House, statement: str) -> None:
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(statement)
