"""The composition root: settings -> registry -> ports, faces, routes, worker. Everything of one portal hangs on its Portal;
several can live in one process, each can be mounted under a path of another ASGI application."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from lkportal import accounts, api, audit, auth, notify, privacy, staff
from lkportal.accounts.brands import remember_brands
from lkportal.api.groups import api_groups
from lkportal.core.clock import Clock, SystemClock
from lkportal.core.contributions import MenuItem, WorkerScript
from lkportal.core.databases.connect import connect
from lkportal.core.errors import StartupError
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.logs import json_logger
from lkportal.core.migrating import migrate
from lkportal.core.module import Module
from lkportal.core.objects import kept_by
from lkportal.core.policy import SYSTEM
from lkportal.core.ports import Ports
from lkportal.core.registry.building import Registry, build
from lkportal.core.registry.discovery import installed_modules
from lkportal.core.registry.overlay import Overlay, read_overlay
from lkportal.core.registry.rollouts import Rollout
from lkportal.core.settings import (
    Configuration,
    PortalSettings,
    read_configuration,
    refuse_unknown_environment,
)
from lkportal.core.storage import Storage
from lkportal.core.strangers import Opener
from lkportal.core.unit import UnitContext, open_unit
from lkportal.core.work.wake import WakesWhoWorks, WakeUp
from lkportal.core.work.worker import Worker, choose_engine
from lkportal.privacy.checking import warn_of_gaps
from lkportal.staff.brand.drafts import DRESS, DraftFiles, Drafts, Guise, published
from lkportal.staff.people.matrix import with_company
from lkportal.staff.switches.store import open_module
from lkportal.theming import AssetIndex, Theme
from lkportal.theming.faces import Face, Faces, assemble
from lkportal.theming.voices import Speech, load_speech, voices
from lkportal.web import Edge, RouteGroup, Site
from lkportal.web.portal import Addresses
from lkportal.web.sites import site_of

ROOMS: tuple[Module, ...] = tuple(room.module for room in (auth, accounts, audit, notify, privacy, staff, api))
_STOP_SECONDS = 20


@dataclass(frozen=True)
class Live:
    """What is swapped as a whole when staff switch a module or publish a brand."""

    version: int
    registry: Registry
    faces: Faces
    speech: Speech
    voices: Mapping[str, Locales]
    sites: tuple[Site, ...]
    refused: Mapping[str, str] = field(default_factory=dict)


class Portal:
    """One portal: an ASGI application with its settings, database, registry, brands and worker."""

    def __init__(self, configuration: Configuration, known: Sequence[Module], clock: Clock) -> None:
        self.configuration = configuration
        self.settings: PortalSettings = configuration.settings
        self.clock = clock
        self.known = tuple(known)
        self.data_dir = configuration.path(self.settings.portal.data_dir)
        self.database = connect(configuration)
        self.drafts = Drafts(self)
        self.storage: Storage = kept_by(self.settings.storage, self.data_dir / "files")
        self.opener = Opener(json_logger(self.settings.portal.log_level))
        self.ports = Ports()
        self._swap = threading.Lock()
        self._started = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._worker: Worker | None = None
        self.live = self._build(Overlay())
        self.edge = self._edge(None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer: the server's lifespan starts and stops the portal; mounted in another application, the first request does."""
        if scope["type"] == "lifespan":
            await _lifespan(self, receive, send)
            return
        if not self._started:
            await run_in_threadpool(self.start)
        await self.edge(scope, receive, send)

    @property
    def brand_folders(self) -> Mapping[str, Path]:
        """The folders of the company's brand books by key, as portal.toml names them."""
        named = self.settings.portal
        folders = {"main": named.brand_dir} if named.brand_dir else {}
        return {key: self.configuration.path(folder) for key, folder in {**folders, **named.brands}.items()}

    @property
    def registry(self) -> Registry:
        """The tables of the modules that are on."""
        return self.live.registry

    @property
    def locales(self) -> Locales:
        """The languages of the portal as its default brand speaks them."""
        return self.live.voices[self.live.faces.faces[0].key]

    def locales_of(self, brand: str) -> Locales:
        """Return the languages of the portal as a brand speaks them, or the default one when it is unknown."""
        guise = self._guise(brand)
        return guise.locales if guise else self.live.voices.get(brand) or self.locales

    @property
    def assets(self) -> AssetIndex:
        """The static files of all brands."""
        return self.live.faces.assets

    @property
    def sites(self) -> Sequence[Site]:
        """The brands as the edge sees them, the default one first."""
        return self.live.sites

    @property
    def menu(self) -> Sequence[MenuItem]:
        """The customer's menu."""
        return self.live.registry.menu

    @property
    def staff_menu(self) -> Sequence[MenuItem]:
        """The back office's menu."""
        return self.live.registry.staff_menu

    @property
    def worker_scripts(self) -> Sequence[WorkerScript]:
        """The parts of the service worker."""
        return self.live.registry.worker_scripts

    @property
    def origins(self) -> Sequence[str]:
        """Origins of gateways and identity providers that forms may lead to."""
        return self.live.registry.origins

    @property
    def refused(self) -> Mapping[str, str]:
        """What is wrong, by brand, with a brand that was changed and whose last good form goes on serving."""
        return self.live.refused

    @property
    def modules(self) -> Sequence[Module]:
        """All installed modules, on or off."""
        return self.known

    def theme(self, brand: str) -> Theme:
        """Return the computed look of a brand."""
        return self._faces(brand).face(brand).theme

    def face(self, brand: str) -> Face:
        """Return a brand with the themes it wears and its layers."""
        return self._faces(brand).face(brand)

    def environment(self, brand: str, locale: Locale, *, html: bool = True) -> Environment:
        """Return the templates of a brand in a language, in its own words; `html=False` for letters' plain text."""
        return self._faces(brand).environment(brand, self.locales_of(brand).get(locale.code), html=html)

    def assets_of(self, brand: str) -> Addresses:
        """Return the static files that pages of a brand, or of a draft, link to."""
        guise = self._guise(brand)
        return DraftFiles(guise, self.assets.lookup, self.edge.routes) if guise else self.assets

    def draft(self, token: str) -> Site | None:
        """Return the site in the dress of the draft that a signed link shows; None for any other token."""
        guise = self.drafts.read(token)
        return guise.site if guise else None

    def _guise(self, brand: str) -> Guise | None:
        return self.drafts.find(brand) if brand.startswith(DRESS) else None

    def _faces(self, brand: str) -> Faces:
        guise = self._guise(brand)
        return guise.faces if guise else self.live.faces

    def settings_of(self, module: str) -> Any:
        """Return the settings of a module that is on."""
        return self.live.registry.settings[module]

    def unit_context(self, request_id: str = "") -> UnitContext:
        """Return the circumstances of work the portal does by itself: commands, seeds, boot."""
        return UnitContext(self.clock, SYSTEM, request_id, self.ports)

    def remember_brands(self) -> None:
        """Write the brands into the database, so that accounts can belong to them."""
        with open_unit(self.database, self.unit_context("brands")) as db:
            remember_brands(db, [(face.key, face.theme.book) for face in self.live.faces.faces])

    def start(self, *, in_web: bool = True) -> None:
        """Check the schema, remember the brands, take up the stored overlay, start the worker. Safe to call twice.

        `in_web=False` starts no worker beside the web: for the process that is the worker itself.
        """
        with self._swap:
            if self._started:
                return
            migrate.demand_current(self.database, self.known, self.registry.modules)
            warn_of_gaps(self, self.edge.log)
            self.remember_brands()
            with self.database.reading() as connection:
                stored = read_overlay(connection)
            if stored.version != self.live.version:
                self._take_up(stored)
            if in_web and self.settings.jobs.in_web:
                self._start_worker()
            self._started = True

    def stop(self) -> None:
        """Stop the worker and close the database."""
        self._stop.set()
        if self._worker is not None:
            self._worker.wake()
        if self._thread is not None:
            self._thread.join(_STOP_SECONDS)
        self._thread, self._started, self._stop = None, False, threading.Event()
        self.edge.put_away()
        self.database.close()

    def worker(self) -> Worker:
        """Return the worker of this portal, made when first asked for."""
        if self._worker is None:
            jobs, registry = self.settings.jobs, self.live.registry
            self._worker = Worker(
                self.database,
                self.clock,
                registry.listeners,
                registry.jobs,
                registry.schedules,
                self.ports,
                choose_engine(jobs.engine, self.database),
                ZoneInfo(self.settings.portal.time_zone),
                threads=jobs.threads,
                keep=timedelta(days=jobs.keep_days),
                at_beat=self.follow,
            )
        return self._worker

    def see_version(self, version: int) -> None:
        """Take up the stored overlay when its version, read with a session row, is not the one this process runs by."""
        if version == self.live.version or not self._started:
            return
        with self._swap:
            with self.database.reading() as connection:
                stored = read_overlay(connection)
            if stored.version != self.live.version:
                self._take_up(stored)

    def follow(self) -> None:
        """Take up what staff changed: the worker asks with every beat, the web with every session row or every few seconds."""
        with self.database.reading() as connection:
            version = read_overlay(connection).version
        self.see_version(version)

    def switch_module(self, name: str, *, on: bool, reason: str = "") -> None:
        """Switch a module on for everybody, or off, for every process. Raises StartupError when the rest cannot do so."""
        module = next((each for each in self.known if each.name == name), None)
        if module is None or module.always_on:
            known = ", ".join(each.name for each in self.known if not each.always_on)
            raise StartupError("module_unknown", f"There is no module {name!r} to switch. Modules: {known}.")
        rollout = Rollout("all" if on else "off")
        with self.database.reading() as connection:
            before = read_overlay(connection)
        self.registry_under(before.opened(name, rollout))
        with open_unit(self.database, self.unit_context("switch")) as db:
            open_module(db, name, rollout, before.rollout(name), reason)

    def registry_under(self, overlay: Overlay, *, strict: bool = False) -> Registry:
        """Fills the port Desk."""
        opened = (overlay.off, overlay.rollouts, overlay.values)
        return with_company(build(self.configuration, self.known, *opened, strict=strict), overlay)

    def _take_up(self, overlay: Overlay) -> None:
        try:
            self.live = self._build(overlay)
        except StartupError as error:  # what serves goes on: a page is never broken by a file somebody edits
            self.live = replace(self.live, version=overlay.version, refused={"": str(error.message)})
        self.edge = self._edge(self.edge)
        for brand, said in self.live.refused.items():
            self.edge.log.warning("brand_refused", brand=brand, problem=said)
        if self._worker is not None:
            registry = self.live.registry
            self._worker.take_up(registry.listeners, registry.jobs, registry.schedules)

    def _build(self, overlay: Overlay) -> Live:
        portal, web = self.settings.portal, self.settings.web
        registry = self.registry_under(overlay)
        before: Live | None = getattr(self, "live", None)
        speech = load_speech(portal.languages, self.known, portal.country)
        brands = self.brand_folders
        if overlay.version:
            brands = published(self.database, brands, tuple(brands) or ("main",), self.data_dir / "brands", speech)
        faces = assemble(
            brands,
            portal.theme,
            registry.modules,
            registry.template_globals,
            assets_url=web.assets_url,
            root=web.root_path,
            bytecode=self.configuration.path(web.compiled_dir) if web.compiled_dir else None,
            keep=before.faces if before else None,
            strict=portal.demo or web.gallery,
        )
        refused = dict(faces.refused)
        worn = [(face.theme.book, face.layers) for face in faces.faces]
        said = voices(speech, worn, before.voices if before else None, refused.setdefault)
        sites = tuple(site_of(f.key, f.theme, overlay.version, portal, first=not n) for n, f in enumerate(faces.faces))
        return Live(overlay.version, registry, faces, speech, said, sites, refused)

    def _edge(self, keep: Edge | None) -> Edge:
        filled = Ports()
        filled.provide(Storage, self.storage)  # type: ignore[type-abstract]
        filled.provide(Opener, self.opener)
        filled.provide(WakeUp, WakesWhoWorks(lambda: self._worker))  # type: ignore[type-abstract]
        for binding in self.live.registry.ports:
            filled.provide(binding.protocol, binding.factory(self))
        self.ports.take_over(filled)
        return Edge(self, _groups(self.live.registry), keep=keep)

    def _start_worker(self) -> None:
        worker = self.worker()
        self._thread = threading.Thread(target=worker.run, args=(self._stop,), name="lkportal-worker", daemon=True)
        self._thread.start()


def create_app(
    config: Path | str | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    modules: Sequence[Module] = (),
    clock: Clock | None = None,
) -> Portal:
    """Return the portal described by `config` (portal.toml), with `overrides` on top: an ASGI application.

    `modules` are known besides the installed ones. Raises StartupError with file, key and cure when it cannot be built.
    """
    configuration = read_configuration(Path(config) if config else None, overrides)
    known = [*ROOMS, *installed_modules(modules)]
    refuse_unknown_environment(module.name for module in known)
    return Portal(configuration, known, clock or SystemClock())


@asynccontextmanager
async def running(portal: Portal) -> AsyncIterator[Portal]:
    """Run a portal for the length of a block: for the lifespan of an application it is mounted in."""
    await run_in_threadpool(portal.start)
    try:
        yield portal
    finally:
        await run_in_threadpool(portal.stop)


async def _lifespan(portal: Portal, receive: Receive, send: Send) -> None:
    await receive()
    try:
        await run_in_threadpool(portal.start)
    except StartupError as error:
        await send({"type": "lifespan.startup.failed", "message": str(error.message)})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await run_in_threadpool(portal.stop)
    await send({"type": "lifespan.shutdown.complete"})


def _groups(registry: Registry) -> list[RouteGroup]:
    """Return the routes of all modules: customers' under the module's prefix, the desk's under /staff, programs' under /api."""
    groups = [
        RouteGroup(m.name, m.prefix, registry.routes[m.name]) for m in registry.modules if m.name in registry.routes
    ]
    for name, pages in registry.staff_pages.items():
        groups.append(RouteGroup(name, "/staff" if name == "staff" else f"/staff/{name}", pages))
    calls = api_groups(registry.api_routes, registry.settings["api"]) if registry.is_on("api") else []
    return [*groups, *calls]
