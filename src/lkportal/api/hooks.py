"""What the API brings to the portal."""

from __future__ import annotations

from lkportal.api.describing import Descriptions
from lkportal.api.events import CALLS
from lkportal.api.jobs import JOBS, SCHEDULES
from lkportal.api.own import ENTRY, OWN_PAGES, is_on
from lkportal.api.reference import DOCS
from lkportal.api.rest.scopes import Scopes
from lkportal.api.running import Feeds
from lkportal.api.staff import PAGES
from lkportal.api.tokens import SystemTokens
from lkportal.api.webhooks.sending import WEBHOOK_JOBS, WEBHOOK_SCHEDULES, Settings
from lkportal.api.webhooks.staff import WEBHOOK_PAGES
from lkportal.api.webhooks.telling import Telling
from lkportal.core.contributions import JobSpec, MenuItem, PortBinding, RouteSpec, Schedule, SettingsEntry
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.rest import ApiRoute
from lkportal.core.work.outbox import Follower
from lkportal.web.trust.guard import TokenReader


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Follower, lambda _: Telling()),
        PortBinding(Settings, Settings),
        PortBinding(TokenReader, SystemTokens),
        PortBinding(Feeds, Feeds),
        PortBinding(Scopes, Scopes),
        PortBinding(Descriptions, Descriptions),
    ]


@hookimpl
def routes() -> list[RouteSpec]:
    return [*OWN_PAGES, *DOCS]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return [*PAGES, *WEBHOOK_PAGES]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem("api:runs", text("api.menu.runs", "Data from systems"), "inbox", 60, "api.runs"),
        MenuItem(
            "api:tokens", text("api.menu.tokens", "Tokens of systems"), "key-round", 85, "api.tokens", group="settings"
        ),
        MenuItem("api:webhooks", text("api.menu.webhooks", "Webhooks"), "bell", 86, "api.webhooks", group="settings"),
    ]


@hookimpl
def settings_entries() -> list[SettingsEntry]:
    return [SettingsEntry(*ENTRY, order=90, who="customer", on=is_on)]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*JOBS, *WEBHOOK_JOBS]


@hookimpl
def schedules() -> list[Schedule]:
    return [*SCHEDULES, *WEBHOOK_SCHEDULES]


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
