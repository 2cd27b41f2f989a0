"""Signing in at an identity provider that others wrote (npm oidc-provider), over HTTP: in, known again, out from either side."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest

from lkportal.auth.tests.federated import NAME, come_back, leave
from lkportal.auth.tests.house import Browser, House
from tools.tree import ROOT

_MODULES = ROOT / "build/npm/provider/node_modules"
_SCRIPT = Path(__file__).with_name("oidc_provider.mjs")
SECRET = "a secret of the portal at the provider"


@dataclass
class Town:
    """The house, the provider's address, and the statuses of what the provider told us behind the browser's back."""

    house: House
    issuer: str
    told: list[int]


@contextmanager
def relay(house: list[House], told: list[int]) -> Iterator[str]:
    """Pass what the provider sends to the house, which has no port of its own; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kind = {"content-type": self.headers["content-type"]}
            answer = house[0].browser("192.0.2.1").client.post(f"/oidc/{NAME}/logout", content=body, headers=kind)
            told.append(answer.status_code)
            self.send_response(answer.status_code)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def provider(back_channel: str) -> Iterator[str]:
    """Run the provider; yield its issuer."""
    client = {
        "client_id": "lk",
        "client_secret": SECRET,
        "redirect_uris": [f"http://testserver/oidc/{NAME}/callback"],
        "post_logout_redirect_uris": ["http://testserver/login"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "backchannel_logout_uri": back_channel,
        "backchannel_logout_session_required": True,
    }
    command = ["node", str(_SCRIPT), str(_MODULES), json.dumps(client)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    if not _MODULES.is_dir():
        pytest.fail("The journey needs an identity provider: run `bash tools/npm.sh provider`.")
    houses: list[House] = []
    told: list[int] = []
    with relay(houses, told) as address, provider(address) as issuer:
        oidc = {NAME: {"issuer": issuer, "client_id": "lk", "client_secret": SECRET, "logout": True}}
        houses.append(House(f"sqlite:///{tmp_path / 'portal.db'}", str(tmp_path), oidc=oidc))
        houses[0].clock.set(datetime.now(UTC))
        yield Town(houses[0], issuer, told)
        houses[0].close()


class Person:
    """Somebody with two windows on one screen: the portal's, and the provider's with its own cookies."""

    def __init__(self, town: Town) -> None:
        self.browser: Browser = town.house.browser()
        self._there = httpx2.Client(follow_redirects=False, trust_env=False)

    def close(self) -> None:
        """Close the provider's window."""
        self._there.close()

    def enter(self, login: str) -> httpx2.Response:
        """Press the button, sign in and agree at the provider, come back."""
        location = self._walked(leave(self.browser), login)
        assert location.startswith(f"http://testserver/oidc/{NAME}/callback?"), location
        said = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return come_back(self.browser, said)

    def out(self, address: str) -> str:
        """Sign out at the provider; return where it leads."""
        return self._walked(address, "")

    def _walked(self, address: str, login: str) -> str:
        """Follow the provider's pages and fill in its forms until it leads away or asks no more; return where."""
        home = urlsplit(address).netloc
        answer = self._there.get(address)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if urlsplit(address).netloc != home:
                    return address
                answer = self._there.get(address)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            if form is None:
                return str(answer.url)
            fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', answer.text))
            if 'name="login"' in answer.text:
                fields |= {"login": login, "password": "whatever"}
            if "logout" in form[1] or "session/end" in form[1]:
                fields["logout"] = "yes"
            answer = self._there.post(urljoin(str(answer.url), form[1]), data=fields)
        raise AssertionError(f"The provider leads nowhere: {answer.url}")


@pytest.fixture
def person(town: Town) -> Iterator[Person]:
    made = Person(town)
    yield made
    made.close()


def test_in_known_again_and_out_from_either_side(town: Town, person: Person) -> None:
    browser = person.browser

    assert person.enter("nina").headers["location"] == "/external/new"
    assert "Nina from elsewhere" in browser.get("/external/new").text
    assert browser.send("/external/new").headers["location"] == "/"
    assert browser.get("/yard/me").text == "Nina from elsewhere -"

    left = browser.send("/logout", "/settings/sessions")
    assert left.headers["location"] == f"/oidc/{NAME}/sign-out"
    out = browser.get(left.headers["location"]).headers["location"]
    assert out.startswith(town.issuer)
    assert person.out(out).startswith("http://testserver/login")
    assert not browser.inside()

    assert person.enter("nina").headers["location"] == "/"
    assert browser.inside()
    person.out(f"{town.issuer}/session/end?client_id=lk")
    assert town.told[-1:] == [200]
    assert not browser.inside()
    assert town.house.count("SELECT count(*) FROM auth_identities") == 1
