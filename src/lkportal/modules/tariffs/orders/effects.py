"""What an order does to a service once it is carried out: one conditional change, or a new row. Who may order what stands in states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.tariffs.contract import ServiceChanged
from lkportal.modules.tariffs.days import months_on
from lkportal.modules.tariffs.models import Offering, Order, Service
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.states import ACTIVE, SERVICE_STEPS


def apply(db: Session, account: AccountRef, order: Order, day: date) -> str | None:
    """Do to the service what `order` says, as of `day`; return its public id, None when it does not stand so any more."""
    if order.kind == "connect":
        return _connected(db, account, order, day)
    service = db.get(Service, order.service_id, populate_existing=True)
    if service is None or service.account_id != account.id:
        return None
    if order.kind == "change" and service.offering_id != order.before_id:
        return None
    done = step(db, account, service, order.kind, _values(db, order, service, day))
    return service.public_id if done else None


def step(db: Session, account: AccountRef, service: Service, act: str, values: Mapping[str, Any]) -> bool:
    """Change a service that still stands as it was read, by a listed step; tell of a new state. False when it does not."""
    before, after = service.state, SERVICE_STEPS[act].get(service.state)
    if after is None:
        return False
    statement = (
        update(Service)
        .where(Service.id == service.id, Service.state == before, Service.offering_id == service.offering_id)
        .values(state=after, changed_at=now(db), **values)
    )
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) != 1:
        return False
    if after != before:
        emit(db, ServiceChanged(service.public_id, before, after), account=account)
    return True


def _values(db: Session, order: Order, service: Service, day: date) -> dict[str, Any]:
    match order.kind:
        case "disconnect":
            return {"ended_on": day, "charge_on": None, "frozen_until": None, "renews": False}
        case "freeze":
            return {"frozen_on": day, "frozen_until": order.until}
        case "resume":
            return thawed(service, day)
        case "move":
            return {"place": order.place}
    return {"offering_id": order.offering_id, **_price(order, day), **_term(db, order, service, day)}


def _price(order: Order, day: date) -> dict[str, Any]:
    """The price of the catalogue, or that of the offer it was taken by, for its months."""
    if order.promotion_id is None:
        return {"price": None, "price_until": None}
    return {"price": order.monthly, "price_until": months_on(day, order.price_months, day.day)}


def _term(db: Session, order: Order, service: Service, day: date) -> dict[str, Any]:
    """A plan that is paid in advance keeps its day of charge, or begins to have one; one that is billed has none."""
    if not db.get_one(Offering, order.offering_id).prepaid:
        return {"charge_on": None}
    return {} if service.charge_on is not None else {"charge_on": day, "anchor": day.day}


def thawed(service: Service, day: date) -> dict[str, Any]:
    """Return the values of a service whose freeze ends on `day`: the paid days it stood still for come after it."""
    values: dict[str, Any] = {"frozen_on": None, "frozen_until": None}
    if service.charge_on is not None and service.frozen_on is not None and service.charge_on > service.frozen_on:
        charge_on = service.charge_on + (max(day, service.frozen_on) - service.frozen_on)
        values |= {"charge_on": charge_on, "anchor": charge_on.day}
    return values


def _connected(db: Session, account: AccountRef, order: Order, day: date) -> str:
    offering = db.get_one(Offering, order.offering_id)
    paid = offering.prepaid and offering.months > 0
    here = port(db, Office).settings.charges == "portal"
    made = Service(
        public_id=public_id(),
        account_id=account.id,
        offering_id=offering.id,
        state=ACTIVE,
        **_price(order, day),
        place=order.place,
        since=day,
        charge_on=(day if here else months_on(day, offering.months, day.day)) if paid else None,
        anchor=day.day,
        renews=True,
        changed_at=now(db),
    )
    db.add(made)
    db.flush()
    db.execute(update(Order).where(Order.id == order.id).values(service_id=made.id))
    emit(db, ServiceChanged(made.public_id, "", ACTIVE), account=account)
    return made.public_id
