"""Answers that are offered before a request is sent: three for its type, others while somebody types. Modules such as help know them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from lkportal.core.policy import on_account
from lkportal.core.request_types import Answers
from lkportal.modules.tickets.office import Office
from lkportal.web import FormModel, LongText, Request, fragment, read_form, route


class TypedForm(FormModel):
    """What was typed so far; the rest of the form may be unfinished."""

    body: Annotated[LongText, Field(max_length=4000)] = ""


def suggested(request: Request, kind: str, typed: str = "") -> Sequence[Any]:
    """Return (title, first words, address) of what may answer a request of a type already."""
    answers = _answers(request)
    if answers is None:
        return ()
    found = answers.fitting(request.db, typed, kind, request.locale.code, request.brand)
    return [(each.title, each.lead, request.url(each.route, **each.params)) for each in found]


def answers_home(request: Request) -> str:
    """Return the address where all answers stand, "" where no module knows any."""
    answers = _answers(request)
    return request.url(answers.home) if answers else ""


def show_fitting(request: Request) -> Response:
    """Answer with what fits the words so far."""
    kind = request.portal.ports.get(Office).type(request.path_params["type"])
    form = read_form(request, TypedForm)
    typed = form.data.body if form.valid else ""
    return fragment(request, "tickets/fitting.html", answers=suggested(request, kind.name, typed))


def _answers(request: Request) -> Answers | None:
    return request.portal.ports.find(Answers)  # type: ignore[type-abstract]


SUGGESTING = [
    route(
        "/{account}/new/{type}/fitting",
        show_fitting,
        name="fitting",
        policy=on_account("tickets.write"),
        methods=("POST",),
        kind="action",
    )
]
