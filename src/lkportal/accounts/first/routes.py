"""The page of the first visit: the steps, the one to take now, and the ways to skip it or to leave and come back."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from starlette.responses import Response

from lkportal.accounts.first import visits
from lkportal.accounts.first.visits import Standing, Steps
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import signed_in
from lkportal.core.unit import UnitContext, open_unit
from lkportal.web import FormModel, Request, ShortText, page, read_form, redirect, route, unit_of_work
from lkportal.web.request import unit_context

FIRST_VISIT = "first_visit"
"""The slot that tells home, with the session row, that this person's first visit is open."""


class StepForm(FormModel):
    """What a person does about a step, or about the whole visit."""

    step: ShortText = ""
    do: Literal["done", "skip", "over"]


def show_first(request: Request) -> Response:
    """Show the steps; what was seen is noted after the answer."""
    found = standings(request)
    _note(request, found)
    return page(request, "accounts/first.html", **shown(request, found))


def take_step(request: Request) -> Response:
    """Mark a step as taken or skipped, or put the first visit away."""
    form, person = read_form(request, StepForm), request.actor.id or 0
    known = {step.name: step for step in _steps(request).known}
    if not form.valid or (form.data.do != "over" and form.data.step not in known):
        raise NotFound
    with unit_of_work(request) as db:
        if form.data.do == "over":
            visits.end(db, person)
        elif form.data.do == "done" or not known[form.data.step].always:
            visits.mark(db, person, form.data.step, form.data.do)
    if form.data.do == "over":
        return redirect(
            request, "accounts:start", text("accounts.first.over", "You can always find the same in the settings.")
        )
    return redirect(request, "accounts:first")


def standings(request: Request) -> list[Standing]:
    """Return how the person of a request stands with the steps of the first visit."""
    return visits.standing(request.db, request.actor.id or 0, _steps(request))


def _steps(request: Request) -> Steps:
    """Return the steps of modules that are open to this person."""
    known = request.portal.ports.get(Steps).known
    return Steps(tuple(step for step in known if step.route.partition(":")[0] not in request.closed))


def shown(request: Request, found: list[Standing]) -> dict[str, Any]:
    """Return what the page and the card of home show: the steps, the one to take now, how many are behind."""
    at = next((each.step for each in found if each.state == "now"), None)
    behind = sum(each.state in ("done", "skipped") for each in found)
    href = request.url(at.route) if at is not None else ""
    return {"standings": found, "at": at, "at_href": href, "behind": behind, "all_steps": len(found)}


def _note(request: Request, found: list[Standing]) -> None:
    if request.actor.on_behalf_of is None:
        database, person = request.portal.database, request.actor.id or 0
        request.after_answer(partial(_write, database, unit_context(request), person, found))


def _write(database: Any, here: UnitContext, person: int, found: list[Standing]) -> None:
    with open_unit(database, here) as db:
        visits.note(db, person, found)


FIRST_ROUTES = [
    route("/welcome", show_first, name="first", policy=signed_in()),
    route("/welcome", take_step, name="take_step", policy=signed_in(), methods=("POST",), kind="action", body=8 * 1024),
]
