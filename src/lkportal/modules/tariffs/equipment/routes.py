"""The customer page of one piece of equipment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.policy import on_account
from lkportal.modules.tariffs.equipment import queries
from lkportal.modules.tariffs.equipment.views import as_of, device, devices
from lkportal.modules.tariffs.office import Office
from lkportal.web import Request, page, route


def show_device(request: Request) -> Response:
    """Show a piece of equipment, whether it works and what to do when it does not."""
    row = queries.one(request.db, request.own_account.id, request.path_params["device"])
    if row is None:
        raise NotFound
    return page(request, "tariffs/device.html", device=device(row), **known(request, [row]))


def known(request: Request, rows: Sequence[Any]) -> dict[str, Any]:
    """Return `as_of`: the moment of what is known of these rows where that is old."""
    hours = request.portal.ports.get(Office).settings.equipment_hours
    return {"as_of": as_of(devices(rows), request.portal.clock.now(), hours)}


EQUIPMENT_ROUTES: list[RouteSpec] = [
    route("/{account}/equipment/{device}/", show_device, name="device", policy=on_account("tariffs.view"))
]
