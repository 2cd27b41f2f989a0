"""How a new colleague comes in: a letter with a link, made inside its job, and the page behind it where they choose a password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, update
from starlette.responses import Response

from lkportal.auth import identities
from lkportal.auth.door.arriving import door, settings_of
from lkportal.auth.door.entering import Door, audit
from lkportal.auth.forms import NewPasswordForm
from lkportal.auth.letters.joining import LinkGone
from lkportal.auth.letters.routes import password_problem
from lkportal.auth.limits import admit, link_limits
from lkportal.auth.models import Identity
from lkportal.auth.one_time import tokens
from lkportal.auth.origins import device_of, remember_device
from lkportal.auth.passwords import fingerprint
from lkportal.core.asked.letters import Mailer, PageLinks
from lkportal.core.contributions import RouteSpec
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.policy import anyone
from lkportal.core.unit import now, open_unit
from lkportal.staff.settings import StaffSettings
from lkportal.web import Request, empty_form, page, read_form, redirect, route
from lkportal.web.page import flash as flashes

_PURPOSE: tokens.Purpose = "hired"


def send_invitation(ctx: JobContext, *, identity: str) -> None:
    """Write to a new colleague: a link to choose a password. Whoever has one already gets nothing."""
    with ctx.reading() as connection:
        person = identities.by_public_id(connection, identity)
    if person is None or person.password_hash or not person.email:
        return
    hours = ctx.ports.get(StaffSettings).invitation_hours
    with ctx.unit() as db:
        bound = fingerprint(person.password_hash)
        token = tokens.make(db, _PURPOSE, timedelta(hours=hours), identity_id=person.id, bound=bound)
    link = ctx.ports.get(PageLinks).page("staff:welcome", "", token=token)  # type: ignore[type-abstract]
    ctx.ports.get(Mailer).deliver(  # type: ignore[type-abstract]
        to=person.email,
        template="staff/letters/invited",
        values={"name": person.name, "link": link, "hours": hours},
        locale=person.locale,
        brand="",
        message_id=f"staff-invited-{ctx.claimed.id}-{ctx.claimed.request_id}",
    )


def welcome(request: Request) -> Response:
    """Show the page behind the link of an invitation: choose a password."""
    try:
        person = _behind(door(request), str(request.path_params["token"]))
    except LinkGone:
        return _gone(request)
    return page(request, "staff/welcome.html", form=empty_form(NewPasswordForm), login=person.login)


def accept(request: Request) -> Response:
    """Spend the link with the chosen password; the colleague then signs in with it."""
    form, token, here = read_form(request, NewPasswordForm), str(request.path_params["token"]), door(request)
    with open_unit(here.database, here.circumstances) as db:
        admit(db, link_limits(here.origin.network, here.settings))
    try:
        person = _behind(here, token)
        if form.valid:
            problem = password_problem(request, here, form.data.password, (person.login, person.name))
            if problem is not None:
                form.add_error("password", problem)
        if not form.valid:
            return page(request, "staff/welcome.html", 422, form=form, login=person.login)
        _accepted(here, token, person, form.data.password)
    except LinkGone:
        return _gone(request)
    days = settings_of(request).device_days
    remember_device(request, device_of(request, days).with_person(person.public_id), days)
    done = text("staff.welcome.done", "Your access is ready. Sign in with the password you have just chosen.")
    flashes.leave(request, done, "ok", typed=person.login)
    return redirect(request, "auth:login")


def _behind(here: Door, token: str) -> Row[Any]:
    """Return the colleague a link leads to. Raises LinkGone, also when they have a password already."""
    with here.database.reading() as connection:
        found = tokens.look(connection, _PURPOSE, token, here.circumstances.clock.now())
        person = identities.by_id(connection, found.identity_id) if found else None
    if found is None or person is None or found.bound != fingerprint(person.password_hash):
        raise LinkGone
    return person


def _accepted(here: Door, token: str, person: Row[Any], password: str) -> None:
    made = here.passwords.make(password)
    with open_unit(here.database, here.circumstances) as db:
        spent = tokens.spend(db, _PURPOSE, token)
        if spent is None or not identities.set_password(db, person.id, person.password_hash, made):
            raise LinkGone
        db.execute(update(Identity).where(Identity.id == person.id).values(email_confirmed_at=now(db)))
        audit(db, "staff.person_joined", person.public_id)


def _gone(request: Request) -> Response:
    return page(request, "staff/welcome_gone.html", 410)


WELCOME_ROUTES: list[RouteSpec] = [
    route("/welcome/{token}", welcome, name="welcome", policy=anyone()),
    route("/welcome/{token}", accept, name="accept", policy=anyone(), methods=("POST",), limiter="hash", body=8 * 1024),
]
