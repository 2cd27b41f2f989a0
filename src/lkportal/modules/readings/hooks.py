"""What readings bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import (
    Card,
    ClaimProof,
    GuestPurpose,
    MenuItem,
    Notice,
    RouteSpec,
    Section,
    WorkerScript,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.modules.readings import cards as shown
from lkportal.modules.readings import imports, queries
from lkportal.modules.readings.contract import ReadingsSubmitted
from lkportal.modules.readings.notices import submitted_facts
from lkportal.modules.readings.proof import SERIAL
from lkportal.modules.readings.routes import ROUTES
from lkportal.modules.readings.routes_guest import GUEST_PURPOSES


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("readings:list", text("readings.menu", "Readings"), "gauge", 30, "readings.view")]


@hookimpl
def cards() -> list[Card]:
    meters = Card(
        "readings.meters",
        "readings/card_meters.html",
        {"registers": queries.REGISTERS, "rules": queries.RULES},
        shown.meters_card,
        order=20,
        action="readings.view",
        column="side",
    )
    consumption = Card(
        "readings.consumption",
        "readings/card_consumption.html",
        {"consumption": queries.CONSUMPTION},
        shown.consumption_card,
        order=30,
        action="readings.view",
    )
    return [meters, consumption]


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
    return [imports.METERS, imports.READINGS]


@hookimpl
def claim_proofs() -> list[ClaimProof]:
    return [SERIAL]


@hookimpl
def guest_purposes() -> list[GuestPurpose]:
    return GUEST_PURPOSES


@hookimpl
def worker_scripts() -> list[WorkerScript]:
    return [WorkerScript("readings/worker.js", 10)]


@hookimpl
def notices() -> list[Notice]:
    return [
        Notice(
            "readings.submitted",
            ReadingsSubmitted.name,
            "readings.confirmations",
            "readings/notices/submitted",
            submitted_facts,
            action="readings.view",
            route="readings:history",
        )
    ]
