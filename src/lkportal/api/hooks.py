"""What the API brings to the portal."""

from __future__ import annotations

from lkportal.api.jobs import JOBS, SCHEDULES
from lkportal.api.own import ENTRY, OWN_PAGES, is_on
from lkportal.api.rest.scopes import Scopes
from lkportal.api.running import Feeds
from lkportal.api.staff import PAGES
from lkportal.api.tokens import SystemTokens
from lkportal.core.contributions import JobSpec, MenuItem, PortBinding, RouteSpec, Schedule, SettingsEntry
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.web.trust.guard import TokenReader


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(TokenReader, SystemTokens), PortBinding(Feeds, Feeds), PortBinding(Scopes, Scopes)]


@hookimpl
def routes() -> list[RouteSpec]:
    return OWN_PAGES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem("api:runs", text("api.menu.runs", "Data from systems"), "inbox", 60, "api.runs"),
        MenuItem("api:tokens", text("api.menu.tokens", "Tokens of systems"), "key-round", 85, "api.tokens"),
    ]


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return [SettingsEntry(*ENTRY, order=90, who="customer", on=is_on)]


@hookimpl
def jobs() -> list[JobSpec]:
    return JOBS


@hookimpl
def schedules() -> list[Schedule]:
    return SCHEDULES
