"""Sections of help at the desk: the list, writing one, throwing away one that is empty."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import staff
from lkportal.modules.help import service
from lkportal.modules.help.desk import queries
from lkportal.modules.help.forms import SectionForm
from lkportal.modules.help.wording import titled
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_POST = ("POST",)
_SAVED = text("help.desk.kept", "Saved.")


def show_sections(request: Request) -> Response:
    """Show the sections."""
    rows = [(each, titled(each.titles, request.locale.code)) for each in queries.sections(request.db)]
    return page(request, "help/desk/sections.html", rows=rows)


def new_section(request: Request) -> Response:
    """Show the form of a new section."""
    return _form(request, empty_form(SectionForm, {"position": "100"}))


def write_section(request: Request) -> Response:
    """Keep a new section."""
    return _write(request, "")


def edit_section(request: Request) -> Response:
    """Show the form of a section."""
    row = _row(request)
    values = {"position": str(row.position)} | {f"title[{code}]": said for code, said in row.titles.items()}
    return _form(request, empty_form(SectionForm, values), row)


def rewrite_section(request: Request) -> Response:
    """Keep a section as it was written anew."""
    return _write(request, _row(request).public_id)


def drop_section(request: Request) -> Response:
    """Throw an empty section away."""
    row = _row(request)
    with unit_of_work(request) as db:
        gone = service.drop_section(db, row.public_id)
    if not gone:
        said = text("help.desk.section_used", "Articles stand in this section: put them elsewhere first.")
        return redirect(request, "help:section", said, "warn", section=row.public_id)
    return redirect(request, "help:sections", text("help.desk.section_dropped", "The section is gone."))


def _write(request: Request, section: str) -> Response:
    form = read_form(request, SectionForm)
    if form.valid and not any(form.data.title.values()):
        first = next(iter(request.portal.locales.codes))
        form.add_error(f"title[{first}]", text("help.desk.title", "Write a title in one language at least."))
    if not form.valid:
        return _form(request, form, _row(request) if section else None, 422)
    titles = {code: said for code, said in form.data.title.items() if said and code in request.portal.locales.codes}
    with unit_of_work(request) as db:
        service.write_section(db, titles, form.data.position, section)
    return redirect(request, "help:sections", _SAVED)


def _form(request: Request, form: Form[SectionForm], row: Any = None, status: int = 200) -> Response:
    languages = [(locale.code, locale.own_name) for locale in request.portal.locales]
    return page(request, "help/desk/section.html", status, form=form, row=row, languages=languages)


def _row(request: Request) -> Any:
    public = request.path_params["section"]
    found = next((each for each in queries.sections(request.db) if each.public_id == public), None)
    if found is None:
        raise NotFound
    return found


_DO = staff("help.write")
SECTION_PAGES = [
    route("/sections", show_sections, name="sections", policy=_DO),
    route("/sections/new", new_section, name="new_section", policy=_DO),
    route("/sections/new", write_section, name="write_section", policy=_DO, methods=_POST, kind="action"),
    route("/sections/{section}/", edit_section, name="section", policy=_DO),
    route("/sections/{section}/", rewrite_section, name="rewrite_section", policy=_DO, methods=_POST, kind="action"),
    route("/sections/{section}/drop", drop_section, name="drop_section", policy=_DO, methods=_POST, kind="action"),
]
