"""Customer pages of notes."""

from typing import Annotated

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import on_account
from lkportal.web import (
    Form,
    FormModel,
    Label,
    Request,
    ShortText,
    empty_form,
    page,
    read_form,
    redirect,
    route,
    unit_of_work,
)
from lkportal_dummy import queries, service


class NoteForm(FormModel):
    """What people write."""

    words: Annotated[ShortText, Label(text("dummy.form.words", "Note"))]


def show_all(request: Request) -> Response:
    """Show the notes of the account and the form."""
    return _list(request, empty_form(NoteForm))


def write(request: Request) -> Response:
    """Write a note."""
    form = read_form(request, NoteForm)
    if not form.valid:
        return _list(request, form, 422)
    with unit_of_work(request) as db:
        service.write(db, request.own_account, form.data.words)
    return redirect(request, "dummy:list", text("dummy.flash.written", "Your note is kept."))


def show(request: Request) -> Response:
    """Show one note."""
    values = {"account_id": request.own_account.id, "note": request.path_params["note"]}
    row = request.db.execute(queries.NOTE, values).first()
    if row is None:
        raise NotFound
    return page(request, "dummy/note.html", note=row)


def _list(request: Request, form: Form[NoteForm], status: int = 200) -> Response:
    rows = request.db.execute(queries.NOTES, {"account_id": request.own_account.id}).all()
    return page(request, "dummy/list.html", status, notes=rows, form=form)


ROUTES = [
    route("/{account}/", show_all, name="list", policy=on_account("dummy.view")),
    route("/{account}/", write, name="write", policy=on_account("dummy.write"), methods=("POST",), kind="action"),
    route("/{account}/notes/{note}", show, name="note", policy=on_account("dummy.view")),
]
