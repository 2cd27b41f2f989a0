"""A session that was ended is accepted nowhere: after signing out, a new password, being kept out, another role, a membership taken back,
the very next request is refused on every route of both examples, by this process and by another."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lkportal.accounts.contract import AccountRef, Accounts
from lkportal.accounts.models import Account
from lkportal.app import Portal, create_app
from lkportal.cli.users import user
from lkportal.core.clock import SystemClock
from lkportal.core.migrating import migrate
from lkportal.core.policy import Actor
from lkportal.testing import Visitor
from lkportal.testing.databases import fresh_postgres
from lkportal.testing.portals import ENCRYPTION_KEY, SECRET_KEY
from lkportal.testing.world import CHEAP_HASHES, PASSWORD, World
from lkportal.web.routing import Bound
from tests.faults.processes import ROOT, Served, serve

ADDRESS = "http://127.0.0.1:8123"
ACCOUNTS = 20
OTHER = "lantern by the seventh gate"


@dataclass
class Town:
    """An example that two processes serve: `here` in this process, `there` in one of its own."""

    here: Portal
    there: Served
    world: World
    account: AccountRef

    def customer(self) -> Actor:
        """Return a new customer with the account."""
        return self.world.customer(f"{secrets.token_hex(6)}@example.org", self.account)

    def colleague(self) -> Actor:
        """Return somebody new of the company who may do everything."""
        return self.world.staff(f"staff-{secrets.token_hex(6)}@example.org", "administrator", "operator")

    def shell(self, *words: str) -> None:
        """Run `lkportal user ...`."""
        done = CliRunner().invoke(user, list(words), obj=lambda: self.here, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    def routes(self, kind: str, *, about_account: bool = False) -> list[Bound]:
        """Return the routes that are not open to all and that this kind of person may knock at."""
        found = self.here.edge.routes.by_name.values()
        mine = [bound for bound in found if bound.policy.who in (kind, "person")]
        return [bound for bound in mine if not about_account or bound.policy.on == "account"]

    def path(self, bound: Bound) -> str:
        """Return an address of a route: the account where it asks for one, else ids of nothing."""
        path = bound.template
        while "{" in path:
            name = path.partition("{")[2].partition("}")[0]
            value = self.account.public_id if name == "account" else "A" * 16
            path = path.replace("{" + name + "}", value)
        return path


@pytest.fixture(scope="module", params=["telecom", pytest.param("utility", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The examples: telecom on SQLite, utility on PostgreSQL."""
    folder: Path = tmp_path_factory.mktemp("town")
    with ExitStack() as standing:
        url = f"sqlite:///{folder / 'portal.db'}"
        if request.param == "utility":
            url = standing.enter_context(fresh_postgres(request.getfixturevalue("postgres_server")))
        patch = standing.enter_context(pytest.MonkeyPatch.context())
        patch.syspath_prepend(ROOT / "examples")
        file, overrides = ROOT / "examples" / request.param / "portal.toml", _overrides(folder, url)
        portal = create_app(file, overrides=overrides, clock=SystemClock())
        migrate.upgrade(portal.database, portal.known)
        portal.remember_brands()
        importlib.import_module(f"{request.param}.seed").seed(portal, folder / "files", lambda _line: None, ACCOUNTS)
        portal.start()
        standing.callback(portal.stop)
        there = serve(overrides, 0, folder, file=file)
        standing.callback(there.stop)
        yield Town(portal, there, World(portal.database, portal.clock, portal.ports), _some_account(portal))  # type: ignore[arg-type]


def _overrides(folder: Path, url: str) -> dict[str, Any]:
    return {
        "secret_key": SECRET_KEY,
        "encryption_keys": [ENCRYPTION_KEY],
        "portal": {"demo": True, "data_dir": str(folder), "log_level": "error", "public_url": ADDRESS},
        "database": {"url": url},
        "jobs": {"in_web": False},
        "auth": dict(CHEAP_HASHES),
    }


def _some_account(portal: Portal) -> AccountRef:
    with portal.database.reading() as connection:
        public = connection.execute(select(Account.public_id).order_by(Account.id)).scalars().first()
        found = portal.ports.get(Accounts).by_public_id(connection, public or "")  # type: ignore[type-abstract]
    assert found is not None
    return found


def logout(town: Town, actor: Actor, browser: Visitor) -> None:
    assert browser.post("/logout", page="/settings/sessions").status_code == 303


def password_changed(town: Town, actor: Actor, browser: Visitor) -> None:
    other = Visitor(town.here)
    assert other.sign_in(actor.login).status_code == 303
    fields = {"current": PASSWORD, "password": OTHER}
    assert other.post("/settings/password", fields).status_code == 303


def ended_elsewhere(town: Town, actor: Actor, browser: Visitor) -> None:
    other = Visitor(town.here)
    assert other.sign_in(actor.login).status_code == 303
    assert other.post("/settings/sessions/others/end", page="/settings/sessions").status_code == 303


def disabled(town: Town, actor: Actor, browser: Visitor) -> None:
    town.shell("disable", actor.login)


def role_given(town: Town, actor: Actor, browser: Visitor) -> None:
    town.shell("role", actor.login, "cashier")


def role_taken(town: Town, actor: Actor, browser: Visitor) -> None:
    town.shell("role", actor.login, "operator", "--take")


def everybody(town: Town, actor: Actor, browser: Visitor) -> None:
    town.shell("sign-out-all", "--reason", "a copy of the cookies was found")


Kill = Callable[[Town, Actor, Visitor], None]
Ask = Callable[[str, str], Any]
Knock = tuple[float, bool]
KILLS: list[tuple[str, Kill]] = [
    *((kind, kill) for kind in ("customer", "staff") for kill in (logout, password_changed, ended_elsewhere, disabled)),
    ("customer", everybody),
    ("staff", role_given),
    ("staff", role_taken),
]


@pytest.mark.parametrize(("kind", "kill"), KILLS, ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_the_next_request_is_refused_on_every_route(town: Town, kind: str, kill: Kill) -> None:
    actor = town.customer() if kind == "customer" else town.colleague()
    browser = Visitor(town.here)
    assert browser.sign_in(actor.login).status_code == 303
    token = browser.client.cookies[browser.session_cookie]
    routes = town.routes(kind)
    with both(town, token) as asks:
        assert all(_accepted(ask("GET", "/settings/sessions")) for ask in asks)

        kill(town, actor, browser)

        answers = [
            (bound.name, ask(method, town.path(bound)))
            for bound in routes
            for method in bound.spec.methods
            for ask in asks
        ]
    assert [(name, answer.status_code) for name, answer in answers if _accepted(answer)] == []
    assert len(answers) >= 100
    print(f"{len(answers)} requests, none accepted")


def test_an_account_is_closed_to_who_is_no_member_any_more(town: Town) -> None:
    actor = town.customer()
    browser = Visitor(town.here)
    browser.sign_in(actor.login)
    token = browser.client.cookies[browser.session_cookie]
    routes = town.routes("customer", about_account=True)
    with both(town, token) as asks:
        home = f"/home/{town.account.public_id}/"
        assert [ask("GET", home).status_code for ask in asks] == [200, 200]

        town.shell("account", actor.login, town.account.number, "--take")

        answers = [
            (bound.name, ask(bound.spec.methods[0], town.path(bound)).status_code) for bound in routes for ask in asks
        ]
        assert [(name, status) for name, status in answers if status != 404] == []
        assert [ask("GET", "/settings/sessions").status_code for ask in asks] == [200, 200]


@pytest.mark.parametrize("kills", [20, pytest.param(500, marks=pytest.mark.proof)])
def test_requests_under_way_are_the_last_ones(town: Town, kills: int) -> None:
    """Two browsers ask the other process without a pause while this one ends their session: whatever is asked after that is refused."""
    actor = town.customer()
    late = asked = 0
    with httpx2.Client(trust_env=False, timeout=30) as client, ThreadPoolExecutor(2) as pool:
        for _ in range(kills):
            browser = Visitor(town.here).enter(actor)
            token, stop = browser.client.cookies[browser.session_cookie], Event()
            form = browser.token("/settings/sessions")

            def knock(token: str = token, stop: Event = stop, cookie: str = browser.session_cookie) -> list[Knock]:
                headers = {"host": ADDRESS.partition("//")[2], "cookie": f"{cookie}={token}"}
                seen, more = [], 3
                while more:
                    more -= stop.is_set()
                    begun = monotonic()
                    answer = client.get(f"{town.there.own}/settings/sessions", headers=headers)
                    seen.append((begun, _accepted(answer)))
                return seen

            knocking = [pool.submit(knock) for _ in range(2)]
            assert browser.client.post("/logout", data={"csrf_token": form}).status_code == 303
            over = monotonic()
            stop.set()
            answers = [each for done in knocking for each in done.result()]
            late += sum(accepted for begun, accepted in answers if begun > over)
            asked += sum(begun > over for begun, _ in answers)
    assert late == 0
    assert asked >= 2 * kills


@contextmanager
def both(town: Town, token: str) -> Iterator[list[Ask]]:
    """Ask both processes with one and the same cookie, as whoever copied it would."""
    here = Visitor(town.here)
    cookie = {"cookie": f"{here.session_cookie}={token}", "host": ADDRESS.partition("//")[2]}
    with httpx2.Client(trust_env=False, timeout=30, base_url=town.there.own, headers=cookie) as far:
        yield [
            lambda method, path: here.client.request(method, path, headers={"cookie": cookie["cookie"]}),
            far.request,
        ]


def _accepted(answer: Any) -> bool:
    """Whether an answer is for somebody who is signed in: any but being led to the sign-in, or told to sign in."""
    return answer.status_code != 401 and "/login" not in answer.headers.get("location", "")
