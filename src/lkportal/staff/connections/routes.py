"""Pages of connections: how they stand, trying one now, and what becomes of something refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from starlette.responses import Response

from lkportal.core.connecting import queue
from lkportal.core.connecting.exchange import Exchanges
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.staff.connections.standing import ties
from lkportal.staff.desk import Desk
from lkportal.staff.frame import desk_page
from lkportal.web import FormModel, Request, read_form, redirect, route, unit_of_work


class RefusedForm(FormModel):
    """Something another system refused, and what becomes of it."""

    dispatch: Annotated[int, Field(ge=1)]
    do: Literal["again", "away"]


def show(request: Request) -> Response:
    """Show every connection."""
    ports, now = request.portal.ports, request.portal.clock.now()
    registry = ports.get(Desk).registry  # type: ignore[type-abstract]
    found = list(ties(request.db, registry.connectors, ports.get(Exchanges), now))
    return desk_page(
        request,
        "staff/connections.html",
        ties=found,
        may_act="staff.connections_act" in request.actor.permissions,
        known=request.visit.edge.routes.by_name,
        zone=request.portal.settings.portal.time_zone,
    )


def try_now(request: Request) -> Response:
    """Let a connector go round at once."""
    name = str(request.path_params["connection"])
    if request.portal.ports.get(Exchanges).of(name) is None:
        raise NotFound
    with unit_of_work(request) as db:
        queue.try_now(db, name)
        port(db, AuditLog).record(db, "staff.connection_tried", target=name)  # type: ignore[type-abstract]
    return redirect(request, "staff:connections", _TRIED)


def settle(request: Request) -> Response:
    """Tell something refused again, or put it away."""
    form = read_form(request, RefusedForm)
    if not form.valid:
        raise NotFound
    again = form.data.do == "again"
    try:
        with unit_of_work(request) as db:
            (queue.try_again if again else queue.put_away)(db, form.data.dispatch)
            action = "staff.refusal_retried" if again else "staff.refusal_put_away"
            port(db, AuditLog).record(db, action, target=str(form.data.dispatch))  # type: ignore[type-abstract]
    except NotFound:
        return redirect(request, "staff:connections", _GONE, "warn")
    return redirect(request, "staff:connections", _AGAIN if again else _AWAY)


_TRIED = text("staff.connection.tried", "It is being asked. Look again in a few seconds.")
_GONE = text("staff.connection.gone", "It was dealt with meanwhile.")
_AGAIN = text("staff.connection.again_done", "It is told again in a few seconds.")
_AWAY = text("staff.connection.away_done", "Put away. The other system is not told of it.")
_SEE, _ACT = staff("staff.connections"), staff("staff.connections_act")
CONNECTION_PAGES = [
    route("/connections", show, name="connections", policy=_SEE),
    route("/connections/refused", settle, name="refusal", policy=_ACT, methods=("POST",), kind="action"),
    route(
        "/connections/{connection}/try", try_now, name="connection_try", policy=_ACT, methods=("POST",), kind="action"
    ),
]
