"""What surveys bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import (
    Card,
    GuestPurpose,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    Queue,
    RouteSpec,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.reports import Report
from lkportal.modules.surveys import queries
from lkportal.modules.surveys.cards import question_card
from lkportal.modules.surveys.desk.routes import STAFF_PAGES
from lkportal.modules.surveys.handlers import JOBS, LISTENERS, NOTICE
from lkportal.modules.surveys.office import Office
from lkportal.modules.surveys.report import SURVEYS
from lkportal.modules.surveys.routes import GUEST_PURPOSES, RIGHT, ROUTES


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return STAFF_PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("surveys:results", text("surveys.title", "Surveys"), "gauge", 48, "surveys.staff_view")]


@hookimpl
def guest_purposes() -> list[GuestPurpose]:
    return GUEST_PURPOSES


@hookimpl
def cards() -> list[Card]:
    return [
        Card(
            "surveys.question",
            "surveys/card_question.html",
            {"question": queries.CARD},
            question_card,
            order=80,
            action=RIGHT,
            column="side",
            title=text("surveys.card.title", "How did it go?"),
        )
    ]


@hookimpl
def queues() -> list[Queue]:
    return [
        Queue(
            "surveys.low",
            text("surveys.desk.queue", "Low scores that wait for a person"),
            "surveys:low",
            queries.LOW,
            "surveys.staff_view",
            late_hours=48,
            order=15,
        )
    ]


@hookimpl
def reports() -> list[Report]:
    return [SURVEYS]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Office, Office)]


@hookimpl
def listeners() -> list[Listener]:
    return list(LISTENERS)


@hookimpl
def jobs() -> list[JobSpec]:
    return list(JOBS)


@hookimpl
def notices() -> list[Notice]:
    return [NOTICE]
