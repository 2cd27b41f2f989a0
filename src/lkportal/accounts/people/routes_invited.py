"""What is behind the link of an invitation: accepted by who is signed in, or by a newcomer who chooses a password. And the page
where people switch functions off for themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from lkportal.accounts.people import abstaining, deciding, inviting
from lkportal.accounts.people.forms import AcceptForm, FunctionsForm, JoinForm
from lkportal.accounts.people.inviting import InvitationGone, OwnOffer
from lkportal.accounts.roles import Roles
from lkportal.auth import identities
from lkportal.auth.contract import Registered
from lkportal.auth.door.arriving import arrive, door, renewed
from lkportal.auth.door.entering import audit
from lkportal.auth.letters.routes import password_problem
from lkportal.auth.limits import TooOften, admit, link_limits
from lkportal.core.contributions import Limiter
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.policy import anyone, signed_in
from lkportal.core.registry.rollouts import without
from lkportal.core.unit import open_unit
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_BODY = 8 * 1024


def invited(request: Request) -> Response:
    """Show an invitation: to whom it was sent, to what and by whom, and how to accept it."""
    try:
        row = _look(request)
    except InvitationGone:
        return _gone(request)
    model = AcceptForm if request.actor.kind != "anonymous" else JoinForm
    return _page(request, row, empty_form(model, {"name": row.name}))


def accept(request: Request) -> Response:
    """Accept an invitation as who is signed in; another mailbox than the invited one asks whether they are sure."""
    try:
        row = _look(request)
        form: Form[Any] = read_form(request, AcceptForm)
        if request.actor.kind != "customer":
            return _page(request, row, form, 422)
        if form.parsed and not form.data.sure and not _is_theirs(request, row):
            form.add_error("sure", text("accounts.invited.sure", "Tick that you accept it with this sign-in."))
        if not form.valid:
            return _page(request, row, form, 422)
        with unit_of_work(request) as db:
            done = inviting.accept(db, str(request.path_params["token"]), request.actor.id or 0)
            renewed(request, db)
    except InvitationGone:
        return _gone(request)
    except OwnOffer as error:
        return redirect(request, "accounts:start", _words(error), "bad")
    return _in(request, done)


def join(request: Request) -> Response:
    """Accept an invitation as a newcomer: the link proved the mailbox, a password is chosen, and they are in."""
    token, form = str(request.path_params["token"]), read_form(request, JoinForm)
    try:
        row, here = _look(request), door(request)
        with open_unit(here.database, here.circumstances) as db:
            admit(db, link_limits(here.origin.network, here.settings))
        if form.valid:
            problem = password_problem(request, here, form.data.password, (row.email, form.data.name))
            if problem is not None:
                form.add_error("password", problem)
        if not form.valid:
            return _page(request, row, form, 422)
        made = here.passwords.make(form.data.password)
        request.release()
        with open_unit(here.database, here.circumstances) as db:
            public = identities.create(
                db,
                kind="customer",
                login=row.email,
                name=form.data.name,
                password_hash=made,
                email=row.email,
                locale=request.locale.code,
            )
            person = identities.by_public_id(db.connection(), public) if public else None
            if person is None:
                return redirect(request, "accounts:invited", _KNOWN, "inf", token=token)
            db.info["unit"] = replace(db.info["unit"], actor=identities.as_actor(person))
            emit(db, Registered(person.public_id))
            audit(db, "auth.registered", person.public_id)
            done = inviting.accept(db, token, person.id)
    except InvitationGone:
        return _gone(request)
    except TooOften as error:
        form.add_error(WHOLE, _words(error))
        return _page(request, row, form, error.status)
    home = request.url("accounts:home", account=done.account_public) if done.account_public else ""
    return arrive(request, person, ("password",), home)


def functions(request: Request) -> Response:
    """Show which functions are on for oneself, on all accounts."""
    return _functions_page(request, empty_form(FunctionsForm))


def switch_functions(request: Request) -> Response:
    """Keep which functions are on for oneself."""
    form, all_ = read_form(request, FunctionsForm), _all_functions(request)
    if not form.valid:
        return _functions_page(request, form, 422)
    with unit_of_work(request) as db:
        kept = abstaining.of(db.connection(), request.actor.id or 0) - set(all_)
        abstaining.keep(db, request.actor.id or 0, request.actor.public_id, kept | (set(all_) - set(form.data.on)))
    return redirect(request, "accounts:functions", text("accounts.functions.kept", "It holds from now on."))


_KNOWN = text("accounts.invited.known", "This mailbox has access already. Sign in to accept.")


def _look(request: Request) -> Any:
    return inviting.look(request.db, str(request.path_params["token"]), request.portal.clock.now())


def _is_theirs(request: Request, row: Any) -> bool:
    known = deciding.mailbox(request.db, request.actor.id or 0)
    return known is not None and known.email.lower() == row.email.lower()


def _in(request: Request, row: Any) -> Response:
    done = text("accounts.invited.done", "Welcome. The access is yours from now on.")
    if row.account_public:
        return redirect(request, "accounts:home", done, account=row.account_public)
    return redirect(request, "accounts:list", done)


def _page(request: Request, row: Any, form: Form[Any], status: int = 200) -> Response:
    kind, roles = request.actor.kind, request.portal.ports.get(Roles)
    here = request.path_below
    return page(
        request,
        "accounts/invited.html",
        status,
        form=form,
        row=row,
        role=roles.title(row.role, request.locale.code),
        scope=row.group_name or row.organisation or row.account_title,
        kind=kind,
        theirs=kind == "customer" and _is_theirs(request, row),
        known=kind == "anonymous" and identities.is_taken(request.db, row.email),
        sign_in=request.url("auth:login", next=request.visit.root + here),
        token=str(request.path_params["token"]),
    )


def _gone(request: Request) -> Response:
    return page(request, "accounts/invitation_gone.html", 410)


def _all_functions(request: Request) -> dict[str, Any]:
    roles = request.portal.ports.get(Roles)
    allowed = without(frozenset().union(*roles.rights.values()), request.closed)
    return dict(deciding.switchable(roles, allowed))


def _functions_page(request: Request, form: Form[Any], status: int = 200) -> Response:
    off, all_ = abstaining.of(request.db, request.actor.id or 0), _all_functions(request)
    return page(
        request,
        "accounts/functions.html",
        status,
        form=form,
        functions=[(name, each.title) for name, each in all_.items()],
        on=form.values.get("on", [name for name in all_ if name not in off]),
    )


def _words(error: PortalError) -> Text:
    return error.message if isinstance(error.message, Text) else text("accounts.people.failed", "This did not work.")


def _post(path: str, endpoint: Any, name: str, policy: Any) -> Any:
    limiter: Limiter = "hash" if name == "join" else "web"
    return route(
        path, endpoint, name=name, policy=policy, methods=("POST",), kind="action", body=_BODY, limiter=limiter
    )


INVITED_ROUTES = [
    route("/invitation/{token}", invited, name="invited", policy=anyone()),
    _post("/invitation/{token}/accept", accept, "accept", anyone()),
    _post("/invitation/{token}/join", join, "join", anyone()),
    route("/settings/functions", functions, name="functions", policy=signed_in()),
    _post("/settings/functions", switch_functions, "switch_functions", signed_in()),
]
