"""Providers that speak dialects of their own: Yandex ID, VK ID, Gosuslugi. Each answers as its pages tell; nothing else is believed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lkportal.auth.oidc.client import EsiaSigner
from lkportal.auth.tests.federated import come_back, leave, provider, refusals
from lkportal.auth.tests.house import House
from lkportal.auth.tests.issuer import PUBLIC_PEM, Issuer, Plan, serving
from lkportal.core.errors import StartupError

Json = dict[str, Any]


class Signer:
    """Signs as a company's key would: here, so that a test can read what was signed."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def sign(self, message: bytes) -> bytes:
        self.messages.append(message.decode())
        return b"signed:" + message


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Issuer]]:
    houses: list[House] = []
    folder = tmp_path_factory.mktemp("house")
    (folder / "esia.pem").write_bytes(PUBLIC_PEM)
    with serving(lambda: houses[0].clock.now().timestamp()) as issuer:
        places = {
            "issuer": issuer.url,
            "authorization_endpoint": issuer.url + "/authorize",
            "token_endpoint": issuer.url + "/token",
            "userinfo_endpoint": issuer.url + "/info",
        }
        oidc = {
            "yandex": {**provider(issuer, preset="yandex", title=""), **places},
            "vk": {"preset": "vk", "client_id": "lk", **places},
            "esia": {
                "preset": "esia",
                "client_id": "LK01",
                "key_file": str(folder / "esia.pem"),
                "certificate_hash": "H",
                **places,
            },
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


@pytest.fixture
def signer(house: House) -> Iterator[Signer]:
    made = Signer()
    house.portal.ports.provide(EsiaSigner, made)  # type: ignore[type-abstract]
    yield made
    house.portal.ports._filled.pop(EsiaSigner)


def test_yandex_is_read_over_a_connection_of_our_own(house: House, issuer: Issuer) -> None:
    issuer.plan.more["/info"] = lambda _fields: {
        "id": "1000034426",
        "client_id": "lk",
        "real_name": "Иван Иванов",
        "default_email": "ivan@yandex.ru",
    }
    browser = house.browser()
    asked = leave(browser, "yandex")

    assert come_back(browser, issuer.authorize(asked), "yandex").headers["location"] == "/external/new"

    page = browser.get("/external/new").text
    assert "Яндекс ID vouches for you" in page
    assert "Иван Иванов" in page
    assert "nonce" not in parse_qs(urlsplit(asked).query)
    assert parse_qs(urlsplit(asked).query)["scope"] == ["login:info login:email"]
    assert house.count("SELECT count(*) FROM auth_external_strangers WHERE email <> ''") == 0


def test_vk_is_asked_with_its_device_and_without_a_secret(house: House, issuer: Issuer) -> None:
    sent: list[Mapping[str, str]] = []

    def token(fields: Json) -> Json:
        sent.append(fields)
        return {"access_token": "t", "user_id": 7, "state": fields["state"]}

    issuer.plan.more["/token"] = token
    issuer.plan.more["/info"] = lambda _fields: {
        "user": {"user_id": "7", "first_name": "Vera", "email": "v@vk.example"}
    }
    browser = house.browser()
    said = issuer.authorize(leave(browser, "vk"))

    assert come_back(browser, {**said, "device_id": "d-1"}, "vk").headers["location"] == "/external/new"

    assert sent[0]["device_id"] == "d-1"
    assert sent[0]["client_id"] == "lk"
    assert len(sent[0]["code_verifier"]) == 43
    assert "client_secret" not in sent[0]


WRONG: dict[str, tuple[str, dict[str, Callable[[Json], Any]]]] = {
    "yandex: a token of another site": ("yandex", {"/info": lambda _fields: {"id": "1", "client_id": "another"}}),
    "yandex: nobody": ("yandex", {"/info": lambda _fields: {"login": "ivan"}}),
    "yandex: an id as a list": ("yandex", {"/info": lambda _fields: {"id": ["1"]}}),
    "vk: another person": ("vk", {"/info": lambda _fields: {"user": {"user_id": "8"}}}),
    "vk: nobody": ("vk", {"/info": lambda _fields: {"error": "invalid_token"}}),
    "vk: another state": ("vk", {"/token": lambda _fields: {"access_token": "t", "user_id": 7, "state": "x"}}),
}


@pytest.mark.parametrize("named", WRONG)
def test_other_answers_are_not_believed(house: House, issuer: Issuer, named: str) -> None:
    name, more = WRONG[named]
    honest: dict[str, Callable[[Json], Any]] = {}
    if name == "vk":
        honest["/token"] = lambda fields: {"access_token": "t", "user_id": 7, "state": fields["state"]}
        honest["/info"] = lambda _fields: {"user": {"user_id": "7"}}
    issuer.plan.more = {**honest, **more}
    browser = house.browser()

    answer = come_back(browser, issuer.authorize(leave(browser, name)), name)

    assert answer.headers["location"] == "/login"
    assert house.count("SELECT count(*) FROM auth_external_strangers") == 0


CITIZEN = {"urn:esia:sbj:oid": 1000299353}


def gosuslugi(issuer: Issuer, subject: Any = CITIZEN, access: str = "t", **person: Any) -> None:
    """Let the issuer answer as Gosuslugi does."""
    now = int(issuer.now())
    claims = {
        "iss": issuer.url,
        "aud": "LK01",
        "exp": now + 60,
        "iat": now,
        "urn:esia:sbj": subject,
    }
    issuer.plan.more["/token"] = lambda _fields: {"access_token": access, "id_token": issuer.signed(claims)}
    said = {"firstName": "Анна", "lastName": "Петрова", "trusted": True, **person}
    issuer.plan.more["/info/1000299353"] = lambda _fields: said


def test_gosuslugi_is_asked_with_a_signature(house: House, issuer: Issuer, signer: Signer) -> None:
    gosuslugi(issuer)
    browser = house.browser()
    left = leave(browser, "esia")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left).query).items()}

    assert come_back(browser, issuer.authorize(left), "esia").headers["location"] == "/external/new"

    message = asked["client_id"] + asked["scope"] + asked["timestamp"] + asked["state"] + asked["redirect_uri"]
    assert signer.messages[0] == message
    assert base64.urlsafe_b64decode(asked["client_secret"]) == b"signed:" + message.encode()
    assert asked["timestamp"] == "2026.11.22 09:00:00 +0000"
    assert "Анна Петрова" in browser.get("/external/new").text


def test_an_account_gosuslugi_did_not_check_is_not_let_in(house: House, issuer: Issuer, signer: Signer) -> None:
    gosuslugi(issuer, trusted=False)
    browser = house.browser()

    assert come_back(browser, issuer.authorize(leave(browser, "esia")), "esia").headers["location"] == "/login"
    assert signer.messages


@pytest.mark.parametrize(
    ("subject", "access", "why"),
    [
        ("1000299353", "t", "sub"),
        ({"urn:esia:sbj:oid": "1/../2"}, "t", "sub"),
        (CITIZEN, "t\r\nhost: evil", "access_token"),
    ],
)
def test_a_citizen_without_a_number_or_a_token_is_not_asked_about(
    house: House, issuer: Issuer, signer: Signer, subject: Any, access: str, why: str
) -> None:
    gosuslugi(issuer, subject, access)
    browser, before = house.browser(), len(issuer.calls)

    assert come_back(browser, issuer.authorize(leave(browser, "esia")), "esia").headers["location"] == "/login"

    assert f'"{why}"' in refusals(house)[-1]
    assert issuer.calls[before:] == ["/token"]


def test_without_a_signer_gosuslugi_says_so(house: House) -> None:
    browser = house.browser()

    assert leave(browser, "esia") == "/login"
    assert "not set up to the end" in browser.get("/login").text


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (
            {"preset": "sber", "client_id": "x"},
            "has no discovery, so name authorization_endpoint and token_endpoint and jwks_uri",
        ),
        ({"preset": "esia", "client_id": "x"}, "name key_file"),
        ({"client_id": "x"}, "name the issuer"),
        ({"client_id": "x", "issuer": "http://sso.example.org"}, "is not an https address"),
        ({"client_id": "x", "issuer": "https://a@sso.example.org"}, "is not an https address"),
        ({"client_id": "x", "issuer": "https://sso.example.org?x=1"}, "is not an https address"),
        ({"client_id": "x", "issuer": "https://sso.example.org", "algorithms": ["none"]}, "algorithms"),
        ({"client_id": "x", "issuer": "https://sso.example.org", "algorithms": ["HS256"]}, "algorithms"),
        ({"client_id": "x", "issuer": "https://sso.example.org", "client_secret_file": "absent"}, "cannot be read"),
        (
            {"client_id": "x", "issuer": "https://sso.example.org", "client_secret": "a", "client_secret_file": "b"},
            "two places",
        ),
        ({"client_id": "x", "issuer": "https://sso.example.org", "two_factors": True}, "two_factors needs acr"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(tmp_path: Path, table: Json, told: str) -> None:
    with pytest.raises(StartupError, match=told):
        House(f"sqlite:///{tmp_path / 'portal.db'}", str(tmp_path), oidc={"one": table})


def test_a_missing_package_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    with pytest.raises(StartupError, match=r"pip install 'lkportal\[oidc\]'"):
        House(
            f"sqlite:///{tmp_path / 'p.db'}",
            str(tmp_path),
            oidc={"one": {"client_id": "x", "issuer": "https://a.example"}},
        )


def test_without_providers_there_is_no_trace(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path / 'portal.db'}", str(tmp_path))
    try:
        browser = house.browser()
        for path in ("/oidc/company/callback", "/external/new", "/settings/external", "/login/with/ldap"):
            assert browser.get(path).status_code == 404, path
        assert "vouch" not in browser.get("/login").text
        assert "form-action 'self';" in browser.get("/login").headers["content-security-policy"]
        assert not [name for name in house.portal.edge.routes.by_name if "oidc" in name or "external" in name]
    finally:
        house.close()
