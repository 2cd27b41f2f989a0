"""Brands in another dress: a draft built into faces that one process keeps for a while, and what was published put over the
company's files. Rows stand in store, pages in routes."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from lkportal.core.db import Database
from lkportal.core.language.formats import Locales
from lkportal.core.registry.building import Registry
from lkportal.core.settings import PortalSettings
from lkportal.staff.brand import store
from lkportal.theming import Asset, BrandError
from lkportal.theming.brand.changes import Changes, staged
from lkportal.theming.brand.file import load_book
from lkportal.theming.faces import Faces, redressed
from lkportal.theming.files.assets import ROOT
from lkportal.theming.theme import build_theme
from lkportal.theming.voices import Speech
from lkportal.web import Edge, RouteTable, Site

PURPOSE = "brand-draft"
LASTS = 2 * 3600
"""Seconds a link to a draft works."""
DRESS = "draft-"
_KEPT, _OLDER = 6, 5
_log = logging.getLogger(__name__)


class Live(Protocol):
    """What is swapped as a whole when something is published."""

    @property
    def version(self) -> int: ...
    @property
    def faces(self) -> Faces: ...
    @property
    def speech(self) -> Speech: ...


class Portal(Protocol):
    """What a dress is made of."""

    @property
    def live(self) -> Live: ...
    @property
    def edge(self) -> Edge: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def settings(self) -> PortalSettings: ...
    @property
    def database(self) -> Database: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def brand_folders(self) -> Mapping[str, Path]: ...
    @property
    def sites(self) -> Any: ...


@dataclass(frozen=True)
class Guise:
    """A brand as a draft would have it: its site (with `dress`), faces of it alone, and its words."""

    site: Site
    faces: Faces
    locales: Locales


class DraftFiles:
    """The static files of a guise: those the portal does not serve are served under the draft's own address."""

    def __init__(self, guise: Guise, served: Callable[[str], Any], routes: RouteTable) -> None:
        self._guise, self._served, self._routes = guise, served, routes

    def url(self, name: str, brand: str = "") -> str:
        """Return the address of a file by its plain name."""
        site = self._guise.site
        found = self._guise.faces.assets.url(name, site.key)
        path = found.partition(ROOT)[2]
        if self._served(path) is not None:
            return found
        return self._routes.path("staff:brand_file", {"dress": site.dress, "file": ""}) + path


class Drafts:
    """The guises of one portal: built when first asked for, the least used given up."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._kept: OrderedDict[tuple[int, str], Guise] = OrderedDict()
        self._lock = Lock()

    def link(self, draft: str) -> str:
        """Return the token of a link to a draft, by its public id."""
        return self._portal.edge.signing.sign(PURPOSE, draft)

    def read(self, token: str) -> Guise | None:
        """Return the guise a link shows, or None when it is forged, old, or its draft is gone or cannot be built."""
        public = self._portal.edge.signing.read(PURPOSE, token, LASTS)
        if not isinstance(public, str):
            return None
        with self._portal.database.reading() as connection:
            row = store.draft_by_public_id(connection, public)
        if row is None:
            return None
        try:
            return self.build(row.brand, Changes.of(row.changes))
        except BrandError:
            return None

    def find(self, dress: str) -> Guise | None:
        """Return a guise by its dress: kept here, or built anew from the draft that has it."""
        found = self._kept.get((self._portal.live.version, dress))
        if found is not None:
            return found
        brand = dress.removeprefix(DRESS).rpartition("-")[0]
        with self._portal.database.reading() as connection:
            row = store.draft(connection, brand)
        if row is None or dress != _dress(brand, Changes.of(row.changes)):
            return None
        try:
            return self.build(brand, Changes.of(row.changes))
        except BrandError:
            return None

    def build(self, brand: str, changes: Changes) -> Guise:
        """Return a brand as `changes` would have it. Raises BrandError with a sentence for everything that is wrong."""
        dress, live = _dress(brand, changes), self._portal.live
        key = (live.version, dress)
        found = self._kept.get(key)
        if found is None:
            found = self._made(brand, changes, dress, live)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found

    def _made(self, brand: str, changes: Changes, dress: str, live: Live) -> Guise:
        folder = staged(
            self._portal.brand_folders.get(brand), brand, changes, self._read_file, self._portal.data_dir / "drafts"
        )
        faces = redressed(live.faces, folder, brand, self._portal.settings.portal.theme, self._portal.registry.modules)
        face = faces.faces[0]
        locales = live.speech.locales(face.theme.book, face.layers)
        own = next(site for site in self._portal.sites if site.key == brand)
        site = Site(brand, own.public_url, own.hosts, dress, dress)
        return Guise(site, faces, locales)

    def _read_file(self, name: str) -> bytes:
        with self._portal.database.reading() as connection:
            return store.file(connection, name)

    def asset(self, dress: str, path: str) -> Asset | None:
        """Return a file of a guise, by its hashed name."""
        guise = self.find(dress)
        return guise.faces.assets.lookup(path) if guise else None


def published(
    database: Database, folders: Mapping[str, Path], keys: tuple[str, ...], room: Path, speech: Speech
) -> dict[str, Path]:
    """Return the folder of each brand with what was published put over it. A publication that cannot be built any more (the
    company's files changed under it) is left out for the one before it, with a line in the log: the portal goes on."""
    found = dict(folders)
    with database.reading() as connection:

        def read(name: str) -> bytes:
            return store.file(connection, name)

        for key in keys:
            for row in store.versions(connection, key, _OLDER):
                try:
                    folder = staged(folders.get(key), key, Changes.of(row.changes), read, room)
                    book = load_book(folder, key)
                    build_theme(book)
                    speech.locales(book)
                except (BrandError, KeyError) as wrong:
                    _log.warning("published_brand_unusable brand=%s number=%s: %s", key, row.number, wrong)
                else:
                    found[key] = folder
                    break
    return found


def _dress(brand: str, changes: Changes) -> str:
    return f"{DRESS}{brand}-{changes.digest}"
