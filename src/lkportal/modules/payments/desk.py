"""The pay desk of one portal: settings, the gateway that takes money, the company's calendar. A port, filled at boot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
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
from lkportal.modules.payments.fiscal.atol import Atol
from lkportal.modules.payments.fiscal.registers import FiscalRegister
from lkportal.modules.payments.gateways.stripe import Stripe
from lkportal.modules.payments.gateways.tbank import TBank
from lkportal.modules.payments.gateways.yookassa import YooKassa
from lkportal.modules.payments.settings import PaymentsSettings


@dataclass(frozen=True, slots=True)
class Desk:
    """What rules and pages ask of the portal. `gateways` are those that take payments, the preferred one first."""

    settings: PaymentsSettings
    gateways: tuple[PaymentGateway, ...]
    zone: ZoneInfo
    clock: Clock
    register: FiscalRegister | None = None

    @property
    def gateway(self) -> PaymentGateway | None:
        """The preferred gateway; None when paying is not offered."""
        return self.gateways[0] if self.gateways else None

    @property
    def open_gateway(self) -> PaymentGateway:
        """The preferred gateway. Raises PortalError("payments.closed") when paying is not offered."""
        if self.gateway is None:
            raise PortalError("payments.closed", _CLOSED, 503)
        return self.gateway

    def of(self, name: str) -> PaymentGateway | None:
        """Return the gateway of that name, or None when it is off."""
        return next((each for each in self.gateways if each.name == name), None)

    def taking(self, currency: str) -> tuple[PaymentGateway, ...]:
        """Return the gateways that take `currency`, the preferred one first."""
        return tuple(each for each in self.gateways if currency in each.currencies)

    def choices(self, currency: str) -> tuple[PaymentGateway, ...]:
        """Return the gateways among which a payer of `currency` has a real choice: each takes some way that those before it
        do not. One or none: there is nothing to ask him."""
        found: list[PaymentGateway] = []
        for each in self.taking(currency):
            if not found or each.ways - frozenset().union(*(known.ways for known in found)):
                found.append(each)
        return tuple(found)

    def chosen(self, currency: str, name: str = "") -> PaymentGateway:
        """Return the gateway for a payment: `name` when it takes the currency, else the preferred one that does.

        Raises PortalError("payments.closed") when none does.
        """
        taking = self.taking(currency)
        if not taking:
            raise PortalError("payments.closed", _CLOSED, 503)
        return next((each for each in taking if each.name == name), taking[0])

    @property
    def saves(self) -> bool:
        """Whether methods can be saved for autopay."""
        return self.settings.autopay.on and any("save" in each.abilities for each in self.gateways)

    def today(self) -> date:
        """Return the date in the company's time zone."""
        return self.clock.now().astimezone(self.zone).date()


_CLOSED = text("payments.closed", "Paying here is not offered now. Pay by the bank details of the bill.")


def desk_of(db: Session) -> Desk:
    """Return the desk of the portal that the unit of work belongs to."""
    return port(db, Desk)


def make_desk(portal: Any) -> Desk:
    """Return the desk of `portal`, with the gateways its settings name. Raises StartupError for one that nobody brings."""
    settings: PaymentsSettings = portal.settings_of("payments")
    zone = ZoneInfo(portal.settings.portal.time_zone)
    return Desk(settings, tuple(_gateways(settings, portal)), zone, portal.clock, _register(settings, portal, zone))


def make_yookassa(settings: PaymentsSettings, portal: Any) -> PaymentGateway | None:
    """Return the built-in gateway, or None when no shop is set."""
    shop = settings.yookassa
    return YooKassa(shop, _client(shop.timeout)) if shop else None


def make_stripe(settings: PaymentsSettings, portal: Any) -> PaymentGateway | None:
    """Return Stripe, or None when no account is set. Signatures are aged by the machine's clock, as Stripe's are."""
    shop = settings.stripe
    return Stripe(shop, _client(shop.timeout), lambda: datetime.now(UTC)) if shop else None


def make_tbank(settings: PaymentsSettings, portal: Any) -> PaymentGateway | None:
    """Return T-Bank, or None when no terminal is set."""
    shop = settings.tbank
    return TBank(shop, _client(shop.timeout)) if shop else None


def _client(timeout: float) -> httpx2.Client:
    # No connection is kept between calls: one that died unseen would make a payment's outcome unknown for nothing.
    return foreign.client(timeout=timeout, limits=httpx2.Limits(max_keepalive_connections=0))


def _register(settings: PaymentsSettings, portal: Any, zone: ZoneInfo) -> FiscalRegister | None:
    """Return our own register, or None when none is set."""
    atol = settings.atol
    if atol is None:
        return None
    secret = atol.callback_secret.get_secret_value() if atol.callback_secret else ""
    back = f"{portal.settings.portal.public_url.rstrip('/')}/payments/fiscal/{secret}" if secret else ""
    return Atol(atol, foreign.client(timeout=atol.timeout), zone, back)


def _gateways(settings: PaymentsSettings, portal: Any) -> Iterator[PaymentGateway]:
    known = portal.registry.payment_gateways
    for name in settings.names:
        if name not in known:
            names = ", ".join(sorted(known)) or "-"
            raise StartupError(
                "gateway_unknown",
                f"payments.gateway or payments.gateways names {name!r}, but no module that is on brings it. Known: {names}.",
            )
        gateway: PaymentGateway | None = known[name].factory(settings, portal)
        if gateway is not None:
            yield gateway
