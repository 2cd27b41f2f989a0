"""A module with a hole: a page of an account that asks nobody who they are, and a route that no table is named after."""

from __future__ import annotations

from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response

from lkportal.accounts.models import Account
from lkportal.core.contributions import RouteSpec
from lkportal.core.hookspecs import hookimpl
from lkportal.core.policy import anyone
from lkportal.web import Request, route


def peek(request: Request) -> Response:
    """Show an account to whoever knows its id."""
    public = request.path_params["customer"]
    row = request.db.execute(select(Account.title, Account.holder).where(Account.public_id == public)).first()
    return PlainTextResponse(f"{row.title} {row.holder}" if row else "nothing")


@hookimpl
def routes() -> list[RouteSpec]:
    return [
        route("/{customer}/peek", peek, name="peek", policy=anyone()),
        route("/things/{thing}", peek, name="thing", policy=anyone()),
    ]
