"""The rules of orders: placed, taken back, carried out, refused. Each step is one conditional change of the order, its effect on the
service, audit and event in one unit. Which steps there are stands in states, what an order costs in orders/quotes. No HTTP here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.payments.contract import Wallet
from lkportal.modules.tariffs import states
from lkportal.modules.tariffs.contract import OrderCanceled, OrderPlaced, OrderProcessed, OrderRejected
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.models import Offering, Order, Service
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.orders import effects
from lkportal.modules.tariffs.orders.quotes import Quote, Unfit, Wanted
from lkportal.modules.tariffs.orders.quoting import Asked, quoted
from lkportal.modules.tariffs.prepaid import settling

MOVED_ON = text("tariffs.moved_on", "The order changed meanwhile. Look at how it stands now.")
OTHER_TERMS = text("tariffs.other_terms", "The price changed meanwhile. Look at it once more.")
BUSY = text("tariffs.busy", "An order about this waits already. Take it back first, or wait until it is done.")
HAVE_IT = text("tariffs.have_it", "This is connected already.")
HAVE_PLAN = text("tariffs.have_plan", "You have a plan of this kind. Change it on its page instead.")
_PLACE = insert_if_new(Order.__table__)  # type: ignore[arg-type]
_BY_TOKEN = select(Order).where(Order.account_id == bindparam("of"), Order.token == bindparam("token"))
_BY_PUBLIC = select(Order).where(Order.public_id == bindparam("order"))
_CODE = select(Offering.source_key).where(Offering.id == bindparam("offering"))
_SERVICE = select(Service).where(Service.account_id == bindparam("of"), Service.public_id == bindparam("service"))
_LIVE = (
    select(Service.id, Offering.kind)
    .join(Offering, Offering.id == Service.offering_id)
    .where(Service.account_id == bindparam("of"), Service.state.in_(states.LIVE))
)


class MovedOn(PortalError):
    """The order, or what it is about, does not stand any more as the step wants it."""

    def __init__(self, words: Text = MOVED_ON) -> None:
        super().__init__("tariffs_moved_on", words, 409)
        self.words = words


@dataclass(frozen=True, slots=True)
class Draft:
    """What a customer ordered: `seen` is (price, monthly) as it was shown, `token` is of the form."""

    asked: Asked
    token: str
    seen: tuple[int, int]


def place(db: Session, account: AccountRef, identity_id: int, draft: Draft) -> tuple[Order, bool]:
    """Place an order; return it and whether it is new: the same form sent twice is one order.

    What the portal does itself is done at once when its day has come. Raises Unfit for what does not fit, MovedOn when prices
    are not what was shown or when the same thing waits in another order.
    """
    known = db.execute(_BY_TOKEN, {"of": account.id, "token": draft.token}).scalar_one_or_none()
    if known is not None:
        return known, False
    settings, today = port(db, Office).settings, local_day(now(db), account.time_zone)
    wanted, quote = quoted(db.connection(), account, draft.asked, settings, today)
    if draft.seen != (quote.price, quote.monthly):
        raise MovedOn(OTHER_TERMS)
    is_new = (
        changed(db.execute(_PLACE[db.get_bind().dialect.name], _row(db, account, identity_id, draft, wanted, quote)))
        == 1
    )
    made = db.execute(_BY_TOKEN, {"of": account.id, "token": draft.token}).scalar_one_or_none()
    if made is None:
        raise MovedOn(BUSY)
    if is_new:
        if wanted.kind == "connect":
            _demand_room(db, account, wanted)
        _record(db, "tariffs.ordered", made, account)
        service = wanted.service.public_id if wanted.service is not None else ""
        placed = OrderPlaced(
            made.public_id,
            wanted.kind,
            service,
            wanted.offering.code,
            quote.day.isoformat(),
            quote.price,
            wanted.promotion.code if wanted.promotion is not None else "",
        )
        emit(db, placed, account=account)
        if quote.at_once and quote.day <= today:
            carry_out(db, account, made.public_id, "portal")
    return made, is_new


def cancel(db: Session, account: AccountRef, order: str) -> None:
    """Take an order back while it waits. Raises MovedOn when it does not any more, NotFound for one of another account."""
    row = known(db, order)
    if row.account_id != account.id:
        raise NotFound
    _step(db, row, "customer", states.CANCELED)
    _record(db, "tariffs.canceled", row, account)
    emit(db, OrderCanceled(row.public_id, row.kind), account=account)


def carry_out(db: Session, account: AccountRef, order: str, who: str, identity_id: int | None = None) -> None:
    """Carry out an order: the service is what it orders from its day on, or from today when that has passed. Raises MovedOn when
    the order does not wait any more, or the service does not allow it any more."""
    row = known(db, order)
    today = local_day(now(db), account.time_zone)
    day = max(row.effective_on, today)
    here = _demand_money(db, account, row)
    if row.kind == "connect" and _is_there(db, row):
        raise MovedOn(HAVE_IT)
    _step(db, row, who, states.PROCESSED, decided_by=identity_id)
    service = effects.apply(db, account, row, day)
    if service is None:
        raise MovedOn(text("tariffs.service_moved_on", "The service does not stand any more as the order wants it."))
    _record(db, "tariffs.processed", row, account)
    emit(db, OrderProcessed(row.public_id, row.kind, service), account=account)
    if here:
        title = db.get_one(Offering, row.offering_id).title
        settling.charge(db, account, f"order/{row.public_id}", "order", title, row.price, today)
        settling.settle(db, account, today)


def set_renewal(db: Session, account: AccountRef, service: str, *, renews: bool) -> None:
    """Let a service renew by itself, or only by hand. Raises NotFound for one that the account does not have or that ended."""
    statement = (
        update(Service)
        .where(Service.account_id == account.id, Service.public_id == service, Service.state.in_(states.LIVE))
        .values(renews=renews, changed_at=now(db))
    )
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) != 1:
        raise NotFound
    act = "tariffs.renews" if renews else "tariffs.by_hand"
    port(db, AuditLog).record(db, act, target=service, account=account)  # type: ignore[type-abstract]


def renew(db: Session, account: AccountRef, service: str) -> bool:
    """Pay for one more period of a service by hand; False when there is not enough in hand. Raises NotFound."""
    row = db.execute(_SERVICE, {"of": account.id, "service": service}).scalar_one_or_none()
    if row is None or row.state not in (states.ACTIVE, states.SUSPENDED):
        raise NotFound
    done = settling.renew(db, account, row, local_day(now(db), account.time_zone))
    if done:
        port(db, AuditLog).record(db, "tariffs.renewed", target=service, account=account)  # type: ignore[type-abstract]
    return done


def reject(
    db: Session, account: AccountRef, order: str, reason: str, who: str = "company", identity_id: int | None = None
) -> None:
    """Refuse an order and say why. Raises MovedOn when it does not wait any more."""
    row = known(db, order)
    _step(db, row, who, states.REJECTED, reason=reason, decided_by=identity_id)
    _record(db, "tariffs.rejected", row, account)
    emit(db, OrderRejected(row.public_id, row.kind), account=account)


def known(db: Session, order: str) -> Order:
    """Return an order by public id. Raises NotFound."""
    found = db.execute(_BY_PUBLIC, {"order": order}).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _demand_money(db: Session, account: AccountRef, row: Order) -> bool:
    """Whether the portal charges this order; raises MovedOn when there is not enough in hand for it and its first period."""
    settings, offering = port(db, Office).settings, db.get_one(Offering, row.offering_id)
    if settings.charges != "portal" or not offering.prepaid:
        return False
    money = port(db, Wallet).hold(db, account)  # type: ignore[type-abstract]
    need = row.price + (row.monthly if row.kind == "connect" and offering.months else 0)
    lacking = need - (money - settings.below)
    if need and lacking > 0:
        raise MovedOn(
            text(
                "tariffs.not_enough",
                "There is not enough in hand: %(sum)s more is needed. Top up and order again.",
                sum=Money(lacking, account.currency),
            )
        )
    return True


def _row(
    db: Session, account: AccountRef, identity_id: int, draft: Draft, wanted: Wanted, quote: Quote
) -> dict[str, Any]:
    offering, service = wanted.offering, wanted.service
    subject = f"service:{service.id}" if service is not None else f"addon:{offering.offering_id}"
    if service is None and offering.kind == "plan":
        subject = f"plan:{offering.family}"
    return {
        "public_id": public_id(), "account_id": account.id, "identity_id": identity_id or None, "token": draft.token,
        "subject": subject, "kind": wanted.kind, "state": states.WAITING,
        "service_id": service.id if service is not None else None, "offering_id": offering.offering_id,
        "before_id": service.offering_id if wanted.kind == "change" else None,
        "promotion_id": wanted.promotion.id if wanted.promotion is not None else None,
        "price_months": wanted.promotion.price_months if wanted.promotion is not None else 0, "price": quote.price,
        "monthly": quote.monthly, "effective_on": quote.day, "until": quote.until, "place": quote.place,
        "reason": "", "decided_by": None, "asked_at": now(db), "changed_at": now(db),
    }  # fmt: skip


def _demand_room(db: Session, account: AccountRef, wanted: Wanted) -> None:
    """Refuse what is connected already: the same addon, or a plan of the same family. Asked after the order is written: of two at
    once the second waited for the first."""
    same = Offering.id == wanted.offering.offering_id
    if wanted.offering.kind == "plan":
        same = (Offering.family == wanted.offering.family) & (Offering.kind == "plan")
    if db.execute(_LIVE.where(same), {"of": account.id}).first() is not None:
        raise Unfit("", HAVE_PLAN if wanted.offering.kind == "plan" else HAVE_IT)


def _is_there(db: Session, row: Order) -> bool:
    offering = db.get_one(Offering, row.offering_id)
    same = Offering.id == offering.id
    if offering.kind == "plan":
        same = (Offering.family == offering.family) & (Offering.kind == "plan")
    return db.execute(_LIVE.where(same), {"of": row.account_id}).first() is not None


def _step(db: Session, row: Order, who: str, after: str, **values: Any) -> None:
    """Change an order that still waits: of two at once one is too late."""
    if not states.may_step(who, row.state, after):
        raise MovedOn
    statement = (
        update(Order)
        .where(Order.id == row.id, Order.state == row.state)
        .values(state=after, changed_at=now(db), **values)
    )
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) != 1:
        raise MovedOn


def _record(db: Session, act: str, row: Order, account: AccountRef) -> None:
    detail: dict[str, str | int] = {"kind": row.kind, "price": row.price, "day": row.effective_on.isoformat()}
    port(db, AuditLog).record(db, act, target=row.public_id, account=account, detail=detail)  # type: ignore[type-abstract]
