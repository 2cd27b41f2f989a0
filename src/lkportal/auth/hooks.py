"""What auth brings: its pages, its jobs, and the ports it fills."""

from __future__ import annotations

from lkportal.auth import handlers
from lkportal.auth.links import Links
from lkportal.auth.minting import Mint
from lkportal.auth.passwords import Passwords
from lkportal.auth.routes import ROUTES
from lkportal.auth.routes_passkeys import sign_in_options
from lkportal.auth.settings import AuthSettings, passkeys_are_on
from lkportal.auth.settings_entries import SETTINGS_ENTRIES
from lkportal.auth.ways import Ways
from lkportal.core.contributions import (
    JobSpec,
    PortBinding,
    RouteSpec,
    Schedule,
    SettingsEntry,
    SignInWay,
    TemplateGlobal,
)
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
        SignInWay("passkey", "auth/ways/passkey.html", order=15, on=passkeys_are_on),
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


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [TemplateGlobal("passkey_options", sign_in_options)]
