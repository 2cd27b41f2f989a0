"""A hostile issuer, a hostile network and hostile people: nobody gets in, nothing breaks, and the audit tells of each refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from lkportal.auth.tests.federated import NAME, come_back, leave, link, provider, refusals
from lkportal.auth.tests.house import Browser, House
from lkportal.auth.tests.issuer import CURVE_KEY, KEY, OTHER_KEY, PUBLIC_PEM, Issuer, Plan, public_jwk, serving

ANNA = "anna@example.org"
WEAK_KEY = rsa.generate_private_key(65537, 1024)
_HOURS = count(3, 3)
Attack = Callable[[Issuer], None]
ATTACKS: dict[str, Attack] = {}


@pytest.fixture(scope="module")
def issuers() -> Iterator[tuple[Issuer, Issuer, list[House]]]:
    """Two issuers and the house that trusts both; each goes by the house's clock."""
    houses: list[House] = []

    def now() -> float:
        return houses[0].clock.now().timestamp()

    with serving(now) as first, serving(now) as second:
        yield first, second, houses


@pytest.fixture(scope="module")
def standing(issuers: tuple[Issuer, Issuer, list[House]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with two providers of customers."""
    first, second, houses = issuers
    folder = tmp_path_factory.mktemp("house")
    oidc = {
        NAME: provider(first, timeout_seconds=0.6, scopes=["openid"], acr=["high"]),
        "other": provider(second, title="Other"),
    }
    houses.append(House(f"sqlite:///{folder / 'portal.db'}", str(folder), oidc=oidc, network_tries=10_000))
    yield houses[0]
    houses[0].close()


@pytest.fixture
def house(standing: House, issuers: tuple[Issuer, Issuer, list[House]]) -> House:
    """The house with Anna in it, linked to the issuer's u-1; hours later, so that nothing is remembered of the issuer."""
    standing.empty()
    standing.clock.advance(timedelta(hours=next(_HOURS)))
    first, second, _ = issuers
    first.plan = Plan(person={"sub": "u-1", "email": ANNA, "email_verified": True, "acr": "high"})
    second.plan = Plan()
    link(standing, standing.person(ANNA), first.url)
    return standing


@pytest.fixture
def issuer(issuers: tuple[Issuer, Issuer, list[House]]) -> Issuer:
    return issuers[0]


def test_without_an_attack_anna_gets_in(house: House, issuer: Issuer) -> None:
    browser = house.browser()

    answer = come_back(browser, issuer.authorize(leave(browser, next="/yard/me")))

    assert answer.headers["location"] == "/yard/me"
    assert browser.get("/yard/me").text == "anna -"


def attack(named: str) -> Callable[[Attack], Attack]:
    def kept(function: Attack) -> Attack:
        ATTACKS[named] = function
        return function

    return kept


def claim(named: str, **changes: Any) -> None:
    """An attack that changes claims; None takes one away."""

    def arranged(issuer: Issuer) -> None:
        def changed(claims: dict[str, Any]) -> dict[str, Any]:
            now = claims["iat"]
            made = {key: value(now) if callable(value) else value for key, value in changes.items()}
            return {key: value for key, value in {**claims, **made}.items() if value is not None}

        issuer.plan.claims = changed

    ATTACKS[named] = arranged


def planned(named: str, **changes: Any) -> None:
    """An attack that changes the plan of the issuer."""

    def arranged(issuer: Issuer) -> None:
        for key, value in changes.items():
            setattr(issuer.plan, key, value)

    ATTACKS[named] = arranged


claim("wrong issuer", iss="https://evil.example")
claim("issuer with a slash more", iss=lambda _now: "http://127.0.0.1/")
claim("no issuer", iss=None)
claim("wrong audience", aud="another-client")
claim("no audience", aud=None)
claim("two audiences and no azp", aud=["lk", "another"])
claim("audience with a number", aud=["lk", 7], azp="lk")
claim("azp of another", aud=["lk", "another"], azp="another")
claim("expired", exp=lambda now: now - 120)
claim("no expiry", exp=None)
claim("expiry as text", exp="9999999999")
claim("expiry as truth", exp=True)
claim("issued in the future", iat=lambda now: now + 600)
claim("issued long ago", iat=lambda now: now - 7200)
claim("not before tomorrow", nbf=lambda now: now + 86_400)
claim("wrong nonce", nonce="guess")
claim("no nonce", nonce=None)
claim("nonce as a list", nonce=["guess"])
claim("no subject", sub=None)
claim("empty subject", sub="")
claim("endless subject", sub="u" * 256)
claim("subject as a list", sub=["u-1"])
claim("subject with a line break", sub="u-1\n")
claim("at_hash of another token", at_hash="AAAAAAAAAAAAAAAAAAAAAA")
claim("lower level of sign-in", acr="low")
claim("no level of sign-in", acr=None)
planned("alg none", algorithm="none")
planned("alg none written big", algorithm="none", header={"alg": "NONE"})
planned("HS256 with the public key", algorithm="HS256", key=PUBLIC_PEM)
planned("RS256 said, HS256 done", header={"alg": "RS256"}, key=PUBLIC_PEM)
planned("alg outside the settings", algorithm="RS512", header={"alg": "RS512"})
planned("foreign key under a known name", key=OTHER_KEY)
planned("foreign key under a name of its own", key=OTHER_KEY, header={"kid": "other"})
planned("jku header", key=OTHER_KEY, header={"jku": "https://evil.example/jwks"})
planned("jwk header", key=OTHER_KEY, header={"jwk": public_jwk(OTHER_KEY)})
planned("x5u header", key=OTHER_KEY, header={"x5u": "https://evil.example/cert"})
planned("x5c header", header={"x5c": ["MIIB"]})
planned("crit header", header={"crit": ["exp"], "exp": 1})
planned("b64 header", header={"b64": False, "crit": ["b64"]})
planned("kid as a list", header={"kid": ["first"]})
planned("ES256 said of an RSA key", algorithm="ES256", key=CURVE_KEY)
planned("an access token", header={"typ": "at+jwt"})
planned("a logout token", header={"typ": "logout+jwt"})
planned("alg said twice", raw_header='{"alg":"none","alg":"RS256","kid":"first"}')
planned("header as a list", raw_header='["RS256"]')
planned("no id_token", answer=lambda said: {k: v for k, v in said.items() if k != "id_token"})
planned("id_token as a list", answer=lambda said: {**said, "id_token": [said["id_token"]]})
planned("signature cut off", answer=lambda said: {**said, "id_token": said["id_token"].rpartition(".")[0] + "."})
planned(
    "signature of zeros",
    answer=lambda said: {**said, "id_token": said["id_token"].rpartition(".")[0] + "." + "A" * 342},
)
planned("five parts", answer=lambda said: {**said, "id_token": said["id_token"] + ".a.b"})
planned("endless token", answer=lambda said: {**said, "id_token": said["id_token"] + "A" * 20_000})
planned("no access token", answer=lambda said: {k: v for k, v in said.items() if k != "access_token"})
planned("another kind of access token", answer=lambda said: {**said, "token_type": "mac"})
planned("endless answer", answer=lambda said: {**said, "more": "x" * 400_000})
planned("answer is no JSON", answer=lambda _said: b"<html>sign in here</html>")
planned("answer is a list", answer=lambda said: [said])
planned("answer says id_token twice", answer=lambda said: json.dumps(said).encode()[:-1] + b',"id_token":"x"}')
planned("answer says NaN", answer=lambda said: json.dumps(said).encode()[:-1] + b',"expires_in":NaN}')
planned("answer nested without end", answer=lambda _said: b"[" * 100_000)
planned("token endpoint fails", answer=lambda _said: (500, {}))
planned("token endpoint refuses", answer=lambda _said: (400, {"error": "invalid_grant"}))
planned("weak key", key=WEAK_KEY, keys=lambda _said: {"keys": [public_jwk(WEAK_KEY, kid="first")]})
planned(
    "secret among the keys",
    algorithm="HS256",
    key=b"k" * 32,
    keys=lambda _said: {"keys": [{"kty": "oct", "k": "a2s", "kid": "first"}]},
)
planned("key for encryption", keys=lambda _said: {"keys": [public_jwk(KEY, kid="first", use="enc")]})
planned("two keys of one name", keys=lambda said: {"keys": [*said["keys"], public_jwk(OTHER_KEY, kid="first")]})
planned("no keys", keys=lambda _said: {"keys": []})
planned("keys are no list", keys=lambda _said: {"keys": {"kty": "RSA"}})
planned("endless keys", keys=lambda said: {"keys": said["keys"] * 60})
planned("broken key", keys=lambda _said: {"keys": [{"kty": "RSA", "kid": "first", "n": "!", "e": "AQAB"}]})
claim("claims said twice")


@attack("claims said twice")
def _claims_twice(issuer: Issuer) -> None:
    honest = issuer.signed

    def twice(claims: Any, typ: str = "JWT") -> str:
        body = json.dumps(claims)[:-1] + ',"sub":"u-1"}'
        issuer.__dict__.pop("signed")
        return honest(body, typ)

    issuer.__dict__["signed"] = twice


@attack("claims changed after signing")
def _tampered(issuer: Issuer) -> None:
    def changed(said: dict[str, Any]) -> dict[str, Any]:
        head, body, signature = said["id_token"].split(".")
        return {**said, "id_token": f"{head}.{body[:-4]}AAAA.{signature}"}

    issuer.plan.answer = changed


def _sending(handler: Any, *parts: bytes, pause: float = 0.0) -> bool:
    """Send raw bytes, with a pause before each part but the first."""
    for place, part in enumerate(parts):
        if place:
            time.sleep(pause)
        handler.wfile.write(part)
        handler.wfile.flush()
    handler.close_connection = True
    return True


def raw(named: str, path: str, *parts: bytes, pause: float = 0.0) -> None:
    """An attack that answers one address with raw bytes."""

    def arranged(issuer: Issuer) -> None:
        issuer.plan.before = lambda handler: handler.path == path and _sending(handler, *parts, pause=pause)

    ATTACKS[named] = arranged


_JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
raw(
    "token endpoint redirects",
    "/token",
    b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n",
)
raw("keys redirect", "/jwks", b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
raw("an answer that drips", "/token", _JSON + b"content-length: 1000\r\n\r\n{", *[b" "] * 12, pause=0.2)
raw("headers that drip", "/token", b"HTTP/1.1 200 OK\r\n", *[b"x-a: b\r\n"] * 12, pause=0.2)
raw("an answer packed small", "/token", _JSON + b"content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}")
raw("an answer of another kind", "/token", b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}")
raw("an answer without end", "/token", _JSON + b"\r\n", *[b" " * 65_536] * 8)
raw("a hang-up", "/token")
raw("not HTTP at all", "/token", b"SSH-2.0-evil\r\n\r\n")
raw("keys that never come", "/jwks", _JSON + b"content-length: 10\r\n\r\n", b"", pause=1.5)


@pytest.mark.parametrize("named", ATTACKS)
def test_what_the_issuer_says_is_not_believed(house: House, issuer: Issuer, named: str) -> None:
    browser = house.browser()
    said = issuer.authorize(leave(browser))
    ATTACKS[named](issuer)

    began = time.monotonic()
    answer = come_back(browser, said)

    assert time.monotonic() - began < 3
    nobody_came(house, browser, answer)


def nobody_came(house: House, browser: Browser, answer: Any) -> None:
    """Nobody is in, nobody new is there, the browser is at the door with a sentence, and the audit tells of the refusal."""
    assert (answer.status_code, answer.headers["location"]) == (303, "/login"), answer.text
    assert "lk_session" not in browser.client.cookies
    page = browser.get("/login")
    assert page.status_code == 200
    assert "another way" in page.text
    assert not browser.inside()
    assert house.count("SELECT count(*) FROM auth_sessions") == 0
    assert house.count("SELECT count(*) FROM auth_identities") == 1
    assert house.count("SELECT count(*) FROM auth_external_strangers") == 0
    assert any("company" in told for told in refusals(house)), refusals(house)


METADATA: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another issuer": lambda said: {**said, "issuer": "https://evil.example"},
    "no issuer": lambda said: {k: v for k, v in said.items() if k != "issuer"},
    "token endpoint of another host": lambda said: {**said, "token_endpoint": "https://evil.example/token"},
    "keys of another host": lambda said: {**said, "jwks_uri": "https://evil.example/jwks"},
    "keys of another port": lambda said: {**said, "jwks_uri": "http://127.0.0.1:1/jwks"},
    "sign-in page of another host": lambda said: {**said, "authorization_endpoint": "https://evil.example/"},
    "endpoint with a user in it": lambda said: {
        **said,
        "token_endpoint": said["issuer"].replace("//", "//u:p@") + "/token",
    },
    "endpoint in a file": lambda said: {**said, "jwks_uri": "file:///etc/passwd"},
    "endpoint of the cloud's own": lambda said: {**said, "userinfo_endpoint": "http://169.254.169.254/latest"},
    "no keys": lambda said: {k: v for k, v in said.items() if k != "jwks_uri"},
    "a list": lambda said: [said],
    "endless": lambda said: {**said, "more": "x" * 400_000},
    "failing": lambda _said: (503, {}),
    "redirecting": lambda _said: (302, {}),
}


@pytest.mark.parametrize("named", METADATA)
def test_nobody_is_sent_where_the_settings_do_not_name(house: House, issuer: Issuer, named: str) -> None:
    issuer.plan.metadata = METADATA[named]
    browser = house.browser()

    answer = browser.send(f"/oidc/{NAME}", "/login")

    nobody_came(house, browser, answer)
    assert house.count("SELECT count(*) FROM auth_external_flows") == 0
