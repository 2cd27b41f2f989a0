"""What readings bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import (
    Card,
    ClaimProof,
    DeskSetting,
    GuestPurpose,
    JobSpec,
    MenuItem,
    Notice,
    PortBinding,
    Queue,
    RouteSpec,
    Schedule,
    Section,
    WorkerScript,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.reports import Report
from lkportal.core.request_types import Subject
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal.core.tasks import Task, TaskStep
from lkportal.modules.readings import cards as shown
from lkportal.modules.readings import imports, queries
from lkportal.modules.readings import search as found
from lkportal.modules.readings.api import CALLS
from lkportal.modules.readings.at_desk import DESK_SETTINGS, QUEUES
from lkportal.modules.readings.desk.routes import STAFF_PAGES
from lkportal.modules.readings.imports_daily import HOMES, RULES
from lkportal.modules.readings.monthly.jobs import JOBS, SCHEDULES, Calendar
from lkportal.modules.readings.monthly.jobs import NOTICES as TOLD_BY_JOBS
from lkportal.modules.readings.notices import NOTICES
from lkportal.modules.readings.proof import SERIAL
from lkportal.modules.readings.routes import ROUTES
from lkportal.modules.readings.routes_guest import GUEST_PURPOSES
from lkportal.modules.readings.sent_report import READINGS
from lkportal.modules.readings.subjects import SUBJECTS
from lkportal.modules.readings.year.routes import CALENDAR_PURPOSE


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def request_subjects() -> list[Subject]:
    return SUBJECTS


@hookimpl
def search_providers() -> list[SearchProvider]:
    return found.PROVIDERS


@hookimpl
def search_pages() -> list[SearchPage]:
    return found.PAGES


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem("readings:list", text("readings.menu", "Readings"), "gauge", 30, "readings.view", queries.has_meters)
    ]


@hookimpl
def cards() -> list[Card]:
    meters = Card(
        "readings.meters",
        "readings/card_meters.html",
        {"registers": queries.AWAITED, "rules": queries.RULES},
        shown.meters_card,
        order=20,
        action="readings.view",
        column="side",
        title=text("readings.card.meters_title", "Meters and readings of the month"),
        urgent=shown.meters_press,
    )
    consumption = Card(
        "readings.consumption",
        "readings/card_consumption.html",
        {"consumption": queries.CONSUMPTION},
        shown.consumption_card,
        order=30,
        action="readings.view",
        title=text("readings.card.consumption_title", "Consumption by month"),
    )
    return [meters, consumption]


@hookimpl
def desk_settings() -> list[DeskSetting]:
    return DESK_SETTINGS


@hookimpl
def queues() -> list[Queue]:
    return QUEUES


@hookimpl
def sections() -> list[Section]:
    return [
        Section(
            "staff:customer",
            "readings.customer",
            "readings/section_customer.html",
            {"registers": queries.REGISTERS, "latest": queries.LATEST},
            shown.customer_section,
            order=30,
            action="readings.staff_view",
        )
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [imports.METERS, imports.READINGS, HOMES, RULES]


@hookimpl
def claim_proofs() -> list[ClaimProof]:
    return [SERIAL]


@hookimpl
def guest_purposes() -> list[GuestPurpose]:
    return [*GUEST_PURPOSES, CALENDAR_PURPOSE]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Calendar, Calendar),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    return list(JOBS)


@hookimpl
def schedules() -> list[Schedule]:
    return list(SCHEDULES)


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return STAFF_PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("readings:queue", text("readings.desk.menu", "Readings"), "gauge", 35, "readings.review")]


@hookimpl
def worker_scripts() -> list[WorkerScript]:
    return [WorkerScript("readings/worker.js", 10)]


@hookimpl
def notices() -> list[Notice]:
    return [*NOTICES, *TOLD_BY_JOBS]


@hookimpl
def reports() -> list[Report]:
    return [READINGS]


@hookimpl
def tasks() -> list[Task]:
    return [
        Task(
            "readings.task",
            text("readings.task.title", "Send readings"),
            (
                TaskStep("seen", text("readings.task.seen", "Meters seen"), ("readings:list",)),
                TaskStep("sent", text("readings.task.sent", "Readings sent"), ("readings:submit",)),
            ),
            order=20,
        )
    ]


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
