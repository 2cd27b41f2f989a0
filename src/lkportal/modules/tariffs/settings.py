"""Settings of tariffs, the table [tariffs] of portal.toml."""

from __future__ import annotations

from typing import Literal

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


class PromisedTable(Table):
    """[tariffs.promised]: the promised payment, a sum that counts as in hand for some days."""

    on: bool = Field(False, description="whether it is offered")
    amount: int = Field(30_000, ge=1, description="what counts as in hand, minor units")
    days: int = Field(3, ge=1, le=60, description="days until it must be paid")
    fee: int = Field(0, ge=0, description="what it costs, minor units")
    pause_days: int = Field(0, ge=0, le=365, description="days after one ended until the next may be taken")


class TariffsSettings(ModuleSettings):
    """How services are ordered: what the portal does itself, what acts cost, how long they may wait."""

    automatic: tuple[Kind, ...] = Field(
        (), description="kinds of orders that the portal carries out itself on their day; the others wait at the desk"
    )
    charges: Literal["billing", "portal"] = Field(
        "billing",
        description="who charges services that are paid in advance: with portal they are charged here and stand still without money",
    )
    below: int = Field(
        0, le=0, description="services stand still when less than this is in hand, minor units; below zero: credit"
    )
    notice_days: int = Field(3, ge=1, le=30, description="days before a charge on which it is told that money lacks")
    grace_days: int = Field(0, ge=0, le=60, description="days a service goes on unpaid before it stands still")
    end_days: int = Field(180, ge=1, le=1000, description="days a service stands still before it ends")
    promised: PromisedTable = Field(PromisedTable(), description="the promised payment")
    offer_notice_days: int = Field(
        7, ge=1, le=60, description="days before the price of an offer ends on which it is told"
    )
    equipment_hours: int = Field(
        24, ge=1, le=720, description="hours after which what is told of equipment is shown with its age"
    )
    lead_days: int = Field(1, ge=0, le=30, description="days until an order that waits at the desk may take effect")
    ahead_days: int = Field(60, ge=1, le=365, description="how many days ahead an order may be placed")
    freeze_days: int = Field(90, ge=1, le=730, description="longest freeze, days")
    prices: PricesTable = Field(PricesTable(), description="what acts on a connected service cost once")
