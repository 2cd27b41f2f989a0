"""The page of the desk that signs everybody out at once, for the day something leaked. The rule is in rules, the statement in
auth.sessions, the shell's way in cli.users."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.auth import sessions
from lkportal.auth.contract import Whom
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import staff
from lkportal.staff.forms import EverybodyForm
from lkportal.staff.frame import desk_page
from lkportal.staff.people import rules
from lkportal.web import Change, Form, Proposal, Request, empty_form, read_form, redirect, route, unit_of_work

_WHOM: dict[Whom, Text] = {
    "customers": text("staff.everybody.customers", "Customers"),
    "everybody": text("staff.everybody.everybody", "Everybody: customers and colleagues"),
}


def show(request: Request) -> Response:
    """Show how many sign-ins there are, and the form that ends them."""
    return _page(request, empty_form(EverybodyForm))


def explain(request: Request) -> Proposal | Response:
    """Tell what would be done, where the company wants a second person for it."""
    form = read_form(request, EverybodyForm)
    if not form.valid:
        return _page(request, form, 422)
    title = text("staff.everybody.would", "Sign out at once: %(whom)s", whom=_WHOM[form.data.whom])
    return Proposal(title, (Change(text("staff.everybody.reason", "Why"), after=form.data.reason),))


def sign_out(request: Request) -> Response:
    """End the sign-ins; the browser that asks stays signed in."""
    form = read_form(request, EverybodyForm)
    if not form.valid:
        return _page(request, form, 422)
    with unit_of_work(request) as db:
        ended = rules.sign_everybody_out(db, form.data.whom, form.data.reason, keep=request.actor.session_id)
    done = ntext("staff.everybody.done", "%(n)s sign-in has ended.", "%(n)s sign-ins have ended.", ended)
    return redirect(request, "staff:sign_out_all", done)


def _page(request: Request, form: Form[EverybodyForm], status: int = 200) -> Response:
    counts = sessions.counted(request.db, request.portal.clock.now())
    customers = counts.get("customer", 0)
    numbers: dict[Whom, int] = {"customers": customers, "everybody": customers + counts.get("staff", 0)}
    options = [
        (whom, title, ntext("staff.everybody.count", "%(n)s sign-in now", "%(n)s sign-ins now", numbers[whom]))
        for whom, title in _WHOM.items()
    ]
    return desk_page(request, "staff/everybody.html", status=status, form=form, options=options)


_RIGHT = staff("staff.sessions_all", step_up=True)
EVERYBODY_PAGES = [
    route("/people/sign-out-all", show, name="sign_out_all", policy=_RIGHT),
    route(
        "/people/sign-out-all",
        sign_out,
        name="sign_everybody_out",
        policy=_RIGHT,
        methods=("POST",),
        explain=explain,
    ),
]
