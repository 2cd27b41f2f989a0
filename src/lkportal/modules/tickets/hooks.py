"""What tickets bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import (
    Card,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    Queue,
    RouteSpec,
    Schedule,
    Section,
    TemplateGlobal,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.request_types import RequestType
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.modules.tickets import queries
from lkportal.modules.tickets import search as found
from lkportal.modules.tickets.asking import ask_about
from lkportal.modules.tickets.cards import desk_section, pressing, waiting_card
from lkportal.modules.tickets.contract import TicketsOutside
from lkportal.modules.tickets.desk import queries as desk
from lkportal.modules.tickets.desk.routes import STAFF_PAGES
from lkportal.modules.tickets.jobs import JOBS, SCHEDULES
from lkportal.modules.tickets.live import Threads
from lkportal.modules.tickets.notices import NOTICES
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.outside import Outside
from lkportal.modules.tickets.routes import ROUTES
from lkportal.modules.tickets.routing import LISTENERS, ROUTING_JOBS
from lkportal.modules.tickets.types import TYPES


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return STAFF_PAGES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("tickets:list", text("tickets.menu", "Requests"), "message-square", 60, "tickets.view")]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem("tickets:queue", text("tickets.desk.menu", "Requests"), "message-square", 20, "tickets.staff_view")
    ]


@hookimpl
def request_types() -> list[RequestType]:
    return list(TYPES)


@hookimpl
def cards() -> list[Card]:
    return [
        Card(
            "tickets.waiting",
            "tickets/card_waiting.html",
            {"tickets": queries.CARD},
            waiting_card,
            order=30,
            action="tickets.view",
            column="side",
            urgent=pressing,
        )
    ]


@hookimpl
def sections() -> list[Section]:
    return [
        Section(
            "staff:customer",
            "tickets.customer",
            "tickets/desk/section_customer.html",
            {"tickets": desk.OF_ACCOUNT},
            desk_section,
            order=10,
            action="tickets.staff_view",
        )
    ]


@hookimpl
def queues() -> list[Queue]:
    return [
        Queue(
            "tickets.new",
            text("tickets.desk.queue", "Requests nobody has answered"),
            "tickets:queue",
            desk.WAITING,
            "tickets.staff_view",
            late_hours=8,
            order=10,
        )
    ]


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [TemplateGlobal("ask_about", ask_about)]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Threads, Threads),
        PortBinding(Office, Office),
        PortBinding(TicketsOutside, lambda portal: Outside(Office(portal))),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*JOBS, *ROUTING_JOBS]


@hookimpl
def listeners() -> list[Listener]:
    return list(LISTENERS)


@hookimpl
def schedules() -> list[Schedule]:
    return list(SCHEDULES)


@hookimpl
def notices() -> list[Notice]:
    return list(NOTICES)


@hookimpl
def search_providers() -> list[SearchProvider]:
    return found.PROVIDERS


@hookimpl
def search_pages() -> list[SearchPage]:
    return found.PAGES
