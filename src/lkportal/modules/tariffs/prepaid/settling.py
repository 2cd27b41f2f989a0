"""What becomes of services that are paid in advance, as of a day: charged, standing still, going on, ended. One account at a time, with its
money held: whoever else moves it waits. Every step is conditional, so it may be begun again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.payments.contract import Wallet
from lkportal.modules.tariffs.contract import PromiseEnded, ServiceCharged
from lkportal.modules.tariffs.days import months_on
from lkportal.modules.tariffs.models import Service
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.orders import effects
from lkportal.modules.tariffs.prepaid import reads
from lkportal.modules.tariffs.prepaid.models import Charge, Promise
from lkportal.modules.tariffs.states import ACTIVE, FROZEN, SUSPENDED


@dataclass(slots=True)
class Purse:
    """What an account can pay with: `money` in hand, `promised` beside it, both above the threshold `below`."""

    money: int
    promised: int
    below: int

    @property
    def cover(self) -> int:
        """What can be spent; below zero: services stand still."""
        return self.money + self.promised - self.below


def settle(db: Session, account: AccountRef, today: date, *, paid: bool = False) -> None:
    """Bring the services of an account to where its money says on `today`. `paid`: money has just come, so a promise that it covers
    is kept. Does nothing where billing charges."""
    office = port(db, Office)
    if office.settings.charges != "portal":
        return
    money = port(db, Wallet).hold(db, account)  # type: ignore[type-abstract]
    promise = reads.open_promise(db, account.id)
    if promise is not None and promise.until < today:
        _end(db, account, promise, "kept" if money >= office.settings.below else "broken")
        promise = None
    purse = Purse(money, promise.amount if promise is not None else 0, office.settings.below)
    for row in reads.services(db, account.id, today):
        service = db.get(Service, row.id, populate_existing=True)
        if service is not None and service.charge_on is not None and service.state != FROZEN:
            _service(db, account, service, row, purse, today)
    if promise is not None and paid and purse.money >= purse.below:
        _end(db, account, promise, "kept")


def charge(
    db: Session, account: AccountRef, origin: str, kind: str, title: str, amount: int, day: date, **period: Any
) -> bool:
    """Charge an account for a fact, once; False when it was charged already or costs nothing."""
    if amount <= 0 or not port(db, Wallet).charge(db, account, f"tariffs:{origin}", amount, day):  # type: ignore[type-abstract]
        return False
    row = {"account_id": account.id, "origin": origin, "kind": kind, "title": title, "amount": amount, "day": day}
    db.execute(insert(Charge).values({**row, **period}))
    return True


def renew(db: Session, account: AccountRef, service: Service, today: date) -> bool:
    """Pay for one more period by hand, from what is in hand; False when that is not enough."""
    office = port(db, Office)
    money = port(db, Wallet).hold(db, account)  # type: ignore[type-abstract]
    promise = reads.open_promise(db, account.id)
    purse = Purse(money, promise.amount if promise is not None else 0, office.settings.below)
    row = next((each for each in reads.services(db, account.id, today) if each.id == service.id), None)
    return row is not None and _charged(db, account, service, row, purse, today)


def _service(db: Session, account: AccountRef, service: Service, row: Any, purse: Purse, today: date) -> None:
    settings = port(db, Office).settings
    while service.renews and service.charge_on is not None and service.charge_on <= today:
        if not _charged(db, account, service, row, purse, today):
            break
    if service.charge_on is None:
        return
    if service.charge_on > today:
        if purse.cover < 0:
            effects.step(db, account, service, "suspend", {})
        else:
            effects.step(db, account, service, "restore", {})
    elif service.state == ACTIVE and today >= service.charge_on + timedelta(days=settings.grace_days):
        effects.step(db, account, service, "suspend", {})
    elif service.state == SUSPENDED and today >= service.charge_on + timedelta(days=settings.end_days):
        effects.step(db, account, service, "disconnect", {"ended_on": today, "charge_on": None, "renews": False})


def _charged(db: Session, account: AccountRef, service: Service, row: Any, purse: Purse, today: date) -> bool:
    """Charge the next period if there is money for it. One that stood still begins today: nobody pays for days without service."""
    if service.charge_on is None or row.amount is None or row.amount > purse.cover:
        return False
    late = service.state == SUSPENDED and service.charge_on <= today
    since = today if late else service.charge_on
    anchor = today.day if late else service.anchor
    until = months_on(since, row.months, anchor)
    values = {"charge_on": until, "anchor": anchor}
    if not _moved(db, service, values):
        return False
    origin = f"{service.public_id}/{since.isoformat()}"
    if charge(
        db, account, origin, "period", row.title, row.amount, today, service_id=service.id, since=since, until=until
    ):
        purse.money -= row.amount
        emit(db, ServiceCharged(service.public_id, row.amount, since.isoformat(), until.isoformat()), account=account)
    db.refresh(service)
    if service.state == SUSPENDED:
        effects.step(db, account, service, "restore", {})
        db.refresh(service)
    return True


def _moved(db: Session, service: Service, values: Mapping[str, Any]) -> bool:
    statement = update(Service).where(Service.id == service.id, Service.charge_on == service.charge_on).values(**values)
    return changed(db.execute(statement, execution_options={"synchronize_session": False})) == 1


def _end(db: Session, account: AccountRef, promise: Promise, state: str) -> None:
    statement = (
        update(Promise).where(Promise.id == promise.id, Promise.state == "open").values(state=state, ended_at=now(db))
    )
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) == 1:
        emit(db, PromiseEnded(promise.public_id, state == "kept"), account=account)
