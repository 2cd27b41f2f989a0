"""Everything below /api: the calls of modules, the feed, the description. Programs come here, and are refused in JSON."""

from __future__ import annotations

from collections.abc import Mapping

from lkportal.api.rest.binding import MOUNT, groups
from lkportal.api.routes import ROUTES
from lkportal.api.settings import ApiSettings
from lkportal.core.rest import ApiRoute
from lkportal.web import RouteGroup


def api_groups(calls: Mapping[str, tuple[ApiRoute, ...]], settings: ApiSettings) -> list[RouteGroup]:
    """Return the routes below /api that the settings leave open, by module."""
    own = tuple(each for each in ROUTES if each.on is None or each.on(settings, {}))
    return [RouteGroup("api", MOUNT, own), *(groups(calls) if settings.open else [])]
