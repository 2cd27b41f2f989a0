"""Settings of exports and of VAT in them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lkportal.core.settings import Table
from lkportal.modules.payments.contract import Vat

ExportKind = Literal["bills", "payments", "refunds", "receipts"]


class VatTable(Table):
    """[payments.vat]: the rate of what is charged. Sums hold the tax: 22 % of 122 are 22."""

    default: Vat = Field("none", description='rate of services that are not named, and of payments: "22", "none"')
    services: dict[str, Vat] = Field({}, description='rates of single services: { "Отопление" = "22" }')


class ExportsTable(Table):
    """[payments.exports]: files that are made by themselves, each night for the day before or on the first for the month before."""

    daily: tuple[ExportKind, ...] = Field((), description='exports of each day: ["payments", "refunds"]')
    monthly: tuple[ExportKind, ...] = Field((), description='exports of each month: ["bills", "receipts"]')
    form: Literal["csv", "xlsx"] = Field("xlsx", description="as what they are written")
    keep_days: int = Field(90, ge=1, le=3650, description="days after which the file of an export is deleted")
