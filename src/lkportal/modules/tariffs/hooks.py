"""What tariffs bring to the portal, a line or two each."""

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
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.request_types import Subject
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.modules.tariffs import imports, queries, search
from lkportal.modules.tariffs.api.calls import CALLS
from lkportal.modules.tariffs.cards import desk_section, services_card, services_press
from lkportal.modules.tariffs.desk import queries as desk
from lkportal.modules.tariffs.desk.offers import OFFER_PAGES
from lkportal.modules.tariffs.desk.routes import STAFF_PAGES
from lkportal.modules.tariffs.equipment import imports as equipment_imports
from lkportal.modules.tariffs.equipment import queries as equipment
from lkportal.modules.tariffs.equipment.views import equipment_card, equipment_press
from lkportal.modules.tariffs.jobs import JOBS, SCHEDULES
from lkportal.modules.tariffs.notices import NOTICES
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.prepaid import jobs as prepaid
from lkportal.modules.tariffs.prepaid import reads
from lkportal.modules.tariffs.promotions import imports as promotions_imports
from lkportal.modules.tariffs.promotions import jobs as promotions_jobs
from lkportal.modules.tariffs.promotions import queries as promotions
from lkportal.modules.tariffs.promotions.views import offers_card
from lkportal.modules.tariffs.routes import ROUTES


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return [*OFFER_PAGES, *STAFF_PAGES]


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("tariffs:services", text("tariffs.menu", "Services"), "list", 25, "tariffs.view")]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem("tariffs:queue", text("tariffs.desk.menu", "Orders"), "list", 25, "tariffs.staff_view"),
        MenuItem("tariffs:offers", text("tariffs.offers.menu", "Offers"), "zap", 26, "tariffs.offers"),
    ]


@hookimpl
def cards() -> list[Card]:
    return [
        Card(
            "tariffs.services",
            "tariffs/card_services.html",
            {"services": reads.CARD},
            services_card,
            order=12,
            action="tariffs.view",
            title=text("tariffs.card.title", "Your services"),
            urgent=services_press,
        ),
        Card(
            "tariffs.offers",
            "tariffs/card_offers.html",
            {"offers": promotions.CARD},
            offers_card,
            order=13,
            action="tariffs.order",
            title=text("tariffs.promotion.title", "Offers for you"),
        ),
        Card(
            "tariffs.equipment",
            "tariffs/card_equipment.html",
            {"devices": equipment.OF_TODAY},
            equipment_card,
            order=14,
            action="tariffs.view",
            column="side",
            title=text("tariffs.equipment.title", "Equipment"),
            urgent=equipment_press,
        ),
    ]


@hookimpl
def listeners() -> list[Listener]:
    return prepaid.LISTENERS


@hookimpl
def sections() -> list[Section]:
    return [
        Section(
            "staff:customer",
            "tariffs.customer",
            "tariffs/desk/section_customer.html",
            {"services": queries.OF_TODAY, "orders": desk.ORDERS_OF_ACCOUNT},
            desk_section,
            order=15,
            action="tariffs.staff_view",
        ),
        Section(
            "staff:customer",
            "tariffs.equipment_at_desk",
            "tariffs/desk/section_equipment.html",
            {"devices": equipment.OF_TODAY},
            equipment_card,
            order=16,
            action="tariffs.staff_view",
        ),
    ]


@hookimpl
def queues() -> list[Queue]:
    return [
        Queue(
            "tariffs.orders",
            text("tariffs.desk.queue", "Orders of services to carry out"),
            "tariffs:queue",
            desk.QUEUE,
            "tariffs.staff_view",
            late_hours=24,
            order=15,
        )
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [*imports.KINDS, promotions_imports.KIND, equipment_imports.KIND]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Office, Office)]


@hookimpl
def jobs() -> list[JobSpec]:
    return [*JOBS, *prepaid.JOBS, *promotions_jobs.JOBS]


@hookimpl
def schedules() -> list[Schedule]:
    return [*SCHEDULES, *prepaid.SCHEDULES, *promotions_jobs.SCHEDULES]


@hookimpl
def notices() -> list[Notice]:
    return [*NOTICES, *prepaid.NOTICES, *promotions_jobs.NOTICES]


@hookimpl
def search_pages() -> list[SearchPage]:
    return search.PAGES


@hookimpl
def search_providers() -> list[SearchProvider]:
    return search.PROVIDERS


@hookimpl
def request_subjects() -> list[Subject]:
    return search.SUBJECTS


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
