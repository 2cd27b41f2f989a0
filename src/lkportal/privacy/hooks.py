"""What privacy brings to the portal."""

from __future__ import annotations

from lkportal.accounts.contract import Duties
from lkportal.core.contributions import (
    Card,
    Check,
    Command,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    RouteSpec,
    Schedule,
    SettingsEntry,
    TemplateGlobal,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.privacy import erasing, exports, retaining
from lkportal.privacy import notices as told
from lkportal.privacy.cards import ASKING, consent_documents, consent_wording
from lkportal.privacy.checking import changed_texts, undeclared
from lkportal.privacy.commands import privacy
from lkportal.privacy.consents import Given, Required
from lkportal.privacy.contract import Consents
from lkportal.privacy.office import Office, documents_of
from lkportal.privacy.routes import ROUTES
from lkportal.privacy.staff import PAGES
from lkportal.privacy.texts import Documents


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def cards() -> list[Card]:
    return [ASKING]


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [
        TemplateGlobal("consent_wording", consent_wording),
        TemplateGlobal("consent_documents", consent_documents),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*exports.JOBS, erasing.JOB, retaining.JOB]


@hookimpl
def schedules() -> list[Schedule]:
    return [*exports.SCHEDULES, retaining.NIGHTLY]


@hookimpl
def listeners() -> list[Listener]:
    return told.LISTENERS


@hookimpl
def notices() -> list[Notice]:
    return told.NOTICES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem(
            "privacy:requests",
            text("privacy.staff.menu", "Personal data"),
            "file-text",
            70,
            "privacy.requests",
            group="customers",
        )
    ]


@hookimpl
def commands() -> list[Command]:
    return [Command("privacy", privacy)]


@hookimpl
def checks() -> list[Check]:
    return [Check("privacy.declared", undeclared), Check("privacy.texts", changed_texts)]


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return [
        SettingsEntry(
            "privacy:home",
            text("privacy.entry.title", "Your personal data"),
            text("privacy.entry.hint", "Consents, a copy of your data, who looked, erasure"),
            "file-text",
            order=80,
            who="customer",
            group="data",
        )
    ]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Office, lambda portal: portal),
        PortBinding(Documents, documents_of),
        PortBinding(Consents, lambda portal: Given(documents_of(portal))),
        PortBinding(Duties, lambda portal: Required(documents_of(portal))),
    ]
