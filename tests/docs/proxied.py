"""Pages that tell how a request arrived, behind the proxies of test_proxies."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from lkportal import Module, hookimpl
from lkportal.core.contributions import RouteSpec
from lkportal.core.policy import anyone
from lkportal.web import Request, route

MEGABYTES = 104 * 1024 * 1024

module = Module(name="arrivals", title="Arrivals", version="1.0", package="tests.docs", hooks="tests.docs.proxied")


class Bell:
    """A watch that says what was rung."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def changed(self, connection: Connection) -> Iterable[str]:
        heard, self.rung = self.rung, []
        return heard


bell = Bell()


def tell(request: Request) -> Response:
    told = {"scheme": request.scope["scheme"], "number": request.request_id}
    return JSONResponse(
        {**told, "client": request.client.host if request.client else "", "took": len(request.body_bytes)}
    )


def live(request: Request) -> Response:
    return request.visit.edge.streams.answer(request, bell, "door")


@hookimpl
def routes() -> list[RouteSpec]:
    return [
        route("/tell", tell, name="tell", policy=anyone(), kind="api"),
        route("/take", tell, name="take", policy=anyone(), methods=("POST",), kind="api", csrf=False, body=MEGABYTES),
        route("/live", live, name="live", policy=anyone(), kind="file"),
    ]
