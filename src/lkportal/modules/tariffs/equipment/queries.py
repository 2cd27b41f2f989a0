"""Prepared reads of equipment, bound to one account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from lkportal.modules.tariffs.equipment.models import Device
from lkportal.modules.tariffs.models import Offering, Service

Found = Sequence[Row[*tuple[Any, ...]]]
_DEVICE = (
    select(
        Device.public_id,
        Device.kind,
        Device.model,
        Device.serial,
        Device.rented,
        Device.silent_since,
        Device.last_seen_at,
        Device.seen_at,
        Offering.title.label("service_title"),
        Service.public_id.label("service"),
    )
    .outerjoin(Service, Service.id == Device.service_id)
    .outerjoin(Offering, Offering.id == Service.offering_id)
    .where(Device.account_id == bindparam("account_id"), Device.given_back.is_(False))
    .order_by(Device.silent_since.is_(None), Device.id)
)
OF_TODAY = _DEVICE.limit(10)
"""What stands at the account :account_id, what has no contact first."""
_OF_ACCOUNT = _DEVICE.limit(50)
_OF_SERVICE = _DEVICE.where(Device.service_id == bindparam("service")).limit(20)
_ONE = _DEVICE.where(Device.public_id == bindparam("device"))


def of_account(connection: Connection, account_id: int) -> Found:
    """Return what stands at an account, what has no contact first."""
    return connection.execute(_OF_ACCOUNT, {"account_id": account_id}).all()


def of_service(connection: Connection, account_id: int, service_id: int) -> Found:
    """Return what a service of the account works by."""
    return connection.execute(_OF_SERVICE, {"account_id": account_id, "service": service_id}).all()


def one(connection: Connection, account_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return one piece of equipment of an account, or None."""
    return connection.execute(_ONE, {"account_id": account_id, "device": public}).first()
