"""Prepared answers at the desk: the list, writing one, throwing it away. They are filled into the answer of a request, never sent as
they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.tickets import states
from lkportal.modules.tickets.desk import queries
from lkportal.modules.tickets.forms import MOVES, MacroForm
from lkportal.modules.tickets.models import Macro
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_POST = ("POST",)


def show_macros(request: Request) -> Response:
    """Show the prepared answers."""
    rows = [(each, _said(each.texts, request.locale.code)) for each in queries.macros(request.db)]
    return page(request, "tickets/desk/macros.html", rows=rows, titles=states.DESK_TITLES)


def new_macro(request: Request) -> Response:
    """Show the form of a new answer."""
    return _form(request, empty_form(MacroForm))


def edit_macro(request: Request) -> Response:
    """Show the form of an answer."""
    row = _row(request)
    values = {"title": row.title, "after": row.state} | {f"body[{code}]": body for code, body in row.texts.items()}
    return _form(request, empty_form(MacroForm, values), row.public_id)


def write_macro(request: Request) -> Response:
    """Keep a new answer."""
    form = _typed(request)
    if not form.valid:
        return _form(request, form, status=422)
    with unit_of_work(request) as db:
        db.add(Macro(changed_at=now(db), **_columns(form.data)))
        _record(db, form.data.title)
    return redirect(request, "tickets:macros", _SAVED)


def rewrite_macro(request: Request) -> Response:
    """Keep an answer as it was written anew."""
    row, form = _row(request), _typed(request)
    if not form.valid:
        return _form(request, form, row.public_id, 422)
    with unit_of_work(request) as db:
        changed = {"changed_at": now(db), **_columns(form.data)}
        db.execute(update(Macro).where(Macro.public_id == row.public_id).values(**changed))
        _record(db, form.data.title)
    return redirect(request, "tickets:macros", _SAVED)


def drop_macro(request: Request) -> Response:
    """Throw an answer away; what was sent with it stays."""
    row = _row(request)
    with unit_of_work(request) as db:
        db.execute(delete(Macro).where(Macro.public_id == row.public_id))
        _record(db, row.title)
    return redirect(request, "tickets:macros", text("tickets.macro.dropped", "Thrown away."))


def filled(row: Any, language: str) -> dict[str, str]:
    """Return the fields of an answer that a prepared one fills in."""
    return {"body": _said(row.texts, language), "after": row.state}


def _said(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next((body for body in texts.values() if body), "")


def _typed(request: Request) -> Form[MacroForm]:
    form = read_form(request, MacroForm)
    if form.valid and not any(form.data.body.values()):
        first = next(iter(request.portal.locales)).code
        form.add_error(f"body[{first}]", text("tickets.macro.empty", "Write it in one language at least."))
    return form


def _columns(data: MacroForm) -> dict[str, Any]:
    texts = {code: body for code, body in data.body.items() if body}
    return {"title": data.title, "texts": texts, "state": data.after}


def _record(db: Session, title: str) -> None:
    port(db, AuditLog).record(db, "tickets.macro", detail={"title": title})  # type: ignore[type-abstract]


def _form(request: Request, form: Form[MacroForm], macro: str = "", status: int = 200) -> Response:
    languages = [(locale.code, locale.own_name) for locale in request.portal.locales]
    moves: list[tuple[str, Text]] = [(state, states.DESK_TITLES[state][1]) for state in MOVES]
    return page(request, "tickets/desk/macro.html", status, form=form, macro=macro, languages=languages, moves=moves)


def _row(request: Request) -> Any:
    found = queries.macro(request.db, request.path_params["macro"])
    if found is None:
        raise NotFound
    return found


_SAVED = text("tickets.macro.saved", "Saved.")
_DO = staff("tickets.work")
MACRO_PAGES = [
    route("/macros", show_macros, name="macros", policy=_DO),
    route("/macros/new", new_macro, name="new_macro", policy=_DO),
    route("/macros/new", write_macro, name="write_macro", policy=_DO, methods=_POST, kind="action"),
    route("/macros/{macro}/", edit_macro, name="macro", policy=_DO),
    route("/macros/{macro}/", rewrite_macro, name="rewrite_macro", policy=_DO, methods=_POST, kind="action"),
    route("/macros/{macro}/drop", drop_macro, name="drop_macro", policy=_DO, methods=_POST, kind="action"),
]
