"""What tariffs bring to the search, and what requests may be about: services and orders by their names, pages by words."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef
from lkportal.core.request_types import Subject
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider, matching
from lkportal.modules.tariffs import queries, states
from lkportal.modules.tariffs.equipment import queries as devices
from lkportal.modules.tariffs.equipment.models import Device
from lkportal.modules.tariffs.models import Offering, Order, Service
from lkportal.modules.tariffs.views import order_words

_SERVICE = (
    select(Offering.title)
    .join(Service, Service.offering_id == Offering.id)
    .where(Service.account_id == bindparam("of"), Service.public_id == bindparam("service"))
)
_ORDER = queries.ORDER.where(Order.account_id == bindparam("of"), Order.public_id == bindparam("order"))


def _services(asked: SearchAsked) -> Iterable[Hit]:
    fits = matching(" ".join(asked.typed.words), Offering.title, Offering.family, Service.place)
    if fits is None:
        return
    rows = asked.connection.execute(
        select(Service.public_id, Service.account_id, Service.state, Offering.title)
        .join(Offering, Offering.id == Service.offering_id)
        .where(Service.account_id.in_([each.id for each in asked.accounts]), fits)
        .order_by(Service.state == states.ENDED, Service.id.desc())
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        address = asked.url("tariffs:service", account=account.public_id, service=row.public_id)
        yield Hit(row.title, address, states.SERVICE_TITLES[row.state][1], account)


def _service_title(connection: Connection, account: AccountRef, public_id: str) -> str | None:
    found: str | None = connection.execute(_SERVICE, {"of": account.id, "service": public_id}).scalar()
    return found


def _order_title(connection: Connection, account: AccountRef, public_id: str) -> Text | None:
    row = connection.execute(_ORDER, {"of": account.id, "order": public_id}).first()
    return order_words(row) if row is not None else None


def _device_title(connection: Connection, account: AccountRef, public_id: str) -> str | None:
    found = devices.one(connection, account.id, public_id)
    return str(found.model) if found is not None else None


def _devices(asked: SearchAsked) -> Iterable[Hit]:
    fits = matching(" ".join(asked.typed.words), Device.model, Device.serial)
    if fits is None:
        return
    rows = asked.connection.execute(
        select(Device.public_id, Device.account_id, Device.model, Device.serial)
        .where(Device.account_id.in_([each.id for each in asked.accounts]), Device.given_back.is_(False), fits)
        .order_by(Device.id)
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        address = asked.url("tariffs:device", account=account.public_id, device=row.public_id)
        yield Hit(row.model, address, row.serial, account)


PROVIDERS = [
    SearchProvider("tariffs.services", text("tariffs.search.found", "Services"), _services, "tariffs.view", 40),
    SearchProvider("tariffs.devices", text("tariffs.equipment.title", "Equipment"), _devices, "tariffs.view", 41),
]
SUBJECTS = [
    Subject("tariffs.service", _service_title, "tariffs:service", "service", "tariffs.view"),
    Subject("tariffs.device", _device_title, "tariffs:device", "device", "tariffs.view"),
    Subject("tariffs.order", _order_title, "tariffs:order", "order", "tariffs.view"),
]
PAGES = [
    SearchPage(
        "tariffs:services",
        text("tariffs.search.services", "Services"),
        text(
            "tariffs.search.services_words",
            "service, tariff, plan, internet, disconnect, freeze, block, move, price, router, equipment",
        ),
        "tariffs.view",
    ),
    SearchPage(
        "tariffs:catalogue",
        text("tariffs.search.catalogue", "What we offer"),
        text("tariffs.search.catalogue_words", "connect, catalogue, new service, change the plan, television, router"),
        "tariffs.order",
    ),
]
