"""Pages of the desk about systems: their tokens, what they and files brought, the rejected rows to download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from lkportal.api import queries, tokens
from lkportal.api.forms import TokenForm
from lkportal.api.reference import is_on
from lkportal.api.rest.scopes import Scopes
from lkportal.api.running import Feeds
from lkportal.api.settings import ApiSettings
from lkportal.core.i18n import text
from lkportal.core.imports import rejects_csv
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.web import (
    Form,
    Request,
    attachment,
    empty_form,
    page,
    read_form,
    redirect,
    route,
    unit_of_work,
)

PAGE_ROWS = 50
_YEAR = "365"


def show_tokens(request: Request) -> Response:
    """Show the tokens of systems."""
    now = request.portal.clock.now()
    docs = is_on(request.settings_of("api", ApiSettings))
    rows = [(row, _state(row, now), _titles(request, row.rights)) for row in tokens.everything(request.db)]
    return page(request, "api/tokens.html", rows=rows, zone=_zone(request), docs=docs)


def adding(request: Request) -> Response:
    """Show the form for a new token."""
    return _form(request, empty_form(TokenForm))


def add(request: Request) -> Response:
    """Make a token and show its secret, this once."""
    form = read_form(request, TokenForm)
    known, calls = _kinds(request), request.portal.ports.get(Scopes).of("systems")
    if form.valid and not (form.data.kinds or form.data.scopes):
        form.add_error("kinds", text("api.token.nothing", "Choose what it may push or call."))
    if not form.valid or not (set(form.data.kinds) <= set(known) and set(form.data.scopes) <= set(calls)):
        return _form(request, form, 422)
    data = form.data
    try:
        with unit_of_work(request) as db:
            secret, _ = tokens.add(
                db, data.name, data.kinds, days=data.days, networks=data.networks.split(), scopes=data.scopes
            )
    except tokens.NoNetwork as error:
        form.add_error("networks", error.words)
        return _form(request, form, 422)
    return page(request, "api/token_made.html", name=data.name, secret=secret, kind=next(iter(data.kinds), ""))


def revoke(request: Request) -> Response:
    """Take a token back."""
    with unit_of_work(request) as db:
        tokens.revoke(db, str(request.path_params["system"]))
    return redirect(request, "api:tokens", tokens.REVOKED)


def show_runs(request: Request) -> Response:
    """Show what files and systems brought."""
    number = request.page_number
    rows = queries.brought(request.db, PAGE_ROWS + 1, (number - 1) * PAGE_ROWS)
    return page(
        request,
        "api/runs.html",
        rows=rows[:PAGE_ROWS],
        open_ones=queries.unfinished(request.db) if number == 1 else (),
        titles=_kinds(request),
        page_number=number,
        more=len(rows) > PAGE_ROWS,
        zone=_zone(request),
    )


def download(request: Request) -> Response:
    """Give the rejected rows of an import as a CSV file. Rows name people: that they were read is written down."""
    found = queries.one(request.db, str(request.path_params["brought"]))
    with unit_of_work(request, on_read=True) as db:
        audit = port(db, AuditLog)  # type: ignore[type-abstract]
        audit.record(db, "api.rejects_read", target=str(request.path_params["brought"]), outcome="viewed")
    database, render = request.portal.database, request.locale.render

    def pieces() -> Iterator[str]:
        with database.snapshot() as connection:
            yield from rejects_csv(connection, found.id, render)

    name = f"{found.kind}-{found.updated_at:%Y-%m-%d}-rejects.csv"
    headers = {"content-disposition": attachment(name), "cache-control": "no-store"}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


def _form(request: Request, form: Form[TokenForm], status: int = 200) -> Response:
    kinds = [(name, kind.title, name) for name, kind in sorted(_kinds(request).items())]
    calls = [(name, scope.title, name) for name, scope in request.portal.ports.get(Scopes).of("systems").items()]
    return page(request, "api/token_add.html", status=status, form=form, kinds=kinds, scopes=calls, days=_YEAR)


def _state(row: Any, now: Any) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "over" if row.expires_at <= now else "good"


def _titles(request: Request, rights: list[str]) -> list[Any]:
    known = {tokens.right_of(name): kind for name, kind in _kinds(request).items()}
    titled = {**known, **request.portal.ports.get(Scopes).of("systems")}
    return [titled[right].title if right in titled else right for right in rights]


def _kinds(request: Request) -> Any:
    return request.portal.ports.get(Feeds).kinds


def _zone(request: Request) -> str:
    return request.portal.settings.portal.time_zone


_TOKENS, _RUNS = staff("api.tokens"), staff("api.runs")
_MAKE = staff("api.tokens", step_up=True)
PAGES = [
    route("/tokens", show_tokens, name="tokens", policy=_TOKENS),
    route("/tokens/new", adding, name="token_adding", policy=_MAKE),
    route("/tokens/new", add, name="token_add", policy=_MAKE, methods=("POST",)),
    route("/tokens/{system}/revoke", revoke, name="token_revoke", policy=_TOKENS, methods=("POST",)),
    route("/runs", show_runs, name="runs", policy=_RUNS),
    route("/runs/{brought}/rejects.csv", download, name="rejects", policy=_RUNS, kind="file", limiter="files"),
]
