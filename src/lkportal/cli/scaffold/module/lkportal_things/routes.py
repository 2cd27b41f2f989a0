"""The pages of customers. `on_account`: the account of the path was found through the person's memberships, or the answer is 404."""

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import on_account
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work
from lkportal_things import queries, service
from lkportal_things.forms import EntryForm


def show_list(request: Request) -> Response:
    """Show the entries of the account."""
    rows = request.db.execute(queries.ENTRIES, {"account_id": request.own_account.id}).all()
    return page(request, "things/list.html", entries=rows)


def show_entry(request: Request) -> Response:
    """Show one entry."""
    values = {"account_id": request.own_account.id, "entry": request.path_params["entry"]}
    row = request.db.execute(queries.ENTRY, values).first()
    if row is None:
        raise NotFound
    return page(request, "things/entry.html", entry=row)


def show_form(request: Request) -> Response:
    """Show the form."""
    return _form(request, empty_form(EntryForm, {"token": public_id()}))


def add(request: Request) -> Response:
    """Add an entry, or show the form again with what is wrong in it."""
    form = read_form(request, EntryForm)
    if not form.valid:
        return _form(request, form, 422)
    with unit_of_work(request) as db:
        service.add(db, request.own_account, form.data.title, form.data.remark, token=form.data.token)
    return redirect(request, "things:list", text("things.flash.added", "The entry is added."))


def _form(request: Request, form: Form[EntryForm], status: int = 200) -> Response:
    return page(request, "things/form.html", status, form=form)


ROUTES = [
    route("/{account}/", show_list, name="list", policy=on_account("things.view")),
    route("/{account}/new", show_form, name="new", policy=on_account("things.add")),
    route("/{account}/new", add, name="add", policy=on_account("things.add"), methods=("POST",), kind="action"),
    route("/{account}/entries/{entry}", show_entry, name="entry", policy=on_account("things.view")),
]
