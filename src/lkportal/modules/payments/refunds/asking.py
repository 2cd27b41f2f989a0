"""Asking the provider for a refund and about it, always outside a unit of work; what it says is written by service."""

from __future__ import annotations

from datetime import datetime

from lkportal.modules.payments.contract import GatewayPayment, GatewayUnavailable, PaymentGateway, Rejected
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.paying.asking import KEY_LIVES, Ways
from lkportal.modules.payments.refunds import cases, service
from lkportal.modules.payments.refunds.cases import RefundCase
from lkportal.modules.payments.refunds.service import Told


def ask(desk: Desk, ways: Ways, refund: int, moment: datetime) -> None:
    """Ask about a refund that may still change, and write down the answer. Nobody is asked about a finished one."""
    with ways.reading() as connection:
        found = cases.by_id(connection, refund)
    gateway = desk.of(found.case.gateway) if found is not None else None
    if found is None or gateway is None or not found.is_live:
        return
    told = _told(gateway, found, moment)
    with ways.unit() as db:
        service.record(db, found, told)


def _told(gateway: PaymentGateway, refund: RefundCase, moment: datetime) -> Told:
    """The same key is used for a day. After that, or when the provider refuses, the payment itself tells what has happened."""
    given, refused = None, ""
    try:
        if refund.provider_id is not None:
            given = gateway.fetch_refund(refund.provider_id)
        elif moment - refund.created_at < KEY_LIVES:
            given = gateway.refund(refund.intent)
    except Rejected as rejected:
        refused = rejected.reason
    except GatewayUnavailable as silence:
        return Told(is_silent=True, retry_after=silence.retry_after)
    return Told(given, _payment(gateway, refund), refused)


def _payment(gateway: PaymentGateway, refund: RefundCase) -> GatewayPayment | None:
    try:
        return gateway.fetch(refund.case.provider_id or "")
    except (GatewayUnavailable, Rejected):
        return None
