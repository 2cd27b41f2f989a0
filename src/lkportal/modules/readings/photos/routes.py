"""Photos as files: for the people of their account, and for the company's people who look at readings. Nobody else."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.policy import on_account, staff
from lkportal.core.storage import Storage
from lkportal.modules.readings.photos import keeping
from lkportal.web import Request, route


def show_photo(request: Request) -> Response:
    """Give a photo of the account."""
    return _picture(request, keeping.of_account(request.db, request.own_account.id, request.path_params["photo"]))


def show_to_staff(request: Request) -> Response:
    """Give a photo to somebody of the company."""
    return _picture(request, keeping.for_staff(request.db, request.path_params["photo"]))


def _picture(request: Request, row: Any) -> Response:
    if row is None:
        raise NotFound
    body = request.portal.ports.get(Storage).get(row.file_key)  # type: ignore[type-abstract]
    headers = {"cache-control": "private, no-store", "content-disposition": "inline"}
    return Response(body, media_type="image/jpeg", headers=headers)


PHOTO_ROUTES: list[RouteSpec] = [
    route(
        "/{account}/photo/{photo}",
        show_photo,
        name="photo",
        policy=on_account("readings.view"),
        kind="file",
        limiter="files",
    )
]
STAFF_PHOTO_ROUTES: list[RouteSpec] = [
    route(
        "/photo/{photo}",
        show_to_staff,
        name="staff_photo",
        policy=staff("readings.staff_view"),
        kind="file",
        limiter="files",
    )
]
