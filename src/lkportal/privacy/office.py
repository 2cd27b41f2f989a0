"""What privacy needs of the portal it serves, and the small ports its own pages and jobs ask through."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from jinja2 import Environment

from lkportal.core.clock import Clock
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.module import Module
from lkportal.core.ports import Ports
from lkportal.core.registry.building import Registry
from lkportal.core.settings import Configuration, PortalSettings
from lkportal.core.unit import UnitContext
from lkportal.privacy.settings import PrivacySettings
from lkportal.privacy.texts import Documents, read_documents
from lkportal.theming import AssetIndex, Theme

_log = logging.getLogger(__name__)


class Office(Protocol):
    """Port filled by the portal itself: what jobs and pages of privacy ask of it."""

    @property
    def configuration(self) -> Configuration: ...
    @property
    def settings(self) -> PortalSettings: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def known(self) -> Sequence[Module]:
        """All installed modules: duties towards people do not end when a module is switched off."""
        ...

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ports(self) -> Ports: ...
    @property
    def locales(self) -> Locales: ...
    @property
    def assets(self) -> AssetIndex: ...
    def theme(self, brand: str) -> Theme: ...
    def environment(self, brand: str, locale: Locale, *, html: bool = True) -> Environment: ...
    def locales_of(self, brand: str) -> Locales: ...
    def unit_context(self, request_id: str = "") -> UnitContext: ...


def documents_of(office: Office) -> Documents:
    """Return the portal's documents. While it runs, texts that became unreadable leave the last good ones in force."""
    before = office.ports.find(Documents)
    settings: PrivacySettings = office.registry.settings["privacy"]
    try:
        return read_documents(office.configuration, settings)
    except StartupError as error:
        if before is None:
            raise
        _log.warning("%s The documents read before go on.", error.message)
        return before
