"""Settings of tariffs, the table [tariffs] of portal.toml."""

from __future__ import annotations

from pydantic import Field

from lkportal.core.settings import ModuleSettings, Table
from lkportal.modules.tariffs.states import Kind


class PricesTable(Table):
    """[tariffs.prices]: what acts on a connected service cost once, minor units. Connecting has its price in the catalogue."""

    disconnect: int = Field(0, ge=0, description="disconnecting a service")
    freeze: int = Field(0, ge=0, description="freezing a service")
    resume: int = Field(0, ge=0, description="resuming before the end of a freeze")
    move: int = Field(0, ge=0, description="moving a service to another address")
    change: int = Field(0, ge=0, description="changing to a plan that costs the same or more")
    change_down: int = Field(0, ge=0, description="changing to a cheaper plan")


class TariffsSettings(ModuleSettings):
    """How services are ordered: what the portal does itself, what acts cost, how long they may wait."""

    automatic: tuple[Kind, ...] = Field(
        (), description="kinds of orders that the portal carries out itself on their day; the others wait at the desk"
    )
    lead_days: int = Field(1, ge=0, le=30, description="days until an order that waits at the desk may take effect")
    ahead_days: int = Field(60, ge=1, le=365, description="how many days ahead an order may be placed")
    freeze_days: int = Field(90, ge=1, le=730, description="longest freeze, days")
    late_hours: int = Field(24, ge=1, le=1000, description="hours after which a waiting order is late at the desk")
    prices: PricesTable = Field(PricesTable(), description="what acts on a connected service cost once")
