"""What auth brings: its pages, its jobs, and the ports it fills."""

from __future__ import annotations

from lkportal.auth.links import Links
from lkportal.auth.passwords import Passwords
from lkportal.auth.routes import ROUTES
from lkportal.auth.settings import AuthSettings
from lkportal.core.contributions import PortBinding, RouteSpec
from lkportal.core.hookspecs import hookimpl
from lkportal.core.letters import PageLinks


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(AuthSettings, lambda portal: portal.settings_of("auth")),
        PortBinding(Passwords, lambda portal: Passwords(portal.settings_of("auth"))),
        PortBinding(PageLinks, Links),
    ]
