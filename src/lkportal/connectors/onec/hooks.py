"""What 1C brings to the portal."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lkportal.connectors.onec.exchange import PAYMENT, exchange_of
from lkportal.connectors.onec.settings import OneCSettings
from lkportal.core.connecting.exchange import Connector
from lkportal.core.connecting.queue import dispatch
from lkportal.core.contributions import Listener, PortBinding
from lkportal.core.events import Envelope
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.ports import port
from lkportal.modules.payments.contract import PaymentSucceeded


def paid(db: Session, envelope: Envelope) -> None:
    """Tell of a payment, where payments are told and 1C does not know this one by itself."""
    table = port(db, OneCSettings).payments
    if table.entity and envelope.body["gateway"] not in table.without:
        dispatch(db, "onec", PAYMENT, envelope.body["payment"])


@hookimpl
def connectors() -> list[Connector]:
    kinds = {PAYMENT: text("onec.kind.payment", "A payment")}
    return [Connector("onec", text("onec.title", "1C"), exchange_of, kinds=kinds)]


@hookimpl
def listeners() -> list[Listener]:
    return [Listener(PaymentSucceeded.name, "onec paid", paid, text("onec.work.paid", "Tells 1C of a payment"))]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(OneCSettings, lambda portal: portal.settings_of("onec"))]
