"""What time and money do to services that are paid in advance: every hour, and at each payment. Each account in a unit of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Date, bindparam, func, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.core.contributions import JobSpec, Listener, Notice, NoticeSender, Schedule
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.money import Money
from lkportal.core.notices import Due, Told, no_event
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.payments.contract import LEDGERS, PaymentRefunded, PaymentSucceeded
from lkportal.modules.tariffs.contract import ServiceChanged
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.models import Offering, Price, Service
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.prepaid import reads
from lkportal.modules.tariffs.prepaid.settling import settle
from lkportal.modules.tariffs.queries import own_price
from lkportal.modules.tariffs.states import ACTIVE, SUSPENDED

SETTLE, SOON = "tariffs.settle", "tariffs.soon"
BATCH = 500
_DAY = bindparam("day", type_=Date())
_PRICE = (
    select(Price.amount)
    .where(Price.offering_id == Offering.id, Price.since <= _DAY)
    .order_by(Price.since.desc())
    .limit(1)
    .correlate(Offering)
    .scalar_subquery()
)
_COMING = (
    select(
        Service.id,
        Service.public_id,
        Service.account_id,
        Service.charge_on,
        Service.renews,
        Offering.title,
        func.coalesce(own_price(_DAY), _PRICE).label("amount"),
        reads.IN_HAND.label("in_hand"),
        Account.currency,
    )
    .join(Offering, Offering.id == Service.offering_id)
    .join(Account, Account.id == Service.account_id)
    .outerjoin(LEDGERS, LEDGERS.c.account_id == Account.id)
    .where(Offering.prepaid, Service.state == ACTIVE, Service.charge_on == _DAY, Service.id > bindparam("after"))
    .order_by(Service.id)
    .limit(BATCH)
)
_STILL = (
    select(
        Service.renews,
        Service.charge_on,
        func.coalesce(own_price(_DAY), _PRICE).label("amount"),
        reads.IN_HAND.label("in_hand"),
    )
    .join(Offering, Offering.id == Service.offering_id)
    .outerjoin(LEDGERS, LEDGERS.c.account_id == Service.account_id)
    .where(Service.public_id == bindparam("service"), Service.state == ACTIVE)
)
_CHANGED = (
    select(Service.public_id, Offering.title, Account.currency, Account.id.label("account_id"))
    .join(Offering, Offering.id == Service.offering_id)
    .join(Account, Account.id == Service.account_id)
    .where(Service.public_id == bindparam("service"))
)


def settle_all(ctx: JobContext) -> None:
    """Charge what has come due, let stand still what there is no money for, let go on what there is."""
    settings, moment, after = ctx.ports.get(Office).settings, ctx.clock.now(), 0
    if settings.charges != "portal":
        return
    latest = moment.date() + timedelta(days=1)
    given_up = latest - timedelta(days=settings.end_days)
    while True:
        with ctx.reading() as connection:
            rows = reads.accounts(connection, latest, given_up, settings.below, after, BATCH)
        for row in rows:
            with ctx.unit() as db:
                account = port(db, Accounts).by_public_id(db, row.account)  # type: ignore[type-abstract]
                if account is not None:
                    settle(db, account, local_day(moment, account.time_zone))
            after = row.id
        if len(rows) < BATCH:
            return
        ctx.heartbeat()


def soon(ctx: JobContext) -> None:
    """Tell, some days before, whose next charge there is not enough for, and what ends unless it is paid by hand."""
    office, after = ctx.ports.get(Office), 0
    if office.settings.charges != "portal":
        return
    day = office.today(ctx.clock.now()) + timedelta(days=office.settings.notice_days)
    while True:
        with ctx.reading() as connection:
            rows = connection.execute(_COMING, {"day": day, "after": after}).all()
        if not rows:
            return
        told = [
            Told(row.account_id, f"{row.public_id}/{row.charge_on.isoformat()}", _facts(row))
            for row in rows
            if _lacks(row)
        ]
        with ctx.unit() as db:
            port(db, NoticeSender).tell_many(db, SOON, told)  # type: ignore[type-abstract]
        after = rows[-1].id
        ctx.heartbeat()


def paid(db: Session, envelope: Envelope) -> None:
    """Let services go on that a payment pays for; one that went back may make them stand still."""
    account = port(db, Accounts).by_public_id(db, envelope.account or "")  # type: ignore[type-abstract]
    if account is not None:
        settle(db, account, local_day(now(db), account.time_zone), paid=envelope.name == PaymentSucceeded.name)


def still_lacks(connection: Connection, due: Due) -> bool:
    """Whether a charge is still to be told of: it has not been made, and the money is still not there."""
    service, _, day = due.about.partition("/")
    row = connection.execute(_STILL, {"service": service, "day": date.fromisoformat(day)}).first()
    return row is not None and row.charge_on == date.fromisoformat(day) and _lacks(row)


def changed_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told when a service stands still for want of money, or goes on after it came; None for other changes."""
    before, after = envelope.body["before"], envelope.body["after"]
    if after != SUSPENDED and (before, after) != (SUSPENDED, ACTIVE):
        return None
    row = db.execute(_CHANGED, {"service": envelope.body["service"]}).first()
    if row is None:
        return None
    in_hand = reads.standing(db.connection(), row.account_id).in_hand
    return {
        "about": f"{row.public_id}/{now(db).date().isoformat()}",
        "title_of_service": row.title,
        "stopped": after == SUSPENDED,
        "in_hand": Money(int(in_hand), row.currency),
    }


def _lacks(row: Any) -> bool:
    return not row.renews or int(row.in_hand) < int(row.amount or 0)


def _facts(row: Any) -> dict[str, Any]:
    return {
        "title_of_service": row.title,
        "amount": Money(int(row.amount or 0), row.currency),
        "in_hand": Money(int(row.in_hand), row.currency),
        "day": row.charge_on,
        "by_hand": not row.renews,
    }


JOBS = (
    JobSpec(
        SETTLE, settle_all, lease_seconds=300, title=text("tariffs.work.settle", "Charges services paid in advance")
    ),
    JobSpec(SOON, soon, lease_seconds=300, title=text("tariffs.work.soon", "Tells that money for a service runs out")),
)
SCHEDULES = (Schedule(SETTLE, "27 * * * *"), Schedule(SOON, "0 11 * * *"))
LISTENERS = [
    Listener(event.name, name, paid, title=text("tariffs.listener.paid", "Lets services go on that were paid for"))
    for event, name in ((PaymentSucceeded, "tariffs.paid"), (PaymentRefunded, "tariffs.given_back"))
]
_SHARED: dict[str, Any] = {"action": "tariffs.view", "route": "tariffs:services"}
NOTICES = (
    Notice(
        SOON, "", "tariffs.money", "tariffs/notices/soon", no_event, still_due=still_lacks, **_SHARED
    ),
    Notice(
        "tariffs.stands", ServiceChanged.name, "tariffs.money", "tariffs/notices/stands", changed_facts, **_SHARED
    ),
)  # fmt: skip
