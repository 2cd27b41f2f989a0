"""Work of reconciliation outside of requests: asking the provider for a day, and a letter about what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, select

from lkportal.accounts.contract import Colleagues
from lkportal.core.asked.letters import Mailer, PageLinks
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, RetryLater
from lkportal.modules.payments.contract import GatewayPayment, GatewayUnavailable, PaymentGateway, Rejected
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.paying import asking, intents
from lkportal.modules.payments.paying.asking import Ways
from lkportal.modules.payments.reconciling import reads, service
from lkportal.modules.payments.reconciling.comparing import Ours, Totals, add
from lkportal.modules.payments.reconciling.models import Reconciliation

BATCH, SEE = 200, "payments.staff_view"
_SUSPICIOUS = 3
_TOLD_OF = select(*Reconciliation.__table__.columns).where(Reconciliation.id == bindparam("reconciliation"))


@dataclass(slots=True)
class _Day:
    """A comparison under way. `met` are our attempts that the provider has told of."""

    ctx: JobContext
    gateway: PaymentGateway
    since: datetime
    until: datetime
    totals: dict[str, Totals]
    met: set[int] = field(default_factory=set)
    asked: int = 0
    refused: int = 0


def begin(ctx: JobContext) -> None:
    """Queue the comparison of the last days of each provider: yesterday's payments may be given back or put right today."""
    desk = ctx.ports.get(Desk)
    with ctx.unit(finish=True) as db:
        for gateway in desk.gateways:
            for past in range(1, desk.settings.reconciliation.days + 1):
                service.ask(db, gateway.name, desk.today() - timedelta(days=past))


def reconcile(ctx: JobContext, *, gateway: str, day: str) -> None:
    """Compare a day (of the company's calendar) of one provider with the books, and keep what differs."""
    desk = ctx.ports.get(Desk)
    asked, on = desk.of(gateway), date.fromisoformat(day)
    if asked is None:
        return
    since, until = (datetime.combine(on + timedelta(days=each), time(), desk.zone) for each in (0, 1))
    under_way = _Day(ctx, asked, since, until, {min(asked.currencies): Totals()})
    listed = "list" in asked.abilities
    try:
        if listed:
            _listed(under_way)
        _one_by_one(under_way)
    except GatewayUnavailable as silence:
        raise RetryLater("provider_silent", timedelta(minutes=10)) from silence
    if not listed and under_way.asked >= _SUSPICIOUS and under_way.refused == under_way.asked:
        raise RetryLater("provider_refuses", timedelta(hours=1))  # a wrong key looks as if all payments were unknown
    with ctx.unit(finish=True) as db:
        service.keep(db, gateway, on, under_way.totals, listed=listed)


def _listed(day: _Day) -> None:
    """Go through what the provider made on the day. What no notice told of is written down before it is compared."""
    for batch in _batches(day.gateway.created_between(day.since, day.until)):
        known = _known(day, batch)
        late = [seen for seen in batch if seen.paid and _is_behind(known.get(seen.provider_id), seen)]
        for seen in late:
            asking.note(day.gateway.name, _ways(day), seen)
        if late:
            known = _known(day, batch)
        for seen in batch:
            ours = known.get(seen.provider_id)
            day.met |= {ours.attempt} if ours else set()
            add(day.totals, seen, ours)
        day.ctx.heartbeat()


def _one_by_one(day: _Day) -> None:
    """Ask about each of our payments of the day that the provider did not list: it may be of another day there, or unknown."""
    for ours in _unmet(day):
        seen = _fetched(day, ours)
        if seen is not None and seen.paid and _is_behind(ours, seen):
            asking.note(day.gateway.name, _ways(day), seen)
            ours = next(iter(_known(day, (seen,)).values()), ours)
        add(day.totals, seen, ours)


def _unmet(day: _Day) -> Iterator[Ours]:
    after = 0
    while True:
        with day.ctx.reading() as connection:
            rows = reads.of_day(connection, day.gateway.name, day.since, day.until, after, BATCH)
        yield from (row for row in rows if row.attempt not in day.met)
        if len(rows) < BATCH:
            return
        after = rows[-1].attempt
        day.ctx.heartbeat()


def _fetched(day: _Day, ours: Ours) -> GatewayPayment | None:
    """Return the provider's payment of an attempt, None when it knows none."""
    if ours.provider_id is None:
        return None
    day.asked += 1
    try:
        return day.gateway.fetch(ours.provider_id)
    except Rejected:
        day.refused += 1
        return None


def _known(day: _Day, batch: tuple[GatewayPayment, ...]) -> dict[str, Ours]:
    """Return our side of a batch by the provider's ids."""
    keys = {seen.metadata.get(intents.ATTEMPT, ""): seen.provider_id for seen in batch}
    with day.ctx.reading() as connection:
        rows = reads.named(connection, day.gateway.name, [seen.provider_id for seen in batch], keys)
    return {row.provider_id or keys[row.key]: row for row in rows}


def _batches(told: Iterator[GatewayPayment]) -> Iterator[tuple[GatewayPayment, ...]]:
    while batch := tuple(islice(told, BATCH)):
        yield batch


def _is_behind(ours: Ours | None, seen: GatewayPayment) -> bool:
    return ours is not None and (not ours.booked or ours.refunded != seen.refunded)


def _ways(day: _Day) -> Ways:
    return Ways(day.ctx.reading, day.ctx.unit)


def tell(ctx: JobContext, *, reconciliation: int, fresh: int) -> None:
    """Write to bookkeeping that a day differs. The letter names no customer: what it is about stands behind the sign-in. An address
    of `letters_to` that is neither a colleague's who may open that page nor a shared mailbox gets nothing."""
    colleagues = ctx.ports.get(Colleagues)  # type: ignore[type-abstract]
    with ctx.reading() as connection:
        able = colleagues.mailboxes(connection, SEE)
        row: Any = connection.execute(_TOLD_OF, {"reconciliation": reconciliation}).one()
    desk, mailer = ctx.ports.get(Desk), ctx.ports.get(Mailer)  # type: ignore[type-abstract]
    gateway = desk.of(row.gateway)
    link = ctx.ports.get(PageLinks).page("payments:reconciliation", "", reconciliation=row.public_id)  # type: ignore[type-abstract]
    for place, address in enumerate(desk.settings.reconciliation.letters_to):
        if address.lower() not in able:
            continue
        mailer.deliver(
            to=address,
            template="payments/letters/differs",
            values={"day": row.day, "gateway": gateway.title if gateway else row.gateway, "many": fresh, "link": link},
            locale="",
            brand="",
            message_id=f"payments-differs-{ctx.claimed.id}-{place}",
        )
        ctx.heartbeat()


JOBS = (
    JobSpec(
        "payments.reconcile_days",
        begin,
        title=text("payments.work.reconcile_days", "Begins the comparison of past days"),
    ),
    JobSpec(
        "payments.reconcile",
        reconcile,
        attempts=12,
        lease_seconds=300,
        title=text("payments.work.reconcile", "Compares a day with the provider"),
    ),
    JobSpec(
        "payments.reconcile_tell",
        tell,
        title=text("payments.work.reconcile_tell", "Writes to colleagues about differences"),
    ),
)
SCHEDULES = (Schedule("payments.reconcile_days", "41 5 * * *"),)
