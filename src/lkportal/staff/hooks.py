"""What the desk brings to the portal."""

from __future__ import annotations

from lkportal.core.connecting.exchange import Exchanges
from lkportal.core.contributions import (
    Check,
    DeskSetting,
    JobSpec,
    Listener,
    MenuItem,
    PortBinding,
    Queue,
    RouteSpec,
    Schedule,
    Section,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.staff.approvals.routes import APPROVAL_PAGES
from lkportal.staff.approvals.second_person import Desks
from lkportal.staff.approvals.telling import TELL, tell
from lkportal.staff.behaviour.leaving import LEAVING
from lkportal.staff.behaviour.making import check_document, watch
from lkportal.staff.behaviour.routes import FUNNEL_PAGES
from lkportal.staff.behaviour.summing import SUM_SCHEDULE, SUM_UP
from lkportal.staff.brand.desk import BrandDesk
from lkportal.staff.brand.previews import PREVIEW_PAGES
from lkportal.staff.brand.routes import BRAND_PAGES
from lkportal.staff.brand.routes_words import WORD_PAGES
from lkportal.staff.connections.routes import CONNECTION_PAGES
from lkportal.staff.connections.standing import REFUSED_QUEUE
from lkportal.staff.desk import Desk
from lkportal.staff.effects.routes import EFFECT_PAGES
from lkportal.staff.gate import Gate, check
from lkportal.staff.people.routes import PEOPLE_PAGES
from lkportal.staff.people.routes_everybody import EVERYBODY_PAGES
from lkportal.staff.people.routes_roles import ROLE_PAGES
from lkportal.staff.people.rules import INVITE
from lkportal.staff.people.welcome import WELCOME_ROUTES, send_invitation
from lkportal.staff.queues import QUEUES, SECTIONS
from lkportal.staff.reports.counting import COUNT, COUNT_SCHEDULES
from lkportal.staff.reports.routes import REPORT_PAGES
from lkportal.staff.routes import PAGES
from lkportal.staff.routes_access import ACCESS_PAGES
from lkportal.staff.routes_view import VIEW_PAGES
from lkportal.staff.settings import StaffSettings
from lkportal.staff.switches.own import DESK_SETTINGS
from lkportal.staff.switches.routes import MODULE_PAGES
from lkportal.staff.switches.routes_settings import SETTING_PAGES
from lkportal.web.trust.approving import SecondPerson
from lkportal.web.trust.guard import DeskGate
from lkportal.web.witness import Witness

_MENU = [
    MenuItem("staff:home", text("staff.menu.customers", "Customers"), "users", 10, "accounts.find", group="customers"),
    MenuItem("staff:letters", text("staff.menu.letters", "Letters"), "mail", 40, "accounts.letters", group="texts"),
    MenuItem(
        "staff:first_steps",
        text("staff.menu.first_steps", "First visits"),
        "list",
        70,
        "accounts.find",
        group="customers",
    ),
    MenuItem("staff:approvals", text("staff.menu.approvals", "Approvals"), "circle-check", 70, "staff.approvals"),
    MenuItem("staff:reports", text("staff.menu.reports", "Reports"), "chart-no-axes-column", 72, "staff.reports"),
    MenuItem("staff:people", text("staff.menu.people", "People"), "user", 75, "staff.roles", group="settings"),
    MenuItem("staff:roles", text("staff.menu.roles", "Roles"), "shield-check", 80, "staff.roles", group="settings"),
    MenuItem("staff:brands", text("staff.menu.brands", "Brands"), "pencil", 90, "staff.brand", group="settings"),
    MenuItem(
        "staff:effects", text("staff.menu.effects", "Effects"), "refresh-cw", 85, "staff.effects", group="settings"
    ),
    MenuItem(
        "staff:connections",
        text("staff.menu.connections", "Connections"),
        "refresh-cw",
        86,
        "staff.connections",
        group="settings",
    ),
    MenuItem(
        "staff:settings",
        text("staff.menu.settings", "Settings"),
        "settings",
        96,
        "staff.settings",
        group="settings",
    ),
    MenuItem("staff:modules", text("staff.menu.modules", "Modules"), "settings", 95, "staff.modules", group="settings"),
]


@hookimpl
def routes() -> list[RouteSpec]:
    return WELCOME_ROUTES


@hookimpl
def jobs() -> list[JobSpec]:
    return [
        JobSpec(INVITE, send_invitation, title=text("staff.work.invite", "Sends an invitation to a colleague")),
        JobSpec(TELL, tell, title=text("staff.work.tell", "Writes to those who may agree to a request")),
        COUNT,
        SUM_UP,
    ]


@hookimpl
def listeners() -> list[Listener]:
    return [LEAVING]


@hookimpl
def schedules() -> list[Schedule]:
    return [*COUNT_SCHEDULES, SUM_SCHEDULE]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return [
        *PAGES,
        *MODULE_PAGES,
        *SETTING_PAGES,
        *EFFECT_PAGES,
        *CONNECTION_PAGES,
        *EVERYBODY_PAGES,
        *PEOPLE_PAGES,
        *ROLE_PAGES,
        *VIEW_PAGES,
        *ACCESS_PAGES,
        *APPROVAL_PAGES,
        *BRAND_PAGES,
        *WORD_PAGES,
        *PREVIEW_PAGES,
        *REPORT_PAGES,
        *FUNNEL_PAGES,
    ]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return _MENU


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Desk, lambda portal: portal),
        PortBinding(Exchanges, lambda portal: Exchanges(portal.registry.connectors, portal)),
        PortBinding(Witness, watch),
        PortBinding(BrandDesk, lambda portal: portal),
        PortBinding(DeskGate, lambda portal: Gate(portal.settings_of("staff"))),
        PortBinding(SecondPerson, lambda portal: Desks(portal.settings_of("staff"))),
        PortBinding(StaffSettings, lambda portal: portal.settings_of("staff")),
    ]


@hookimpl
def desk_settings() -> list[DeskSetting]:
    return DESK_SETTINGS


@hookimpl
def queues() -> list[Queue]:
    return [*QUEUES, REFUSED_QUEUE]


@hookimpl
def sections() -> list[Section]:
    return SECTIONS


@hookimpl
def checks() -> list[Check]:
    return [Check("staff.host", check), Check("staff.behaviour", check_document)]
