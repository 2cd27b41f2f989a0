"""What tokens of one portal may be good for: the scopes of the calls of the modules that are on. A port of the room itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from lkportal.core.registry.building import Registry
from lkportal.core.rest import ApiScope


class Portal(Protocol):
    """What is asked of the portal."""

    @property
    def registry(self) -> Registry: ...


class Scopes:
    """The scopes of one portal."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def of(self, whose: Literal["customers", "systems"]) -> Mapping[str, ApiScope]:
        """Return the scopes that tokens of customers, or of systems, may have, by name, in the order of their modules."""
        found = {each.scope.name: each.scope for own in self._portal.registry.api_routes.values() for each in own}
        return {name: scope for name, scope in found.items() if getattr(scope, whose)}
