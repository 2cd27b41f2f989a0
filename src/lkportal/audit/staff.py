"""The auditor's pages: the trail narrowed by person, account, act, thing and days, as a page and as a file; the newest seals checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from lkportal.accounts import queries as accounts
from lkportal.accounts.past import telling
from lkportal.audit import queries, sealer
from lkportal.audit.queries import Asked
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.sheets.writing import CSV, XLSX, Column, Sheet, table_pieces
from lkportal.web import Form, FormModel, Label, Request, ShortText, attachment, page, read_query, route, unit_of_work
from lkportal.web.forms.fields import Day

PAGE_ROWS = 50
MOST_ROWS = 50_000
"""Rows of a file: more are asked for day by day."""
SEALS = 120
_CHUNK = 1_000
_OUTCOMES: dict[str, tuple[str, Text]] = {
    "done": ("ok", text("audit.outcome.done", "done")),
    "refused": ("bad", text("audit.outcome.refused", "refused")),
    "viewed": ("off", text("audit.outcome.viewed", "viewed")),
}


class TrailForm(FormModel):
    """What the trail is narrowed by; `older` is the key of the record a page goes on from."""

    who: Annotated[ShortText, Label(text("audit.trail.who", "Who"))] = ""
    account: Annotated[ShortText, Label(text("audit.trail.account", "Account"))] = ""
    action: Annotated[ShortText, Label(text("audit.trail.action", "What"))] = ""
    target: Annotated[ShortText, Label(text("audit.trail.target", "Object"))] = ""
    outcome: Literal["", "done", "refused", "viewed"] = ""
    days_from: Annotated[Day | None, Label(text("audit.trail.from", "From"))] = None
    days_to: Annotated[Day | None, Label(text("audit.trail.to", "To"))] = None
    older: Annotated[int | None, Field(ge=1)] = None


def trail(request: Request) -> Response:
    """Show the audit trail, newest first, with the state of its seals."""
    form = read_query(request, TrailForm)
    if form.valid and form.data.days_from and form.data.days_to and form.data.days_from > form.data.days_to:
        form.add_error("days_from", text("audit.trail.order", "The last day cannot be before the first."))
    asked = _asked(request, form) if form.valid else Asked(accounts=())
    rows = queries.trail(request.db, asked, PAGE_ROWS + 1)
    chosen = {name: value for name, value in form.values.items() if value and name != "older"}
    return page(
        request,
        "audit/trail.html",
        200 if form.valid else 422,
        form=form,
        lines=[_line(request, row, people) for people in [_people(request.db, rows)] for row in rows[:PAGE_ROWS]],
        actions=_choices(request, form.values.get("action")),
        outcomes=[(name, words) for name, (_, words) in _OUTCOMES.items()],
        chosen=chosen,
        older=rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else None,
        is_first=not form.values.get("older"),
        zone=request.portal.settings.portal.time_zone,
        unsealed=sealer.unsealed_age(request.db, request.portal.clock.now()),
    )


def seals(request: Request) -> Response:
    """Compute the newest seals anew and show whether they hold."""
    return page(
        request,
        "audit/seals.html",
        checked=sealer.check_newest(request.db, SEALS),
        unsealed=sealer.unsealed_age(request.db, request.portal.clock.now()),
        zone=request.portal.settings.portal.time_zone,
    )


def give_csv(request: Request) -> Response:
    """Give what the page shows as CSV."""
    return _file(request, "csv")


def give_xlsx(request: Request) -> Response:
    """Give what the page shows as XLSX."""
    return _file(request, "xlsx")


def _asked(request: Request, form: Form[TrailForm]) -> Asked:
    data, zone = form.data, ZoneInfo(request.portal.settings.portal.time_zone)
    number = "".join(data.account.split())
    found = queries.accounts(request.db, number) if number else None
    return Asked(
        action=data.action,
        outcome=data.outcome,
        target=data.target,
        actors=queries.labels(request.db, data.who) if data.who else None,
        accounts=(found or (number,)) if found is not None else None,
        since=_midnight(data.days_from, zone) if data.days_from else None,
        until=_midnight(data.days_to + timedelta(days=1), zone) if data.days_to else None,
        below=data.older,
    )


def _line(request: Request, row: Any, people: Any) -> dict[str, Any]:
    """Return a record for the page: in words, with the pages of its account and of the thing it was done to."""
    actions = request.portal.ports.get(telling.Actions)
    line = telling.line(row, actions, people, request.actor)
    known, action = request.visit.edge.routes.by_name, actions.titles.get(row.action)
    target = ""
    if action is not None and action.page[0] in known and row.target:
        target = request.url(action.page[0], **{action.page[1]: row.target})
    card = request.url("staff:customer", customer=row.account) if row.account and "staff:customer" in known else ""
    details = ", ".join(_told(request, name, value) for name, value in (row.detail or {}).items())
    return {
        "at": row.at,
        "who": line.by,
        "label": row.actor,
        "for": row.on_behalf_of or "",
        "what": line.what if action is not None else actions.permissions.get(row.action, row.action),
        "code": row.action,
        "outcome": _OUTCOMES.get(row.outcome, ("off", row.outcome)),
        "account": row.number or row.account or "",
        "card": card,
        "target": row.target,
        "page": target,
        "detail": details,
    }


def _told(request: Request, name: str, value: Any) -> str:
    """Return a detail of a record for its reader: money as money, known names in words, others as they were written."""
    if name == "amount" and isinstance(value, int):
        value = request.locale.money(value, request.portal.settings.portal.currency)
    return f"{request.locale.render(_DETAILS[name]) if name in _DETAILS else name}: {value}"


def _people(connection: Connection, rows: Sequence[Any]) -> Any:
    return accounts.people(connection, telling.named(rows))


def _choices(request: Request, chosen: object) -> list[tuple[str, str]]:
    """Return the acts to choose from, by their titles in the reader's language: those of modules that are on, and the one chosen."""
    actions = request.portal.ports.get(telling.Actions)
    offered = {
        name: each for name, each in actions.titles.items() if name == chosen or name.partition(".")[0] in actions.on
    }
    said = ((name, request.locale.render(action.title)) for name, action in offered.items())
    return [("", request.locale.render(_ANYTHING)), *sorted(said, key=lambda pair: pair[1].lower())]


_ANYTHING = text("audit.trail.anything", "Anything")


def _file(request: Request, kind: Literal["csv", "xlsx"]) -> Response:
    form = read_query(request, TrailForm)
    if not form.valid:
        raise NotFound("audit_filters", text("audit.trail.misfit", "These filters do not fit. Choose them anew."))
    asked = replace(_asked(request, form), below=None)
    with unit_of_work(request, on_read=True) as db:
        audit = port(db, AuditLog)  # type: ignore[type-abstract]
        audit.record(db, "audit.exported", outcome="viewed", detail={"form": kind, "action": asked.action[:80]})
    headers = {"content-disposition": attachment(f"audit.{kind}"), "cache-control": "no-store"}
    pieces = table_pieces(
        request.portal.database.reading,
        lambda connection: _sheet(request, _rows(request, connection, asked)),
        kind,
        request.locale.decimal,
    )
    return StreamingResponse(pieces, media_type=CSV if kind == "csv" else XLSX, headers=headers)


def _sheet(request: Request, rows: Iterator[Sequence[Any]]) -> Sheet:
    titles = (_DAY, _TIME, _WHO, _LABEL, _WHAT, _CODE, _OUTCOME, _ACCOUNT, _OBJECT, _DETAIL)
    said = [request.locale.render(each) for each in titles]
    columns = [Column(said[0], "day"), *(Column(each) for each in said[1:])]
    return Sheet(request.locale.render(text("audit.trail.title", "Audit trail")), columns, rows)


def _rows(request: Request, connection: Connection, asked: Asked) -> Iterator[Sequence[Any]]:
    say, given = request.locale.render, 0
    zone = ZoneInfo(request.portal.settings.portal.time_zone)
    while given < MOST_ROWS and (rows := queries.trail(connection, asked, _CHUNK)):
        people = _people(connection, rows)
        for row in rows:
            each, at = _line(request, row, people), row.at.astimezone(zone)
            words = [say(each[name]) for name in ("who", "label", "what", "code")]
            outcome, rest = say(each["outcome"][1]), [each[name] for name in ("account", "target", "detail")]
            yield (at.date(), f"{at:%H:%M:%S}", *words, outcome, *rest)
        given, asked = given + len(rows), replace(asked, below=rows[-1].id)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


_DAY, _TIME = text("audit.column.day", "Day"), text("audit.column.time", "Time")
_WHO, _LABEL = text("audit.trail.who", "Who"), text("audit.column.label", "Who, code")
_WHAT, _CODE = text("audit.trail.action", "What"), text("audit.column.code", "What, code")
_OUTCOME, _ACCOUNT = text("audit.trail.outcome", "Outcome"), text("audit.trail.account", "Account")
_OBJECT, _DETAIL = text("audit.trail.target", "Object"), text("audit.column.detail", "Details")
_DETAILS = {
    "amount": text("audit.detail.amount", "sum"),
    "status": text("audit.detail.status", "answer"),
    "role": text("audit.detail.role", "role"),
    "page": text("audit.detail.page", "page"),
    "reason": text("audit.detail.reason", "reason"),
    "why": text("audit.detail.reason", "reason"),
}
_VIEW = staff("audit.view")
PAGES = [
    route("/", trail, name="trail", policy=_VIEW),
    route("/seals", seals, name="seals", policy=_VIEW, limiter="files"),
    route("/trail.csv", give_csv, name="trail_csv", policy=_VIEW, kind="file", limiter="files"),
    route("/trail.xlsx", give_xlsx, name="trail_xlsx", policy=_VIEW, kind="file", limiter="files"),
]
