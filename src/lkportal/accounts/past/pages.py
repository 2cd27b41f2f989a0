"""The page of the history and its files. A page goes on from the act it ended with, so new acts never shift it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from lkportal.accounts import queries
from lkportal.accounts.contract import AccountHistory, ActsAsked
from lkportal.accounts.past import asking
from lkportal.accounts.past import telling as history
from lkportal.accounts.past.asking import HistoryForm
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import on_account
from lkportal.core.sheets.writing import CSV, XLSX, Cell, Column, Sheet, table_pieces
from lkportal.web import Form, Request, attachment, page, read_query, route

ROWS, CHUNK, MOST = 30, 500, 50_000


def show_history(request: Request) -> Response:
    """Show what was done on the account, newest first, as far as the filters let it through."""
    form = _form(request)
    wanted, log = _asked(request, form), _log(request)
    rows = log.acts(request.db, wanted, ROWS + 1) if form.valid else []
    shown, older, newer = _leafed(rows, wanted)
    pairs = log.doers(request.db, wanted)
    actions = request.portal.ports.get(history.Actions)
    people = queries.people(request.db, history.named(shown) | {row.actor.partition(":")[2] for row in pairs})
    return page(
        request,
        "accounts/history.html",
        200 if form.valid else 422,
        form=form,
        lines=history.lines(history.told(shown, actions), actions, people, request.actor),
        choices=asking.choices(pairs, form.parsed, actions, people, request.actor),
        chosen=_chosen(form),
        older=older,
        newer=newer,
        looks_url=_looks_url(request),
    )


def give_csv(request: Request) -> Response:
    """Give the history as CSV, narrowed as the page is."""
    return _file(request, "csv")


def give_xlsx(request: Request) -> Response:
    """Give the history as a workbook, narrowed as the page is."""
    return _file(request, "xlsx")


def _form(request: Request) -> Form[HistoryForm]:
    form = read_query(request, HistoryForm)
    if form.valid and asking.is_turned(form.data):
        form.add_error("until", text("accounts.history.order", "The last day cannot be before the first."))
    return form


def _log(request: Request) -> AccountHistory:
    return request.portal.ports.get(AccountHistory)  # type: ignore[type-abstract]


def _asked(request: Request, form: Form[HistoryForm]) -> ActsAsked:
    account, actions = request.own_account, request.portal.ports.get(history.Actions)
    hidden = asking.hidden_from(actions, account.rights)
    return asking.asked(form.data if form.valid else HistoryForm(), account, request.actor, hidden)


def _leafed(rows: Sequence[Any], wanted: ActsAsked) -> tuple[Sequence[Any], str, str]:
    """Return the rows of a page, newest first, and where the older and the newer page go on from ("" when there is none)."""
    more = len(rows) > ROWS
    shown = rows[:ROWS]
    if wanted.newer:
        shown = shown[::-1]
        return shown, shown[-1].public_id if shown else "", shown[0].public_id if more else ""
    return shown, shown[-1].public_id if more else "", shown[0].public_id if wanted.older and shown else ""


def _chosen(form: Form[HistoryForm]) -> dict[str, str]:
    """Return the filters as they are, for links to other pages of the list and to its files."""
    return {name: str(form.value(name)) for name in ("kind", "who", "since", "until") if form.value(name)}


def _looks_url(request: Request) -> str:
    """Return where it stands who of the company looked, "" when there is no such page."""
    return request.url("privacy:access") if "privacy:access" in request.visit.edge.routes.by_name else ""


def _file(request: Request, kind: str) -> Response:
    form = _form(request)
    if not form.valid:
        raise NotFound(
            "history_filters", text("accounts.history.misfit", "These filters do not fit. Choose them anew.")
        )
    name = request.locale.render(text("accounts.history.file", "History %(number)s", number=request.own_account.number))
    headers = {"content-disposition": attachment(f"{name}.{kind}"), "cache-control": "no-store"}
    wanted = _asked(request, form)
    pieces = table_pieces(
        request.portal.database.snapshot,
        lambda connection: _sheet(request, _rows(request, connection, wanted)),
        kind,
        request.locale.decimal,
    )
    return StreamingResponse(pieces, media_type=CSV if kind == "csv" else XLSX, headers=headers)


def _sheet(request: Request, rows: Iterator[Sequence[Cell]]) -> Sheet:
    say = request.locale.render
    columns = [
        Column(say(text("accounts.history.column_day", "Day")), "day"),
        Column(say(text("accounts.history.column_time", "Time"))),
        Column(say(text("accounts.history.column_what", "What was done"))),
        Column(say(text("accounts.history.column_sum", "Sum")), "money"),
        Column(say(text("accounts.history.column_who", "By whom"))),
        Column(say(text("accounts.history.column_via", "Through what"))),
        Column(say(text("accounts.history.column_outcome", "Outcome"))),
    ]
    return Sheet(say(text("accounts.history.sheet", "History")), columns, rows)


def _rows(request: Request, connection: Connection, wanted: ActsAsked) -> Iterator[Sequence[Cell]]:
    actions, log, say = request.portal.ports.get(history.Actions), _log(request), request.locale.render
    zone, wanted, given = ZoneInfo(request.own_account.time_zone), replace(wanted, older="", newer=""), 0
    while given < MOST and (rows := log.acts(connection, wanted, CHUNK)):
        people = queries.people(connection, history.named(rows))
        for row in history.told(rows, actions):
            line = history.line(row, actions, people, request.actor)
            at = line.at.astimezone(zone)
            who, via, note = say(line.by), say(line.via), say(line.note or history.DONE)
            yield (at.date(), f"{at:%H:%M:%S}", say(line.what), line.amount, who, via, note)
        given, wanted = given + len(rows), replace(wanted, older=rows[-1].public_id)


_VIEW = on_account("accounts.view")
PAST_ROUTES = [
    route("/home/{account}/history", show_history, name="history", policy=_VIEW),
    route("/home/{account}/history.csv", give_csv, name="history_csv", policy=_VIEW, kind="file", limiter="files"),
    route("/home/{account}/history.xlsx", give_xlsx, name="history_xlsx", policy=_VIEW, kind="file", limiter="files"),
]
