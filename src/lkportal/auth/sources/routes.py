"""The page of a password source: login and password, checked by somebody else."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.auth import identities
from lkportal.auth.door.arriving import arrive, door, refused, settings_of, waiting
from lkportal.auth.door.entering import WrongPassword
from lkportal.auth.external.browsers import marked
from lkportal.auth.external.meeting import NotLetIn
from lkportal.auth.forms import SignInForm
from lkportal.auth.guard import demand_way
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import device_of
from lkportal.auth.sources import checking
from lkportal.auth.sources.checking import NotReached, Sources
from lkportal.core.asked.vouching import PasswordSource, PasswordSourceSpec
from lkportal.core.errors import PortalError
from lkportal.web import Form, Request, empty_form, page, read_form, redirect


def source_login(request: Request) -> Response:
    """Show the form of a source."""
    spec, _ = _source(request)
    return _page(request, spec, empty_form(SignInForm, {"next": request.query_params.get("next", "")}))


def source_sign_in(request: Request) -> Response:
    """Have a source check login and password, and let the person in."""
    spec, source = _source(request)
    form = read_form(request, SignInForm)
    if not form.valid:
        return _page(request, spec, form, 422)
    here, data = door(request), form.data
    device = device_of(request, settings_of(request).device_days)
    known = identities.by_login(request.db, data.login)
    number = device.number if known is not None and device.knows(known.public_id) else ""
    try:
        there = checking.check(here, spec, source, data.login, data.password, number)
        person = checking.meet(here, spec, there, data.login, marked(request), data.next)
        if person is None:
            return redirect(request, "auth:stranger")
        return arrive(request, person, (spec.name,), data.next)
    except (WrongPassword, TooOften, NotReached, NotLetIn) as error:
        return _page(request, spec, refused(form, error), error.status, error)


def _source(request: Request) -> tuple[PasswordSourceSpec, PasswordSource]:
    found = request.portal.ports.get(Sources).get(str(request.path_params["source"]))
    demand_way(request, found[0].name)
    return found


def _page(
    request: Request,
    spec: PasswordSourceSpec,
    form: Form[SignInForm],
    status: int = 200,
    error: PortalError | None = None,
) -> Response:
    answer = page(
        request, "auth/source.html", status, form=form, source=spec, heading=spec.words, next=form.value("next")
    )
    if isinstance(error, NotReached):
        answer.headers["retry-after"] = "60"
    return waiting(answer, error)
