"""What the module brings, a line or two each. The reference of hooks lists the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from lkportal import hookimpl
from lkportal.core.contributions import (
    Card,
    DeskSetting,
    DocumentKind,
    JobSpec,
    Listener,
    MenuItem,
    Notice,
    PortBinding,
    RouteSpec,
    Said,
    Schedule,
    Section,
    Shown,
)
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.money import Money
from lkportal.core.reports import SINCE, UNTIL, Chart, Measure, Report
from lkportal.core.request_types import RequestField, RequestType, Subject
from lkportal.core.rest import ApiRoute
from lkportal.core.search import SearchPage, SearchProvider
from lkportal_insurance import imports, queries, search, views
from lkportal_insurance import jobs as work
from lkportal_insurance.api import CALLS
from lkportal_insurance.models import Policy
from lkportal_insurance.routes import ROUTES
from lkportal_insurance.settings import Insurer

_TITLE = text("insurance.title", "Insurance")
_ON_CARD = 4


def policies_card(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the card of the dashboard: policies in force, the one that ends first on top. None where there is none."""
    found = [views.shown(row, shown.today, shown.settings.ending_days) for row in rows["policies"]]
    alive = sorted((each for each in found if each.is_alive), key=lambda each: each.ends_on)
    if not alive:
        return None
    waiting = {row.policy_id: row for row in rows["owed"]}
    return {"policies": [(each, waiting.get(each.id)) for each in alive[:_ON_CARD]], "more": len(alive) > _ON_CARD}


def overdue(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Said | None:
    """Return what presses although the card is put away: a premium whose day has passed."""
    late = next((row for row in rows["owed"] if row.due_on < shown.today), None)
    if late is None:
        return None
    said = text(
        "insurance.card.late", "A premium of %(sum)s is overdue", sum=Money(late.unpaid, shown.account.currency)
    )
    return Said(said, shown.url("insurance:list"), text("insurance.card.open", "See the policy"))


def customers_policies(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the part of a customer's card at the desk, or None where there is no policy."""
    found = [views.shown(row, shown.today, shown.settings.ending_days) for row in rows["policies"]]
    return {"policies": found[:8]} if found else None


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem(
            "insurance:list",
            _TITLE,
            "shield-check",
            45,
            "insurance.view",
            lambda key: select(Policy.id).where(Policy.account_id == key).exists(),
        )
    ]


@hookimpl
def cards() -> list[Card]:
    queried = {"policies": queries.POLICIES, "owed": queries.OWED}
    return [
        Card(
            "insurance.policies", "insurance/card.html", queried, policies_card, 15, "insurance.view",
            title=text("insurance.card.title", "Your policies"), urgent=overdue,
        )
    ]  # fmt: skip


@hookimpl
def sections() -> list[Section]:
    template, queried = "insurance/section_customer.html", {"policies": queries.POLICIES}
    return [
        Section(
            "staff:customer", "insurance.customer", template, queried, customers_policies, 40, "insurance.staff_view"
        )
    ]


@hookimpl
def desk_settings() -> list[DeskSetting]:
    days = text("insurance.setting.days", "days")
    return [
        DeskSetting(
            "bill_days",
            text("insurance.setting.bill", "When a premium becomes a bill"),
            text("insurance.setting.bill_hint", "So long before its day customers can pay it."),
            unit=days,
        ),
        DeskSetting(
            "remind_days",
            text("insurance.setting.remind", "Reminding of the end of a policy"),
            text(
                "insurance.setting.remind_hint",
                "So long before its last day people are told, once on each of these days.",
            ),
            unit=days,
        ),
    ]


@hookimpl
def request_types() -> list[RequestType]:
    events = (
        ("fire", text("insurance.claim.fire", "Fire or explosion")),
        ("water", text("insurance.claim.water", "Water")),
        ("theft", text("insurance.claim.theft", "Theft")),
        ("accident", text("insurance.claim.accident", "Accident")),
        ("illness", text("insurance.claim.illness", "Illness or injury")),
        ("other", text("insurance.claim.other", "Something else")),
    )
    return [
        RequestType(
            "insurance.claim",
            text("insurance.claim.title", "Something happened"),
            text("insurance.claim.hint", "Report an insured event: we say what to do next"),
            "shield-check",
            (
                RequestField("event", text("insurance.claim.event", "What it was"), "choice", options=events),
                RequestField("day", text("insurance.claim.day", "On which day"), "date"),
                RequestField("phone", text("insurance.claim.phone", "Where to call you"), "phone", required=False),
            ),
            text("insurance.claim.about", "What happened, and what was damaged. Photos help."),
            answer_hours=4,
            solve_hours=80,
            urgent=True,
            order=15,
        )
    ]


@hookimpl
def request_subjects() -> list[Subject]:
    return search.SUBJECTS


@hookimpl
def document_kinds() -> list[DocumentKind]:
    title, hint = (
        text("insurance.document", "Policy"),
        text("insurance.document_hint", "What is insured, against what, until when"),
    )
    return [DocumentKind("insurance.policy", title, hint, "shield-check", order=25)]


@hookimpl
def search_providers() -> list[SearchProvider]:
    return search.PROVIDERS


@hookimpl
def search_pages() -> list[SearchPage]:
    return search.PAGES


@hookimpl
def import_kinds() -> list[ImportKind]:
    return imports.KINDS


@hookimpl
def listeners() -> list[Listener]:
    return list(work.LISTENERS)


@hookimpl
def jobs() -> list[JobSpec]:
    return list(work.JOBS)


@hookimpl
def schedules() -> list[Schedule]:
    return list(work.SCHEDULES)


@hookimpl
def notices() -> list[Notice]:
    return [work.ENDING]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Insurer, Insurer)]


@hookimpl
def reports() -> list[Report]:
    begun = Measure(
        "insurance.begun",
        select(Policy.kind.label("part"), func.count().label("amount"))
        .where(Policy.starts_on >= SINCE, Policy.starts_on < UNTIL)
        .group_by(Policy.kind),
    )
    chart = Chart(
        "insurance.begun", text("insurance.report.begun", "Policies begun, by kind"), (begun.name,), labels=views.KINDS
    )
    lead = text("insurance.report.lead", "How many policies begin each month.")
    return [Report("insurance", _TITLE, lead, (begun,), (chart,), right="insurance.reports")]
