"""What Bitrix24 brings to the portal."""

from __future__ import annotations

from lkportal.connectors.bitrix24.exchange import MESSAGE, TICKET, WITHDRAWN, exchange_of
from lkportal.connectors.bitrix24.handlers import LISTENERS, NAME, ROUTES
from lkportal.core.connecting.exchange import Connector
from lkportal.core.contributions import Listener, RouteSpec
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text


@hookimpl
def connectors() -> list[Connector]:
    kinds = {
        TICKET: text("bitrix24.kind.ticket", "A request"),
        MESSAGE: text("bitrix24.kind.message", "A message in a request"),
        WITHDRAWN: text("bitrix24.kind.withdrawn", "A request taken back"),
    }
    return [Connector(NAME, text("bitrix24.title", "Bitrix24"), exchange_of, kinds=kinds)]


@hookimpl
def listeners() -> list[Listener]:
    return LISTENERS


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES
