"""A tiny portal for the tests of the edge: real settings, theme, words and database; people are named by their cookie."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from starlette.testclient import TestClient

from lkportal.core.clock import MovableClock
from lkportal.core.contributions import MenuItem, RouteSpec, WorkerScript
from lkportal.core.db import Database
from lkportal.core.i18n import text
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.logs import json_logger
from lkportal.core.module import Module
from lkportal.core.policy import ANONYMOUS, AccountRef, Actor, Policy
from lkportal.core.ports import Ports
from lkportal.core.settings import PortalSettings
from lkportal.theming import Layer, Theme
from lkportal.theming.faces import Face, Faces, assemble, load_locales
from lkportal.web import Edge, Grant, Guard, Request, RouteGroup, Site
from lkportal.web.cookies import SESSION, read_cookie

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEMPLATES = Path(__file__).parent / "templates"
HTTPS = "https://lk.example.org"
ACCOUNTS = {
    "anna": AccountRef(1, "AnnaAccount00001", "5128", "Лесная, 5", "Europe/Moscow", "RUB", "main", rights=frozenset({"demo.see"})),
    "boris": AccountRef(2, "BorisAccount0002", "7777", "Речная, 7", "Europe/Moscow", "RUB", "main"),
}  # fmt: skip
PEOPLE = {
    "anna": Actor("customer", 1, "AnnaPerson000001", "Анна <b>", session_id=1, stepped_up_at=None),
    "boris": Actor("customer", 2, "BorisPerson00002", "Борис", session_id=2, stepped_up_at=NOW - timedelta(minutes=5)),
    "operator": Actor("staff", 3, "OperatorPerson03", "Ольга", permissions=frozenset({"demo.view"}), session_id=3),
    "clerk": Actor("staff", 4, "ClerkPerson00004", "Клерк", session_id=4),
}


class StubGuard:
    """Knows people by the cookie that holds their name."""

    def __init__(self) -> None:
        self.locale = ""
        self.slots: dict[str, str] = {}

    def authenticate(self, request: Request, policy: Policy) -> Grant:
        who = read_cookie(request, request.site, SESSION).partition("-")[0]
        actor, own = PEOPLE.get(who, ANONYMOUS), ACCOUNTS.get(who)
        account = None
        if policy.on == "account" and own is not None and request.path_params["account"] == own.public_id:
            account = own
        return Grant(actor, account, own, self.locale, slots=self.slots)


@lru_cache(maxsize=1)
def locales() -> Locales:
    return load_locales(("ru", "en"), ())


@lru_cache(maxsize=4)
def faces(assets_url: str = "", root: str = "") -> Faces:
    made = assemble({}, "default", (), {}, assets_url=assets_url, root=root)
    demo_layer = Layer("module", "demo", TEMPLATES)
    return replace(made, faces=tuple(replace(face, layers=(*face.layers, demo_layer)) for face in made.faces))


@dataclass
class House:
    """The portal and its edge. `said` are the lines of its log."""

    settings: PortalSettings
    database: Database
    sites: Sequence[Site]
    menu: Sequence[MenuItem] = ()
    staff_menu: Sequence[MenuItem] = ()
    worker_scripts: Sequence[WorkerScript] = ()
    origins: Sequence[str] = ()
    modules: Sequence[Module] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOW))
    ports: Ports = field(default_factory=Ports)
    guard: StubGuard = field(default_factory=StubGuard)
    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def locales(self) -> Locales:
        return locales()

    def assets_of(self, face: str) -> Any:
        return self.faces.assets

    def draft(self, token: str) -> Site | None:
        return None

    def locales_of(self, brand: str) -> Locales:
        return locales()

    @property
    def faces(self) -> Faces:
        return faces(self.settings.web.assets_url, self.settings.web.root_path)

    @property
    def assets(self) -> Any:
        return self.faces.assets

    def settings_of(self, module: str) -> Any:
        raise LookupError(module)

    def theme(self, brand: str) -> Theme:
        return self.faces.face(brand).theme

    def face(self, brand: str) -> Face:
        return self.faces.face(brand)

    def environment(self, brand: str, locale: Locale) -> Environment:
        return self.faces.environment(brand, locale)

    def lines(self, event: str = "request") -> list[dict[str, Any]]:
        """The log's lines about one kind of event."""
        read = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in read if line["event"] == event]


def build(database: Database, *groups: RouteGroup, public_url: str = HTTPS, **options: Any) -> Edge:
    """Return the edge of a tiny portal with these routes; `options` are settings of [web], or fields of House."""
    portal = {
        name: options.pop(name)
        for name in ("menu", "staff_menu", "worker_scripts", "origins", "sites", "modules")
        if name in options
    }
    settings = PortalSettings.model_validate(
        {"secret_key": "k" * 32, "portal": {"public_url": public_url}, "web": options}
    )
    sites = portal.pop("sites", (Site("main", public_url),))
    house = House(settings, database, sites, **portal)
    house.ports.provide(Guard, house.guard)  # type: ignore[type-abstract]
    return Edge(house, groups, log=json_logger("info", house.stream))


def house_of(edge: Edge) -> House:
    """Return the portal of an edge with its test handles."""
    assert isinstance(edge.portal, House)
    return edge.portal


def demo(*routes: RouteSpec, module: str = "demo", prefix: str = "/demo") -> RouteGroup:
    """Return the routes of a module called demo."""
    return RouteGroup(module, prefix, routes)


def client(edge: Edge, who: str = "", base_url: str = HTTPS, **headers: str) -> TestClient:
    """Return a client of `who` (a name of PEOPLE) that speaks Russian unless told otherwise."""
    cookies: Mapping[str, str] = {f"{'__Host-' if base_url.startswith('https') else ''}{SESSION}": who} if who else {}
    return TestClient(
        edge,
        base_url=base_url,
        cookies=dict(cookies),
        headers={"accept-language": "ru", **headers},
        follow_redirects=False,
        raise_server_exceptions=False,
    )


MENU = (
    MenuItem("demo:list", text("demo.menu.list", "Readings"), "gauge", 10, "demo.see"),
    MenuItem("demo:hidden", text("demo.menu.hidden", "Hidden"), "gauge", 20, "demo.never"),
)
