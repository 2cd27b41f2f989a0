"""What auth brings: its pages, its jobs, and the ports it fills."""

from __future__ import annotations

from lkportal.auth import handlers
from lkportal.auth.links import Links
from lkportal.auth.minting import Mint
from lkportal.auth.passwords import Passwords
from lkportal.auth.routes import ROUTES
from lkportal.auth.settings import AuthSettings
from lkportal.auth.settings_entries import SETTINGS_ENTRIES
from lkportal.auth.ways import Ways
from lkportal.core.contributions import JobSpec, PortBinding, RouteSpec, Schedule, SettingsEntry, SignInWay
from lkportal.core.hookspecs import hookimpl
from lkportal.core.letters import PageLinks


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def sign_in_ways() -> list[SignInWay]:
    return [
        SignInWay("password", "auth/ways/password.html", order=10),
        SignInWay("code", "auth/ways/code.html", order=20),
    ]


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return SETTINGS_ENTRIES


@hookimpl
def jobs() -> list[JobSpec]:
    return [
        JobSpec("auth.send_confirmation", handlers.send_confirmation),
        JobSpec("auth.send_recovery", handlers.send_recovery),
        JobSpec("auth.send_code", handlers.send_code, attempts=4),
        JobSpec("auth.tell", handlers.tell),
        JobSpec("auth.clear", handlers.clear),
    ]


@hookimpl
def schedules() -> list[Schedule]:
    return [Schedule("auth.clear", "41 3 * * *")]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(AuthSettings, lambda portal: portal.settings_of("auth")),
        PortBinding(Passwords, lambda portal: Passwords(portal.settings_of("auth"))),
        PortBinding(PageLinks, Links),
        PortBinding(Ways, lambda portal: Ways(portal.registry.sign_in_ways, portal.settings_of("auth"))),
        PortBinding(Mint, lambda portal: Mint(portal.settings.secret_key)),
    ]
