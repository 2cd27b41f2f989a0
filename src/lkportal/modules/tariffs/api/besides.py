"""Calls of the API about what stands beside services: equipment, offers that may be taken."""

from __future__ import annotations

from typing import Any

from lkportal.core.i18n import text
from lkportal.core.rest import ApiMoney, ApiRoute, ApiScope, ListPage
from lkportal.modules.tariffs.api.shapes import DEVICE, PROMOTION, DeviceOut, PromotionOut
from lkportal.modules.tariffs.equipment import queries as equipment
from lkportal.modules.tariffs.promotions import queries as offers
from lkportal.modules.tariffs.routes import today_of
from lkportal.web import Request

HERE = "/accounts/{account}"
SEE = ApiScope("tariffs.read", text("tariffs.scope.read", "See services and orders"), "tariffs.view")


def devices(request: Request, _asked: None, page: ListPage) -> list[DeviceOut]:
    """Return what stands at the account, what has no contact first."""
    rows = equipment.of_account(request.db, request.own_account.id)
    return [_device(row) for row in page.cut(rows, lambda row: row.public_id)]


def promotions(request: Request, _asked: None, page: ListPage) -> list[PromotionOut]:
    """Return the offers the account may take today, what ends first before."""
    account = request.own_account
    rows = offers.open_offers(request.db, account.id, today_of(request))
    return [_promotion(row, account.currency) for row in page.cut(rows, lambda row: row.public_id)]


def _device(row: Any) -> DeviceOut:
    return DeviceOut(
        id=row.public_id,
        kind=row.kind,
        model=row.model,
        serial=row.serial,
        rented=row.rented,
        silent_since=row.silent_since,
        last_seen_at=row.last_seen_at,
        service=row.service,
        as_of=row.seen_at,
    )


def _promotion(row: Any, currency: str) -> PromotionOut:
    return PromotionOut(
        id=row.public_id,
        title=row.title,
        note=row.note,
        kind="change" if row.instead else "connect",
        offering=row.offering,
        service=row.instead,
        price=ApiMoney.of(row.amount, currency),
        price_months=row.price_months,
        months=row.months,
        then=ApiMoney.of(row.catalogue, currency),
        connecting=ApiMoney.of(row.connect_price, currency),
        until=row.until,
    )


BESIDES = [
    ApiRoute(
        "GET",
        f"{HERE}/equipment",
        "equipment",
        text("tariffs.call.equipment", "Equipment at the account"),
        SEE,
        devices,
        DeviceOut,
        DEVICE,
        listed=True,
    ),
    ApiRoute(
        "GET",
        f"{HERE}/promotions",
        "promotions",
        text("tariffs.call.promotions", "Offers the account may take"),
        SEE,
        promotions,
        PromotionOut,
        PROMOTION,
        listed=True,
    ),
]
