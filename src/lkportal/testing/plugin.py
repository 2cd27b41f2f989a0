"""The pytest plugin: fixtures of a portal, its databases, clock, visitors, letters and provider. docs/extend/testing.md tells
of each. A test file changes a portal by overriding `portal_overrides` or `portal_modules`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import ROOMS, Portal
from lkportal.core.clock import MovableClock
from lkportal.core.ids import public_id
from lkportal.core.imports import ImportReport, run_import
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.registry.discovery import installed_modules
from lkportal.notify.post.mailbox import serving
from lkportal.testing import crashes, portals
from lkportal.testing.crashes import CrashPoints
from lkportal.testing.databases import database, database_url, keyring, postgres_server, postgres_url, sqlite_url
from lkportal.testing.logs import Logs
from lkportal.testing.mailbox import Mailbox
from lkportal.testing.portals import Recipe
from lkportal.testing.sandbox import SECRET, SandboxDriver, sandbox_process
from lkportal.testing.statements import Statements, counting
from lkportal.testing.templates import Templates
from lkportal.testing.visitors import Program, Visitor, new_program
from lkportal.testing.world import NOON, World

__all__ = [
    "account",
    "anonymous",
    "bring",
    "clock",
    "crash_points",
    "customer",
    "database",
    "database_url",
    "gateway",
    "keyring",
    "logs",
    "mail_server",
    "mailbox",
    "portal",
    "portal_modules",
    "portal_overrides",
    "portal_recipe",
    "portal_templates",
    "portal_url",
    "postgres_server",
    "postgres_url",
    "program",
    "sqlite_url",
    "staff",
    "statements",
    "visit",
    "work_off",
    "world",
]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker of what runs on PostgreSQL known: `-m "not postgres"` leaves it out."""
    config.addinivalue_line("markers", "postgres: needs a real PostgreSQL")


@pytest.fixture(scope="session")
def portal_templates(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Templates]:
    """Migrated databases, made once for a run and copied for each test."""
    made = Templates(tmp_path_factory.mktemp("templates"), lambda: str(request.getfixturevalue("postgres_server")))
    yield made
    made.close()


@pytest.fixture
def portal_modules() -> tuple[Module, ...]:
    """Modules known besides the installed ones: override it to hand in a Module that has no entry point."""
    return ()


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    """Settings laid over those of the tests: override it, such as {"modules": {"enabled": ["payments", "mine"]}}."""
    return {}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def portal_url(
    request: pytest.FixtureRequest,
    portal_templates: Templates,
    portal_modules: tuple[Module, ...],
    tmp_path: Path,
) -> Iterator[str]:
    """The URL of a fresh migrated database: the test runs once on SQLite and once on PostgreSQL.

    For one of them: `@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)`.
    """
    known = [*ROOMS, *installed_modules(portal_modules)]
    with portal_templates.copy(request.param, known, tmp_path / "portal.db") as url:
        yield url


@pytest.fixture
def clock() -> MovableClock:
    """The portal's clock: it stands at a noon in November until the test moves it."""
    return MovableClock(NOON)


@pytest.fixture
def portal_recipe(
    request: pytest.FixtureRequest,
    portal_url: str,
    portal_overrides: Mapping[str, Any],
    portal_modules: tuple[Module, ...],
    mail_server: tuple[str, int, Path],
    tmp_path: Path,
) -> Recipe:
    """How `portal` is made: for tests that make it again, or in another process."""
    layers = [{"mail": {"host": mail_server[0], "port": mail_server[1]}}, _paying(request), portal_overrides]
    return Recipe(portals.settings(portal_url, str(tmp_path), *layers), portal_modules)


@pytest.fixture
def portal(portal_recipe: Recipe, clock: MovableClock) -> Iterator[Portal]:
    """A running portal on a fresh database, without a worker of its own: see `work_off`."""
    with portal_recipe.running(clock) as made:
        yield made


@pytest.fixture
def world(portal: Portal, clock: MovableClock) -> World:
    """What makes accounts, customers and staff in the portal."""
    return World(portal.database, clock, portal.ports)


@pytest.fixture
def account(world: World) -> AccountRef:
    """The account of `customer`."""
    return world.account()


@pytest.fixture
def visit(portal: Portal) -> Iterator[Callable[..., Visitor]]:
    """Make another browser: `visit()`, `visit(actor)`, `visit(actor, account)`; keywords are those of Visitor."""
    with ExitStack() as open_ones:

        def make(*who: Any, **options: Any) -> Visitor:
            visitor = Visitor(portal, **options)
            open_ones.callback(visitor.close)
            return visitor.enter(*who) if who else visitor

        yield make


@pytest.fixture
def anonymous(visit: Callable[..., Visitor]) -> Visitor:
    """A browser of somebody who is not signed in."""
    return visit()


@pytest.fixture
def customer(visit: Callable[..., Visitor], world: World, account: AccountRef) -> Visitor:
    """The browser of a customer who is signed in and owns `account`."""
    return visit(world.customer("anna@example.org", account), account)


@pytest.fixture
def staff(visit: Callable[..., Visitor], world: World) -> Visitor:
    """The browser of an operator of the company, signed in."""
    return visit(world.staff("operator@example.org", "operator"))


@pytest.fixture
def program(portal: Portal, world: World) -> Callable[..., Program]:
    """Give a program a token of the API: `program(actor)` a customer's, `program()` a system's; scopes may follow, else it has all."""

    def made(person: Actor | None = None, *scopes: str, language: str = "en") -> Program:
        return new_program(world, portal, person, scopes, language)

    return made


@pytest.fixture
def bring(portal: Portal, tmp_path: Path) -> Callable[[str, str], ImportReport]:
    """Take a file of the company and return what became of it: `bring("accounts", "account;address\\n0412778215;Lomonosova 14\\n")`."""

    def taken(kind: str, lines: str) -> ImportReport:
        path = tmp_path / f"{public_id()}.csv"
        path.write_text(lines, encoding="utf-8")
        return run_import(portal.database, portal.unit_context(), portal.registry.import_kinds[kind], path)

    return taken


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int, Path]]:
    """A real SMTP server on this machine: its host, its port, the folder it fills. Portals of tests send through it."""
    folder = tmp_path_factory.mktemp("letters")
    with serving(folder) as (host, port):
        yield host, port, folder


@pytest.fixture
def mailbox(mail_server: tuple[str, int, Path]) -> Mailbox:
    """The letters sent since the test began."""
    made = Mailbox(mail_server[2])
    made.clear()
    return made


@pytest.fixture(scope="session")
def gateway() -> Iterator[SandboxDriver]:
    """The sandbox provider as a process of its own. A test that asks for it has a portal that takes payments through it."""
    with sandbox_process() as driver:
        yield driver


@pytest.fixture
def statements(portal: Portal) -> Callable[[], AbstractContextManager[Statements]]:
    """Collect the SQL of a block: `with statements() as seen: ...`, then `len(seen)`, `seen.texts`, `seen.writes`."""
    return lambda: counting(portal.database)


@pytest.fixture
def logs(portal: Portal) -> Iterator[Logs]:
    """What the portal logs."""
    with Logs().of(portal) as collected:
        yield collected


@pytest.fixture
def work_off(portal: Portal) -> Callable[[], int]:
    """Do everything that waits (events, due jobs) and return how many jobs ran: `work_off()`."""
    return lambda: crashes.work_off(portal)


@pytest.fixture
def crash_points(
    request: pytest.FixtureRequest,
    portal_recipe: Recipe,
    portal_templates: Templates,
    tmp_path: Path,
) -> Iterator[CrashPoints]:
    """Run a flow in a process that dies at its k-th statement, commit, provider call or letter, for every k.

    It makes portals of its own, each on a fresh copy of a migrated database like that of `portal_url`.
    """
    kind = "sqlite" if str(request.getfixturevalue("portal_url")).startswith("sqlite") else "postgresql"
    known = [*ROOMS, *installed_modules(portal_recipe.modules)]
    with ExitStack() as copies:

        def make() -> Recipe:
            copies.close()
            file = tmp_path / "crashing.db"
            for leftover in tmp_path.glob("crashing.db*"):
                leftover.unlink()
            url = copies.enter_context(portal_templates.copy(kind, known, file))
            return Recipe(portals.merged(portal_recipe.overrides, {"database": {"url": url}}), portal_recipe.modules)

        yield CrashPoints(make, tmp_path)


def _paying(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """The settings of the sandbox's shop, for tests that ask for `gateway`."""
    if "gateway" not in request.fixturenames:
        return {}
    driver: SandboxDriver = request.getfixturevalue("gateway")
    shop = driver.settings().model_dump(mode="json", exclude={"secret_key"})
    return {"payments": {"gateway": "yookassa", "yookassa": {**shop, "secret_key": SECRET}}}
