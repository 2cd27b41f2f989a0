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
from lkportal.core.imports import ImportKind
from lkportal.core.request_types import RequestType
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.modules.tickets import queries
from lkportal.modules.tickets import search as found
from lkportal.modules.tickets.api.calls import CALLS
from lkportal.modules.tickets.asking import ask_about
from lkportal.modules.tickets.cards import desk_manager, desk_section, pressing, waiting_card
from lkportal.modules.tickets.chat import managers
from lkportal.modules.tickets.chat.imports import MANAGERS
from lkportal.modules.tickets.chat.routes import CHAT_ROUTES
from lkportal.modules.tickets.contract import TicketRatings, TicketsOutside
from lkportal.modules.tickets.desk import queries as desk
from lkportal.modules.tickets.desk.routes import STAFF_PAGES
from lkportal.modules.tickets.jobs import JOBS, SCHEDULES
from lkportal.modules.tickets.live import Threads
from lkportal.modules.tickets.notices import NOTICES, TELLING
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.outside import Outside
from lkportal.modules.tickets.ratings import Ratings
from lkportal.modules.tickets.routes import ROUTES
from lkportal.modules.tickets.routing import LISTENERS, ROUTING_JOBS
from lkportal.modules.tickets.types import TYPES


@hookimpl
def routes() -> list[RouteSpec]:
    return [*CHAT_ROUTES, *ROUTES]


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
        ),
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
        ),
        Section(
            "staff:customer",
            "tickets.manager",
            "tickets/desk/section_manager.html",
            {"manager": managers.OF},
            desk_manager,
            order=11,
            action="tickets.staff_view",
        ),
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
        ),
        Queue(
            "tickets.talks",
            text("tickets.desk.talks", "Conversations that wait for an answer"),
            "tickets:queue",
            desk.UNANSWERED,
            "tickets.staff_view",
            {"show": "talks"},
            late_hours=2,
            order=11,
        ),
    ]


@hookimpl
def template_globals() -> list[TemplateGlobal]:
    return [TemplateGlobal("ask_about", ask_about)]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Threads, Threads),
        PortBinding(Office, Office),
        PortBinding(TicketRatings, lambda portal: Ratings(portal.clock)),
        PortBinding(TicketsOutside, lambda portal: Outside(Office(portal))),
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [MANAGERS]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*JOBS, *ROUTING_JOBS]


@hookimpl
def listeners() -> list[Listener]:
    return [*LISTENERS, *TELLING]


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


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
