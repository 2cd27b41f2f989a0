"""What documents bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import (
    Card,
    DocumentKind,
    JobSpec,
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
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.modules.documents import queries
from lkportal.modules.documents.api import CALLS
from lkportal.modules.documents.cards import desk_section, pressing, waiting_card
from lkportal.modules.documents.certificates.routes import CERTIFICATE_ROUTES
from lkportal.modules.documents.certificates.seal import Seal
from lkportal.modules.documents.contract import Publishing
from lkportal.modules.documents.desk import queries as desk
from lkportal.modules.documents.desk.routes import STAFF_PAGES
from lkportal.modules.documents.jobs import JOBS, SCHEDULES
from lkportal.modules.documents.kinds import KINDS
from lkportal.modules.documents.notices import NOTICES
from lkportal.modules.documents.office import Office
from lkportal.modules.documents.publishing import Publisher
from lkportal.modules.documents.routes import ROUTES
from lkportal.modules.documents.search import PAGES, PROVIDERS
from lkportal.modules.documents.signing.agreement import Agreements
from lkportal.modules.documents.signing.codes import SEND, send
from lkportal.modules.documents.signing.routes import SIGN_ROUTES


@hookimpl
def routes() -> list[RouteSpec]:
    return [*SIGN_ROUTES, *CERTIFICATE_ROUTES, *ROUTES]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return list(STAFF_PAGES)


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("documents:list", text("documents.title", "Documents"), "file-text", 65, "documents.view")]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem("documents:queue", text("documents.title", "Documents"), "file-text", 25, "documents.staff_view"),
    ]


@hookimpl
def document_kinds() -> list[DocumentKind]:
    return list(KINDS)


@hookimpl
def cards() -> list[Card]:
    return [
        Card(
            "documents.waiting",
            "documents/card_waiting.html",
            {"documents": queries.CARD},
            waiting_card,
            order=20,
            action="documents.view",
            column="side",
            urgent=pressing,
        )
    ]


@hookimpl
def sections() -> list[Section]:
    return [
        Section(
            "staff:customer",
            "documents.customer",
            "documents/desk/section_customer.html",
            {"documents": desk.OF_ACCOUNT},
            desk_section,
            order=15,
            action="documents.staff_view",
        )
    ]


@hookimpl
def queues() -> list[Queue]:
    return [
        Queue(
            "documents.review",
            text("documents.desk.queue", "Documents that wait for us"),
            "documents:queue",
            desk.WAITS,
            "documents.staff_view",
            late_hours=24,
            order=15,
        )
    ]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Office, Office),
        PortBinding(Agreements, Agreements),
        PortBinding(Seal, Seal),
        PortBinding(Publishing, Publisher),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    sending = JobSpec(SEND, send, attempts=4, title=text("documents.work.code", "Sends a code for signing"))
    return [*JOBS, sending]


@hookimpl
def schedules() -> list[Schedule]:
    return list(SCHEDULES)


@hookimpl
def notices() -> list[Notice]:
    return list(NOTICES)


@hookimpl
def search_providers() -> list[SearchProvider]:
    return list(PROVIDERS)


@hookimpl
def search_pages() -> list[SearchPage]:
    return list(PAGES)


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
