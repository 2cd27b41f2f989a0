"""What the security page promises of every page at once, plugins' included: fields of passwords, the way out, the addresses, the
cookies, what caches and other sites may keep."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from lkportal.app import Portal
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.ids import secret_token
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World
from lkportal.testing.world import PASSWORD
from lkportal.web.cookies import SESSION, cookie_name
from lkportal.web.routing import SAFE_METHODS, Bound

ROOT = Path(__file__).parents[2]
_PASSWORDS = re.compile(r"<input[^>]*(?:type=\"password\"|name=\"[a-z_]*password[a-z_]*\")[^>]*>")
_SECRETS = re.compile(r"(?i)(password|passwd|secret|session|csrf|api_key|access_token)=")
_BEGINS = re.compile(r"\bsessions\.begin\(|auth\.sessions import [^\n]*\bbegin\b")
_ADDRESS = re.compile(r"(?:href|action|src|hx-get|hx-post)=\"([^\"]*)\"")
# A question whose answer others know too is no proof.
_KEPT_ON_DEVICES = frozenset({"readings:kept"})  # a form for no network, the same whoever is signed in
_QUESTIONS = re.compile(r"(?i)maiden|pet's name|first school|девичь|кличк|первой школ|секретный вопрос|secret question")


@pytest.fixture
def people(portal: Portal, customer: Visitor, staff: Visitor, anonymous: Visitor) -> dict[str, Visitor]:
    return {"customer": customer, "staff": staff, "anonymous": anonymous}


def readable(portal: Portal, visitor: Visitor) -> Iterator[tuple[Bound, str, str]]:
    """Every page without an object of its own that this visitor may open: route, path, markup."""
    for bound in portal.edge.routes.by_name.values():
        params = set(re.findall(r"{(\w+)", bound.template))
        if not SAFE_METHODS & set(bound.spec.methods) or params - {"account"}:
            continue
        if params and visitor.account is None:
            continue
        path = visitor.url(bound.name)
        answer = visitor.get(path)
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            yield bound, path, answer.text


@pytest.mark.parametrize("who", ["anonymous", "customer", "staff"])
def test_every_page_keeps_the_rules(portal: Portal, people: dict[str, Visitor], who: str) -> None:
    """Fields of passwords are masked and open to password managers, the way out is on every page of somebody signed in, no
    address holds a secret, and nobody is asked for what others know too."""
    pages = 0
    for bound, path, html in readable(portal, people[who]):
        pages += 1
        for field in _PASSWORDS.findall(html):
            assert 'type="password"' in field, f"{path}: {field}"
            assert re.search(r'autocomplete="(current|new)-password"', field), f"{path}: {field}"
            assert "onpaste" not in field, path
            assert "readonly" not in field, path
            assert "maxlength" not in field or int(re.findall(r'maxlength="(\d+)"', field)[0]) >= 64, path
        for address in _ADDRESS.findall(html):
            assert address.startswith("otpauth:") or not _SECRETS.search(address), f"{path} leads to {address}"
        assert not _QUESTIONS.search(html), path
        if who != "anonymous" and bound.policy.who != "anyone" and bound.name not in _KEPT_ON_DEVICES:
            assert 'action="/logout"' in html, f"{path} has no way out"
    assert pages >= 3


def test_no_session_begins_by_looking(portal: Portal, anonymous: Visitor) -> None:
    """A page that is opened signs nobody in: a session takes an act of the person."""
    name = cookie_name(portal.sites[0], SESSION)
    for bound in portal.edge.routes.by_name.values():
        if SAFE_METHODS & set(bound.spec.methods) and "{" not in bound.template:
            answer = anonymous.get(anonymous.url(bound.name))
            assert not any(each.startswith(f"{name}=") for each in answer.headers.get_list("set-cookie")), bound.name


def test_every_way_in_is_told(portal: Portal) -> None:
    """The security page names each way to sign in that a portal with everything on offers, and sessions begin in two places."""
    page = (ROOT / "docs" / "understand" / "security.md").read_text("utf-8")
    ways = page.partition("## Ways in")[2].partition("\n## ")[0]
    for way in portal.registry.sign_in_ways:
        assert f"`{way.name}`" in ways, way.name
    begins = [
        file.relative_to(ROOT).as_posix()
        for file in sorted((ROOT / "src" / "lkportal").rglob("*.py"))
        if _BEGINS.search(file.read_text("utf-8")) and "testing" not in file.parts and "tests" not in file.parts
    ]
    assert begins == ["src/lkportal/auth/door/crossing.py", "src/lkportal/auth/door/entering.py"]


def test_a_page_of_a_person_is_no_file_for_caches(customer: Visitor) -> None:
    """A made-up ending of a file makes no page that a cache between would keep."""
    home = customer.url("accounts:home")
    assert customer.get(home).headers["cache-control"] == "no-store"
    for path in (
        f"{home}style.css",
        f"{home}x.js",
        f"{home};a.css",
        "/settings/photo.png",
        "/settings%2fa.css",
        "/settings.css",
    ):
        answer = customer.get(path)
        assert answer.status_code in (301, 303, 308, 404), path
        assert "public" not in answer.headers.get("cache-control", ""), path


def test_who_leaves_takes_everything_along(customer: Visitor) -> None:
    answer = customer.post("/logout", page="/settings")
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert customer.get("/settings").status_code == 303


def test_a_password_does_not_wear_out(
    world: World, clock: MovableClock, anonymous: Visitor, account: AccountRef
) -> None:
    world.customer("old@example.org", account)
    clock.advance(timedelta(days=800))
    assert anonymous.sign_in("old@example.org", PASSWORD).headers["location"].endswith("/")
    assert anonymous.is_signed_in


def test_a_new_portal_knows_nobody(portal: Portal) -> None:
    """No default accounts: the first administrator comes from the shell."""
    with portal.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Identity)) == 0


def test_tokens_are_long_and_never_the_same() -> None:
    made = {secret_token() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(token) >= 43 for token in made), "256 bits in base64"
