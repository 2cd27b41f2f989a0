"""Pages of the desk about how people come to accounts: letters with codes to print, how well a person is verified, signed links
of a customer. The rules stand in accounts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Annotated, Literal

from starlette.responses import Response

from lkportal.accounts.claims import codes
from lkportal.accounts.claims.models import NotHere
from lkportal.accounts.contract import AccountRef, Accounts
from lkportal.accounts.desk import levels
from lkportal.accounts.first import visits
from lkportal.accounts.guests import links
from lkportal.accounts.guests.links import LinkMaker
from lkportal.accounts.settings import AccountsSettings
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import staff
from lkportal.staff.frame import desk_page
from lkportal.web import (
    Checkbox,
    Form,
    FormModel,
    Label,
    PublicId,
    Request,
    paper,
    read_form,
    redirect,
    route,
    unit_of_work,
)
from lkportal.web.forms.reading import empty_form

MOST_LETTERS = 200
LEVELS = {
    "0": text("staff.access.level_0", "0, by something others may know"),
    "1": text("staff.access.level_1", "1, by what only they have"),
    "2": text("staff.access.level_2", "2, in person or by post"),
}


class LevelForm(FormModel):
    """Whose level is set to what, after which document was seen."""

    membership: PublicId
    level: Annotated[Literal["0", "1", "2"], Label(text("staff.access.level", "Verification"))]
    seen: Annotated[Checkbox, Label(text("staff.access.seen", "I have seen the passport and it is this person"))] = (
        False
    )


class LinkForm(FormModel):
    """A signed link to take back."""

    link: PublicId


def letters(request: Request) -> Response:
    """Show the letters with codes that wait to be printed."""
    return desk_page(request, "staff/letters.html", rows=codes.queue(request.db, MOST_LETTERS))


def print_letter(request: Request) -> Response:
    """Make the code of a letter and give the letter as a paper. Printed again it is another code, and the first is void."""
    days = request.settings_of("accounts", AccountsSettings).claim.post_days
    with unit_of_work(request) as db:
        row, code = codes.print_letter(db, request.path_params["proof_code"], days)
    about = AccountRef(row.account_id, row.account, row.number, row.title, row.time_zone, row.currency, row.brand)
    claim = request.public_url("accounts:claim", by="accounts.post")
    name = request.locale.render(text("staff.letters.file", "Letter %(number)s", number=row.number))
    return paper(request, "staff/papers/letter.html", name, account=about, to=row, code=code, days=days, claim=claim)


def access(request: Request) -> Response:
    """Show who reaches an account and how well each is verified, and the signed links that still open something."""
    return _access_page(request, empty_form(LevelForm))


def set_level(request: Request) -> Response:
    """Set how well somebody is verified; raising it needs a passport that was seen."""
    account, form = _account(request), read_form(request, LevelForm)
    if form.valid and form.data.level == "2" and not form.data.seen:
        form.add_error("seen", text("staff.access.look", "Look at the passport first, then tick this."))
    if not form.valid:
        return _access_page(request, form, 422)
    with unit_of_work(request) as db:
        document = "passport" if form.data.seen else ""
        levels.set_level(db, account, form.data.membership, int(form.data.level), document)
    return redirect(request, "staff:access", text("staff.access.kept", "Saved."), customer=account.public_id)


def make_code(request: Request) -> Response:
    """Make a code for the paper bill and show it, this once."""
    account = _account(request)
    with unit_of_work(request) as db:
        code = levels.make_code(db, account)
    return _access_page(request, empty_form(LevelForm), code=code)


def revoke_link(request: Request) -> Response:
    """Take a signed link back."""
    account, form = _account(request), read_form(request, LinkForm)
    if not form.valid:
        raise NotHere
    with unit_of_work(request) as db:
        links.revoke(db, account, form.data.link)
    return redirect(
        request,
        "staff:access",
        text("staff.access.revoked", "The link opens nothing any more."),
        customer=account.public_id,
    )


def first_steps(request: Request) -> Response:
    """Show how far people come on their first visit: counts alone, nobody by name."""
    steps = request.portal.ports.get(visits.Steps).known
    begun, over, counted = visits.counts(request.db)
    rows = [SimpleNamespace(title=step.title, **counted.get(step.name, visits.NOBODY)) for step in steps]
    return desk_page(request, "staff/first_steps.html", begun=begun, over=over, rows=rows)


def _access_page(request: Request, form: Form[LevelForm], status: int = 200, code: str = "") -> Response:
    account = _account(request)
    now = request.portal.clock.now()
    purposes = request.portal.ports.get(LinkMaker).purposes
    return desk_page(
        request,
        "staff/access.html",
        status,
        customer=account,
        people=levels.people(request.db, account),
        links=links.living(request.db, account.id, now),
        purposes={name: each.title for name, each in purposes.items()},
        levels=list(LEVELS.items()),
        form=form,
        code=code,
    )


def _account(request: Request) -> AccountRef:
    found = request.portal.ports.get(Accounts).by_public_id(request.db, request.path_params["customer"])  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


_LETTERS, _LEVEL = staff("accounts.letters"), staff("accounts.level")
_POST = ("POST",)
_BODY = 8 * 1024
ACCESS_PAGES = [
    route("/letters", letters, name="letters", policy=_LETTERS),
    route(
        "/letters/{proof_code}/print",
        print_letter,
        name="print_letter",
        policy=_LETTERS,
        methods=_POST,
        kind="file",
        limiter="papers",
        body=_BODY,
    ),
    route("/access/{customer}", access, name="access", policy=_LEVEL),
    route("/access/{customer}", set_level, name="set_level", policy=_LEVEL, methods=_POST, kind="action", body=_BODY),
    route(
        "/access/{customer}/code", make_code, name="make_code", policy=_LEVEL, methods=_POST, kind="action", body=_BODY
    ),
    route(
        "/access/{customer}/revoke",
        revoke_link,
        name="revoke_link",
        policy=_LEVEL,
        methods=_POST,
        kind="action",
        body=_BODY,
    ),
    route("/first-steps", first_steps, name="first_steps", policy=staff("accounts.find")),
]
