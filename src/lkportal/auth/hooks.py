"""What auth brings: its pages, its jobs, and the ports it fills."""

from __future__ import annotations

from lkportal.auth import handlers
from lkportal.auth.at_desk import DESK_SETTINGS
from lkportal.auth.door.ways import Ways
from lkportal.auth.external.providers import VouchingWays
from lkportal.auth.letters.links import Links
from lkportal.auth.oidc.client import Providers
from lkportal.auth.one_time.minting import Mint
from lkportal.auth.origins import DevicesAhead
from lkportal.auth.own.entries import SETTINGS_ENTRIES
from lkportal.auth.own.first_steps import FIRST_STEPS
from lkportal.auth.passkeys.routes import proof_options, sign_in_options
from lkportal.auth.passwords import Passwords
from lkportal.auth.routes import ROUTES
from lkportal.auth.settings import AuthSettings, passkeys_are_on
from lkportal.auth.sources.checking import Sources
from lkportal.auth.sources.ldap_client import LDAP
from lkportal.core.asked.letters import PageLinks
from lkportal.core.asked.vouching import PasswordSourceSpec
from lkportal.core.contributions import (
    DeskSetting,
    FirstStep,
    JobSpec,
    PortBinding,
    RouteSpec,
    Schedule,
    SettingsEntry,
    SignInWay,
    TemplateGlobal,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.tasks import Task, TaskStep
from lkportal.web.trust.known import KnownBrowsers


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def sign_in_ways() -> list[SignInWay]:
    return [
        SignInWay("password", "auth/ways/password.html", order=10),
        SignInWay("code", "auth/ways/code.html", order=20),
        SignInWay("passkey", "auth/ways/passkey.html", order=15, on=passkeys_are_on),
        SignInWay("oidc", "auth/ways/oidc.html", order=60, on=lambda settings: bool(settings.oidc)),
    ]


@hookimpl
def password_sources() -> list[PasswordSourceSpec]:
    return [LDAP]


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [
        TemplateGlobal("passkey_options", sign_in_options),
        TemplateGlobal("passkey_proof_options", proof_options),
        TemplateGlobal("providers_on", lambda request: request.portal.ports.get(Providers)),
        TemplateGlobal("source_on", lambda request, name: request.portal.ports.get(Sources).get(name)[0]),
    ]


@hookimpl
def desk_settings() -> list[DeskSetting]:
    return DESK_SETTINGS


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return SETTINGS_ENTRIES


@hookimpl
def first_steps() -> list[FirstStep]:
    return FIRST_STEPS


@hookimpl
def jobs() -> list[JobSpec]:
    return [
        JobSpec(
            "auth.send_confirmation",
            handlers.send_confirmation,
            title=text("auth.work.send_confirmation", "Sends a link that confirms an address"),
        ),
        JobSpec(
            "auth.send_recovery",
            handlers.send_recovery,
            title=text("auth.work.send_recovery", "Sends a link for a new password"),
        ),
        JobSpec(
            "auth.send_code",
            handlers.send_code,
            attempts=4,
            title=text("auth.work.send_code", "Sends a code for signing in"),
        ),
        JobSpec("auth.tell", handlers.tell, title=text("auth.work.tell", "Tells of a changed sign-in")),
        JobSpec(
            "auth.tell_new_device",
            handlers.tell_new_device,
            title=text("auth.work.tell_new_device", "Tells of a sign-in on a new device"),
        ),
        JobSpec("auth.clear", handlers.clear, title=text("auth.work.clear", "Clears away what has run out")),
    ]


@hookimpl
def schedules() -> list[Schedule]:
    return [Schedule("auth.clear", "41 3 * * *")]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(AuthSettings, lambda portal: portal.settings_of("auth")),
        PortBinding(KnownBrowsers, lambda portal: DevicesAhead(portal.settings_of("auth").device_days)),
        PortBinding(Passwords, lambda portal: Passwords(portal.settings_of("auth"))),
        PortBinding(PageLinks, Links),
        PortBinding(Mint, lambda portal: Mint(portal.settings.secret_key)),
        PortBinding(Ways, Ways.of),
        PortBinding(Providers, Providers),
        PortBinding(Sources, Sources),
        PortBinding(VouchingWays, VouchingWays),
    ]


@hookimpl
def tasks() -> list[Task]:
    return [
        Task(
            "auth.task",
            text("auth.task.title", "Sign in"),
            (
                TaskStep("seen", text("auth.task.seen", "Page of sign-in seen"), ("auth:login",)),
                TaskStep(
                    "proof",
                    text("auth.task.proof", "Code asked for or password typed"),
                    ("auth:sign_in", "auth:code_send"),
                ),
                TaskStep("inside", text("auth.task.inside", "Inside"), ("accounts:home",)),
            ),
            unknown=True,
            order=30,
        )
    ]
