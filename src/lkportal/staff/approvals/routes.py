"""Pages of what waits for a second person: the queue, one request with what it would do, and the decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.core.errors import Forbidden, NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import staff
from lkportal.staff.approvals import second_person, telling
from lkportal.staff.approvals import waiting as approvals
from lkportal.staff.forms import ApproveForm, LettersForm, RefuseForm
from lkportal.staff.frame import desk_page
from lkportal.web import Request, read_form, redirect, route, unit_of_work

_PAST = 20
_POST = ("POST",)


def show_all(request: Request) -> Response:
    """Show what waits and what was decided lately, as far as the reader made it or may decide it."""
    moment = request.portal.clock.now()
    waiting = approvals.waiting(request.db, request.actor, moment)
    past = approvals.past(request.db, request.actor, moment, _PAST)
    return desk_page(
        request,
        "staff/approvals.html",
        waiting=[(row, _state(row, moment)) for row in waiting],
        past=[(row, _state(row, moment)) for row in past],
        letters=telling.wants(request.db, request.actor.id or 0),
        zone=request.portal.settings.portal.time_zone,
    )


def show(request: Request) -> Response:
    """Show one request: what it would do now, who asks and why, and the decision."""
    row, moment = _row(request), request.portal.clock.now()
    open_still = row.state == "waiting" and row.expires_at > moment
    told, seen, problem = row.told, "", None
    if open_still:
        try:
            _, proposal = second_person.rehearsed(request, row)
            seen = second_person.digest(request, proposal)
            told = second_person.told(request, proposal)
        except PortalError as error:
            problem = error.message
    return desk_page(
        request,
        "staff/approval.html",
        row=row,
        state=_state(row, moment),
        told=told,
        seen=seen,
        problem=problem,
        is_open=open_still,
        is_own=row.asked_by == request.actor.id,
        zone=request.portal.settings.portal.time_zone,
    )


def approve(request: Request) -> Response:
    """Agree: what was asked for is done now, as whoever asked, once."""
    row, form = _row(request), read_form(request, ApproveForm)
    _demand_second(request, row)
    if not form.valid:
        raise NotFound
    try:
        inner, proposal = second_person.rehearsed(request, row)
        if second_person.digest(request, proposal) != form.data.seen:
            changed = text("staff.approval.changed", "What this would do has changed. Read it again, then decide.")
            return redirect(request, "staff:approval", changed, "warn", approval=row.public_id)
        second_person.perform(request, row, inner)
    except PortalError as error:
        said = text("staff.approval.not_done", "Nothing was done. %(why)s", why=error.message)
        return redirect(request, "staff:approval", said, "bad", approval=row.public_id)
    return redirect(request, "staff:approvals", text("staff.approval.is_done", "Done, with your consent."))


def refuse(request: Request) -> Response:
    """Refuse, with a word why."""
    row, form = _row(request), read_form(request, RefuseForm)
    _demand_second(request, row)
    if not form.valid:
        why = text("staff.approval.say_why", "Say why you refuse.")
        return redirect(request, "staff:approval", why, "bad", approval=row.public_id)
    return _decided(request, row, "refused", form.data.note)


def withdraw(request: Request) -> Response:
    """Take one's own request back."""
    row = _row(request)
    if row.asked_by != request.actor.id:
        raise Forbidden
    return _decided(request, row, "withdrawn", "")


def choose_letters(request: Request) -> Response:
    """Keep whether this person gets letters about new requests."""
    form = read_form(request, LettersForm)
    if not form.valid:
        raise NotFound
    on = form.data.letters == "on"
    with unit_of_work(request) as db:
        telling.choose(db, request.actor.id or 0, on)
    done = (
        text("staff.approval.letters_on", "New requests come to you by letter.")
        if on
        else text("staff.approval.letters_off", "No more letters about requests come to you.")
    )
    return redirect(request, "staff:approvals", done)


def _state(row: Row[Any], moment: datetime) -> tuple[str, Text]:
    """Return the kind and the words of a request's state; one that nobody decided in time has run out."""
    is_over = row.state == "waiting" and row.expires_at <= moment
    return _STATES["expired" if is_over else row.state]


def _decided(request: Request, row: Row[Any], outcome: approvals.Outcome, note: str) -> Response:
    try:
        with unit_of_work(request) as db:
            approvals.decide(db, row.public_id, outcome, request.actor, note)
    except approvals.Decided as error:
        said = text("staff.approval.not_done", "Nothing was done. %(why)s", why=error.message)
        return redirect(request, "staff:approval", said, "bad", approval=row.public_id)
    return redirect(request, "staff:approvals", text("staff.approval.was_decided", "Your decision is kept."))


def _row(request: Request) -> Row[Any]:
    found = approvals.one(request.db, str(request.path_params["approval"]), request.actor)
    if found is None:
        raise NotFound
    return found


def _demand_second(request: Request, row: Row[Any]) -> None:
    """Another person than the requester decides, and one with the right to do it themselves."""
    if row.asked_by == request.actor.id or row.action not in request.actor.permissions:
        raise Forbidden("own_request", _ANOTHER)


_ANOTHER = text("staff.approval.another", "Another person with the same right must decide this.")
_STATES = {
    "waiting": ("inf", text("staff.approval.state_waiting", "waits")),
    "done": ("ok", text("staff.approval.state_done", "done")),
    "refused": ("bad", text("staff.approval.state_refused", "refused")),
    "withdrawn": ("off", text("staff.approval.state_withdrawn", "taken back")),
    "expired": ("off", text("staff.approval.state_expired", "ran out")),
}
_RIGHT, _DECIDES = staff("staff.approvals"), staff("staff.approvals", step_up=True)
APPROVAL_PAGES = [
    route("/approvals", show_all, name="approvals", policy=_RIGHT),
    route("/approvals/letters", choose_letters, name="approval_letters", policy=_RIGHT, methods=_POST),
    route("/approvals/{approval}", show, name="approval", policy=_RIGHT),
    route("/approvals/{approval}/approve", approve, name="approve", policy=_DECIDES, methods=_POST),
    route("/approvals/{approval}/refuse", refuse, name="refuse", policy=_DECIDES, methods=_POST),
    route("/approvals/{approval}/withdraw", withdraw, name="withdraw", policy=_RIGHT, methods=_POST),
]
