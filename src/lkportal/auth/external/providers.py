"""Who may vouch for people in this portal, by name: providers of the settings and password sources of modules. Titles for pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from lkportal.auth.external import links
from lkportal.auth.oidc.client import Providers
from lkportal.auth.oidc.presets import Provider
from lkportal.auth.sources.checking import Sources
from lkportal.core.i18n import Text


class VouchingWays:
    """Port filled by auth: all who vouch for people here."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    def title(self, name: str) -> Text | str:
        """Return what people call a provider; the bare name for one that was taken out of the settings."""
        found = self._providers.find(name)
        source = self._portal.ports.get(Sources).find(name)
        return found.provider.title if found else source.title if source else name

    def word(self, name: str) -> str:
        """Return how a session names this way in."""
        found = self._providers.find(name)
        return found.provider.word if found else name

    def linkable(self, kind: str) -> Sequence[Provider]:
        """Return the providers that a person of this kind may link in their settings."""
        return self._providers.of(kind)

    def provers(self, connection: Connection, identity_id: int, *, second: bool) -> Sequence[Provider]:
        """Return the providers at which a person may prove themselves again: linked, and such as tell when they did so.

        `second`: only those whose sign-in is two factors.
        """
        linked = links.providers_of(connection, identity_id) if self._providers else set()
        found = (self._providers.find(name) for name in sorted(linked))
        able = (each.provider for each in found if each is not None and each.provider.dialect == "oidc")
        return [each for each in able if each.table.two_factors or not second]

    @property
    def _providers(self) -> Providers:
        found: Providers = self._portal.ports.get(Providers)
        return found
