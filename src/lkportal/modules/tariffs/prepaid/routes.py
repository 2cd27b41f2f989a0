"""Customer pages of what is paid in advance: the promised payment, what was charged, renewal by itself or by hand."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import on_account
from lkportal.modules.tariffs import service as rules
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.prepaid import promising, reads
from lkportal.web import Form, FormModel, PublicId, Request, empty_form, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 30


class PromiseForm(FormModel):
    """A promise on the terms that were shown: `amount` and `fee`, minor units."""

    token: PublicId
    amount: Annotated[int, Field(ge=0)]
    fee: Annotated[int, Field(ge=0)]


class RenewalForm(FormModel):
    """Whether a service renews by itself."""

    renews: Annotated[int, Field(ge=0, le=1)]


def show_promise(request: Request) -> Response:
    """Show the terms of a promised payment before its button."""
    return _promise(request, empty_form(PromiseForm))


def take_promise(request: Request) -> Response:
    """Take a promised payment."""
    form = read_form(request, PromiseForm)
    if not form.valid:
        return _promise(request, form, 422)
    data = form.data
    try:
        with unit_of_work(request) as db:
            promising.promise(db, request.own_account, request.actor.id or 0, data.token, (data.amount, data.fee))
    except promising.NoPromise as error:
        return redirect(request, "tariffs:promise", error.words, "warn")
    return redirect(request, "tariffs:services", text("tariffs.flash.promised", "Done. Services work; pay in time."))


def show_charges(request: Request) -> Response:
    """Show what the portal charged."""
    at = request.page_number
    rows = reads.charges(request.db, request.own_account.id, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    return page(request, "tariffs/charges.html", charges=rows[:PAGE_ROWS], number=at, more=len(rows) > PAGE_ROWS)


def set_renewal(request: Request) -> Response:
    """Let a service renew by itself, or only by hand. What no button of ours sends is about nothing: 404."""
    form, found = read_form(request, RenewalForm), request.path_params["service"]
    if not form.valid:
        raise NotFound
    with unit_of_work(request) as db:
        rules.set_renewal(db, request.own_account, found, renews=bool(form.data.renews))
    said = text("tariffs.flash.by_hand", "It does not renew by itself any more.")
    if form.data.renews:
        said = text("tariffs.flash.renews", "It renews by itself from now on.")
    return redirect(request, "tariffs:service", said, service=found)


def renew(request: Request) -> Response:
    """Pay for one more period from what is in hand."""
    found = request.path_params["service"]
    with unit_of_work(request) as db:
        done = rules.renew(db, request.own_account, found)
    if done:
        return redirect(request, "tariffs:service", text("tariffs.flash.renewed", "Paid for."), service=found)
    words = text("tariffs.flash.too_little", "There is not enough in hand for it. Top up first.")
    return redirect(request, "tariffs:service", words, "warn", service=found)


def _promise(request: Request, form: Form[Any], status: int = 200) -> Response:
    account, settings = request.own_account, request.portal.ports.get(Office).settings
    today = local_day(request.portal.clock.now(), account.time_zone)
    found = promising.offered(request.db, account, settings, today)
    if found is None:
        raise NotFound
    standing = reads.standing(request.db, account.id)
    return page(
        request,
        "tariffs/promise.html",
        status,
        offer=found,
        standing=standing,
        form=form,
        token=form.value("token") or public_id(),
    )


_SEE, _ORDER = on_account("tariffs.view"), on_account("tariffs.order")
_POST: dict[str, Any] = {"methods": ("POST",), "kind": "action"}


def _is_prepaid(settings: Any, _brought: Any) -> bool:
    return bool(settings.charges == "portal")


def _promises(settings: Any, _brought: Any) -> bool:
    return bool(settings.promised.on)


PREPAID_ROUTES: list[RouteSpec] = [
    route("/{account}/promise", show_promise, name="promise", policy=_ORDER, on=_promises),
    route("/{account}/promise", take_promise, name="take_promise", policy=_ORDER, on=_promises, **_POST),
    route("/{account}/charges", show_charges, name="charges", policy=_SEE, on=_is_prepaid),
]
SERVICE_ROUTES: list[RouteSpec] = [
    route("/{account}/{service}/renewal", set_renewal, name="renewal", policy=_ORDER, on=_is_prepaid, **_POST),
    route("/{account}/{service}/renew", renew, name="renew", policy=_ORDER, on=_is_prepaid, **_POST),
]
