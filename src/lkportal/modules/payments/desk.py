"""The pay desk of one portal: settings, the gateway that takes money, the company's calendar. A port, filled at boot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from sqlalchemy.orm import Session

from lkportal.core import foreign
from lkportal.core.clock import Clock
from lkportal.core.errors import PortalError, StartupError
from lkportal.core.i18n import text
from lkportal.core.ports import port
from lkportal.modules.payments.contract import PaymentGateway
from lkportal.modules.payments.gateways.yookassa import YooKassa
from lkportal.modules.payments.settings import PaymentsSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """What rules and pages ask of the portal. `gateway` is None when paying is not offered."""

    settings: PaymentsSettings
    gateway: PaymentGateway | None
    zone: ZoneInfo
    clock: Clock

    @property
    def open_gateway(self) -> PaymentGateway:
        """The gateway. Raises PortalError("payments.closed") when paying is not offered."""
        if self.gateway is None:
            raise PortalError("payments.closed", _CLOSED, 503)
        return self.gateway

    def today(self) -> date:
        """Return the date in the company's time zone."""
        return self.clock.now().astimezone(self.zone).date()


_CLOSED = text("payments.closed", "Paying here is not offered now. Pay by the bank details of the bill.")


def desk_of(db: Session) -> Desk:
    """Return the desk of the portal that the unit of work belongs to."""
    return port(db, Desk)


def make_desk(portal: Any) -> Desk:
    """Return the desk of `portal`, with the gateway its settings name. Raises StartupError for one that nobody brings."""
    settings: PaymentsSettings = portal.settings_of("payments")
    zone = ZoneInfo(portal.settings.portal.time_zone)
    return Desk(settings, _gateway(settings, portal), zone, portal.clock)


def make_yookassa(settings: PaymentsSettings, portal: Any) -> PaymentGateway | None:
    """Return the built-in gateway, or None when no shop is set."""
    shop = settings.yookassa
    # No connection is kept between calls: one that died unseen would make a payment's outcome unknown for nothing.
    alone = httpx2.Limits(max_keepalive_connections=0)
    return YooKassa(shop, foreign.client(timeout=shop.timeout, limits=alone)) if shop else None


def _gateway(settings: PaymentsSettings, portal: Any) -> PaymentGateway | None:
    if not settings.gateway:
        return None
    known = portal.registry.payment_gateways
    if settings.gateway not in known:
        names = ", ".join(sorted(known)) or "-"
        raise StartupError(
            "gateway_unknown",
            f"payments.gateway names {settings.gateway!r}, but no module that is on brings it. Known: {names}.",
        )
    gateway: PaymentGateway | None = known[settings.gateway].factory(settings, portal)
    return gateway
