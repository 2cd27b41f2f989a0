"""What is told to Bitrix24 when: a request, what is written in it, that it was taken back. And its hint that something changed."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from sqlalchemy.orm import Session
from starlette.responses import Response

from lkportal.connectors.bitrix24.exchange import MESSAGE, TICKET, WITHDRAWN
from lkportal.connectors.bitrix24.settings import Bitrix24Settings
from lkportal.core.connecting.queue import dispatch, wake
from lkportal.core.contributions import Listener, RouteSpec
from lkportal.core.errors import NotFound
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.policy import anyone
from lkportal.modules.tickets.contract import TicketAnswered, TicketMoved, TicketOpened, TicketWritten
from lkportal.web import Request, route, unit_of_work

NAME = "bitrix24"


def opened(db: Session, envelope: Envelope) -> None:
    """Tell of a new request."""
    dispatch(db, NAME, TICKET, envelope.body["ticket"])


def written(db: Session, envelope: Envelope) -> None:
    """Tell of what a customer wrote, or the company in the portal; of the request too, when it is older than the connection."""
    dispatch(db, NAME, TICKET, envelope.body["ticket"])
    dispatch(db, NAME, MESSAGE, envelope.body["message"])


def moved(db: Session, envelope: Envelope) -> None:
    """Tell that a customer took a request back."""
    if envelope.body["after"] == "withdrawn":
        dispatch(db, NAME, WITHDRAWN, envelope.body["ticket"], {"ticket": envelope.body["ticket"]})


def take_hint(request: Request) -> Response:
    """Take an event of Bitrix24: nothing in it is believed but that something changed, and that only with its token."""
    settings = request.settings_of(NAME, Bitrix24Settings)
    known = settings.hook_token.get_secret_value()
    given = parse_qs(request.body_bytes.decode("utf-8", "replace")).get("auth[application_token]", [""])[0]
    if not known or not hmac.compare_digest(known.encode(), given.encode()):
        raise NotFound
    with unit_of_work(request) as db:
        wake(db, NAME)
    return Response(status_code=204)


ROUTES: list[RouteSpec] = [
    route("/hook", take_hint, name="hook", policy=anyone(), methods=("POST",), kind="api", csrf=False, body=16 * 1024)
]
_TOLD = text("bitrix24.work.told", "Tells Bitrix24")
LISTENERS = [
    Listener(TicketOpened.name, "bitrix24 opened", opened, _TOLD),
    Listener(TicketWritten.name, "bitrix24 written", written, _TOLD),
    Listener(TicketAnswered.name, "bitrix24 answered", written, _TOLD),
    Listener(TicketMoved.name, "bitrix24 moved", moved, _TOLD),
]
