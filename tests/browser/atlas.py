"""Every page of a running demo portal, found as people find them: from the routes it declares and the links it shows, for each
kind of reader. A page that nobody is led to is named: a new route joins by itself or turns a test red."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from lkportal.testing.forms import forms_of
from tests.browser.stage import ADMIN, ANNA, CASHIER, OPERATOR, PASSWORD, ROOT, WORKS, Demo


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: their login, the policies whose pages they open, where they begin besides, how many of a kind they look at,
    and the part of the portal they keep to."""

    name: str
    login: str
    who: frozenset[str]
    starts: tuple[str, ...] = ()
    most: int = 2
    within: str = "/"


READERS = (
    Reader("nobody", "", frozenset({"anyone", "guest"}), ("/nowhere",)),
    Reader("anna", ANNA, frozenset({"customer", "person"}), ("/", "/staff/")),
    Reader("works", WORKS, frozenset({"customer"}), ("/",), most=1),
    Reader("cashier", CASHIER, frozenset({"staff"}), ("/staff/payments/cash",), most=1, within="/staff/payments/"),
    Reader("operator", OPERATOR, frozenset({"staff"}), ("/staff/?q=" + ANNA, "/staff/roles"), most=1),
    Reader("admin", ADMIN, frozenset({"staff", "person"}), ("/staff/?q=zzzz", "/staff/?q=" + ANNA)),
)
"""Nobody in particular, a customer, a bookkeeper of an organisation, three of the company's people with different rights."""

GIVEN: Mapping[str, str] = {
    f"{{{param}}}": "none"
    for param in (
        *("token", "passkey", "decision", "document", "approval", "viewed"),
        *("slip", "cash_day", "review", "meter", "reconciliation", "difference", "file_sending"),
    )
}
"""What stands for a param that no page shows: a secret of a letter, and rows that no demo holds; here one that is gone."""

REFUSAL = "refusal"
"""The route of a page that says: not found, or not yours."""

_LINK = re.compile(r'(?:href|hx-get|data-keep)="([^"#]*)')
_PARAM = re.compile(r"{[^}]+}")


@dataclass(frozen=True, slots=True)
class Place:
    """A page as one reader sees it: the route's name and an address of it (path and query)."""

    reader: str
    route: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} ({self.route}) for {self.reader}"


@dataclass(slots=True)
class Atlas:
    """All pages of a portal. `cookies` sign each reader in; `html` is what was answered, by place; `unseen` routes nobody reached."""

    places: list[Place] = field(default_factory=list)
    html: dict[Place, str] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)


def routes(example: str) -> list[dict[str, Any]]:
    """Return what `lkportal routes --json` says of an example."""
    command = [sys.executable, "-c", "from lkportal.cli import main; main()", "--config"]
    command += [str(ROOT / "examples" / example / "portal.toml"), "routes", "--json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "LKPORTAL_SECRET_KEY": "only to list the routes of it"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def survey(demo: Demo, known: list[dict[str, Any]], language: str = "ru") -> Atlas:
    """Walk a demo as every reader; return its pages. Something is paid first, so that there are letters and notices."""
    shown = [route for route in known if route["method"] == "GET" and route["kind"] in ("page", "action")]
    atlas = Atlas()
    led: set[str] = set()
    for reader in READERS:
        with browser(demo, reader, language) as client:
            atlas.cookies[reader.name] = dict(client.cookies)
            for place, text in _walk(client, reader, shown, led):
                atlas.places.append(place)
                atlas.html[place] = text
    atlas.unseen = sorted({route["name"] for route in shown} - led)
    return atlas


def refused_forms(demo: Demo, atlas: Atlas, language: str = "ru") -> Iterator[tuple[Place, str]]:
    """Send every form that asks for something empty; yield the pages that say what is wrong."""
    for reader in READERS:
        with browser(demo, reader, language) as client:
            sent = set()
            for place in [place for place in atlas.places if place.reader == reader.name]:
                for form in forms_of(atlas.html[place]):
                    action = urljoin(place.path, form.action or place.path)
                    if form.method != "post" or not form.typed or (place.route, action) in sent:
                        continue
                    sent.add((place.route, action))
                    now = forms_of(client.get(place.path).text)
                    fresh = next((each for each in now if each.action == form.action), None)
                    if fresh is None:  # what was sent before has done away with it
                        continue
                    blank = {name: "" if name in fresh.typed else value for name, value in fresh.fields}
                    answer = client.post(action, data=blank)
                    if answer.status_code == 422:
                        yield Place(reader.name, place.route, action), answer.text


@contextmanager
def browser(demo: Demo, reader: Reader, language: str) -> Iterator[httpx2.Client]:
    """A browser without scripts in which a reader is signed in."""
    headers = {"accept-language": language, "user-agent": "Mozilla/5.0 Chrome/140.0.0.0"}
    with httpx2.Client(base_url=demo.address, headers=headers, trust_env=False, timeout=30.0) as client:
        if reader.login:
            enter(client, reader.login)
        yield client


def enter(client: httpx2.Client, login: str) -> None:
    """Sign in as people do."""
    shown = client.get("/login")
    assert shown.status_code == 200, f"/login answers {shown.status_code}"
    form = next(form for form in forms_of(shown.text) if "password" in form.typed)
    given = {**dict(form.fields), "login": login, "password": PASSWORD}
    assert client.post("/login", data=given).status_code == 303, f"{login} could not sign in"


def pay(demo: Demo) -> None:
    """Let Anna pay something at the sandbox's page and wait for the letter about it; the first is about the new device."""
    with browser(demo, READERS[1], "ru") as client:
        home = client.get(client.get("/").headers["location"])
        path = next(link for link in _LINK.findall(home.text) if re.search("/payments/[^/]+/$", link)) + "pay"
        form = next(form for form in forms_of(client.get(path).text) if "amount" in form.typed)
        led = client.post(path, data={**dict(form.fields), "choice": "other", "amount": "10"})
        assert led.status_code == 303, f"{path} answers {led.status_code}"
        card = next(form for form in forms_of(client.get(led.headers["location"]).text) if form.method == "post")
        target = urljoin(led.headers["location"], card.action)
        client.post(target, data={**dict(card.fields), "card": "success", "act": "pay"})
    deadline = time.monotonic() + 60
    while len(demo.letters()) < 2:
        assert time.monotonic() < deadline, "no letter about a payment came to the demo's mailbox"
        time.sleep(0.2)


def _walk(
    client: httpx2.Client, reader: Reader, shown: list[dict[str, Any]], led: set[str]
) -> Iterator[tuple[Place, str]]:
    mine = [
        route for route in shown if route["policy"]["who"] in reader.who and route["path"].startswith(reader.within)
    ]
    paths = [_PARAM.sub(lambda param: GIVEN.get(param[0], param[0]), route["path"]) for route in mine]
    waiting = deque([*reader.starts, *(path for path in paths if "{" not in path)])
    met, found = {"", *waiting}, Counter[tuple[str, bool]]()
    while waiting:
        path = waiting.popleft()
        route = _route(mine, path)
        kind = (route, bool(urlsplit(path).query))
        if found[kind] >= reader.most:
            continue
        answer = client.get(path)
        links = [answer.headers["location"]] if answer.is_redirect else _LINK.findall(answer.text)
        if answer.headers.get("content-type", "").startswith("text/html") and not answer.is_redirect:
            kind = (route, kind[1]) if answer.status_code in (200, 410) else (REFUSAL, answer.status_code == 404)
            found[kind] += 1
            if kind[0] != REFUSAL or found[kind] <= reader.most:
                yield Place(reader.name, kind[0], path), answer.text
        led.add(route)
        onward = [_inside(path, unescape(link)) for link in links]
        fresh = [link for link in dict.fromkeys(onward) if link not in met and (route := _route(mine, link))]
        met.update(fresh)
        waiting.extend(fresh)


def _route(routes: list[dict[str, Any]], path: str) -> str:
    """Return the name of the route a path leads to, of those given; "" when it leads to none of them."""
    bare = urlsplit(path).path
    for route in sorted(routes, key=lambda each: each["path"].count("{")):
        if re.fullmatch(_PARAM.sub("[^/]+", route["path"]), bare):
            return str(route["name"])
    return ""


def _inside(here: str, link: str) -> str:
    """Return the path and query a link leads to within the portal, "" when it leads elsewhere."""
    parts = urlsplit(urljoin(f"http://here{here}", link))
    return parts._replace(scheme="", netloc="", fragment="").geturl() if parts.netloc == "here" else ""
