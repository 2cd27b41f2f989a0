"""What the HTTP edge needs of a portal, as Protocols, and the records both speak of. The portal itself is made in app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from jinja2 import Environment

from lkportal.core.clock import Clock
from lkportal.core.contributions import MenuItem, WorkerScript
from lkportal.core.db import Database
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.module import Module
from lkportal.core.ports import Ports
from lkportal.core.settings import PortalSettings
from lkportal.theming import Theme
from lkportal.theming.faces import Face


@dataclass(frozen=True, slots=True)
class Site:
    """One brand as the edge sees it: its key, the address customers open, the other hosts it answers on.

    `dress` names a draft that is worn instead of what was published. `theme_version` changes whenever anything of its look or words is published: cached chrome is kept by it.
    """

    key: str
    public_url: str
    hosts: tuple[str, ...] = ()
    theme_version: str = ""
    dress: str = ""

    @property
    def face(self) -> str:
        """What the portal knows the looks of this site by: its brand, or the draft a link shows."""
        return self.dress or self.key

    @property
    def origin(self) -> str:
        """Scheme, host and port of the public address: "https://lk.example.org"."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether customers reach this site by https: decides Secure cookies and HSTS."""
        return self.public_url.startswith("https://")


class StaticFile(Protocol):
    """A file below /static/: theming's Asset."""

    @property
    def path(self) -> str: ...
    @property
    def body(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def gzipped(self) -> bytes | None: ...
    @property
    def immutable(self) -> bool: ...


class Addresses(Protocol):
    """Where the static files of a face are."""

    def url(self, name: str, brand: str = "") -> str:
        """Return the address of a file by its plain name, hash in it."""
        ...


class Assets(Addresses, Protocol):
    """The static files of a portal: theming's AssetIndex, made without a prefix (the edge puts the root path before it)."""

    def has(self, name: str, brand: str = "") -> bool:
        """Whether `url` would find the file."""
        ...

    def lookup(self, path: str) -> StaticFile | None:
        """Return the file that an address below /static/ means."""
        ...

    def is_slow(self, path: str) -> bool:
        """Return whether `lookup` takes milliseconds and belongs into a thread."""
        ...

    def find(self, name: str, brand: str = "") -> StaticFile | None:
        """Return a file by its plain name."""
        ...


class Portal(Protocol):
    """The portal as the edge sees it. Every value may be swapped between requests, none during one."""

    @property
    def settings(self) -> PortalSettings: ...
    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ports(self) -> Ports: ...
    @property
    def locales(self) -> Locales: ...
    def locales_of(self, brand: str) -> Locales:
        """Return the languages of the portal as a brand speaks them."""
        ...

    @property
    def assets(self) -> Assets: ...
    def assets_of(self, face: str) -> Addresses:
        """Return where the static files of a site's face are."""
        ...

    def draft(self, token: str) -> Site | None:
        """Return the site in the dress that a signed link shows, or None."""
        ...

    @property
    def sites(self) -> Sequence[Site]:
        """The brands of the portal, the default one first."""
        ...

    @property
    def menu(self) -> Sequence[MenuItem]:
        """The customer's menu, in order."""
        ...

    @property
    def staff_menu(self) -> Sequence[MenuItem]:
        """The back office's menu, in order."""
        ...

    @property
    def worker_scripts(self) -> Sequence[WorkerScript]:
        """The parts of the service worker, in order."""
        ...

    @property
    def origins(self) -> Sequence[str]:
        """Origins of gateways and identity providers that forms may lead to."""
        ...

    @property
    def refused(self) -> Mapping[str, str]:
        """Sentences, by brand, about brands that were changed and cannot be used: the last good ones go on serving."""
        ...

    @property
    def modules(self) -> Sequence[Module]:
        """All installed modules, on or off: their migrations must be applied."""
        ...

    def settings_of(self, module: str) -> Any:
        """Return the settings of a module that is on."""
        ...

    def theme(self, brand: str) -> Theme:
        """Return the computed look of a brand."""
        ...

    def face(self, brand: str) -> Face:
        """Return a brand with the themes it wears and its layers."""
        ...

    def environment(self, brand: str, locale: Locale) -> Environment:
        """Return the template environment of a brand's chain in a locale."""
        ...
