"""What follows by itself: premiums become bills in time, policies get their papers, people are told of policies that end soon.
Every step goes in portions, finds again what an earlier run left, and changes nothing when it is run twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import AccountRef, Accounts
from lkportal.core.contributions import JobSpec, Listener, Notice, NoticeSender, Schedule
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.notices import Due, Told, no_event
from lkportal.core.ports import port
from lkportal.modules.documents.contract import Paper, Publishing
from lkportal.modules.payments.contract import Billing, PaymentRefunded, PaymentSucceeded
from lkportal_insurance import queries, service, views
from lkportal_insurance.contract import PoliciesImported
from lkportal_insurance.models import Policy, Premium
from lkportal_insurance.settings import Insurer

FOLLOW, REMIND, PORTION = "insurance.follow", "insurance.remind", 100
_AFTER: Any = bindparam("after")
_PREMIUMS: Any = (
    select(
        Premium.id, Premium.public_id, Premium.account_id, Premium.amount, Premium.due_on, Premium.state, Policy.number
    )
    .join(Policy, Policy.id == Premium.policy_id)
    .where(Premium.id > _AFTER)
    .order_by(Premium.id)
    .limit(PORTION)
)
# States are written out, as the partial indexes have them.
_DUE = _PREMIUMS.where(
    Premium.state == literal_column("'planned'"), Policy.state == "active", Premium.due_on <= bindparam("until")
)
_LEFT = _PREMIUMS.where(Premium.state.in_(("planned", "asked")), Policy.state == "cancelled")
_ASKED: Any = (
    select(Premium.account_id, Premium.account_id.label("id"))
    .where(Premium.state == literal_column("'asked'"), Premium.account_id > _AFTER)
    .distinct()
    .order_by(Premium.account_id)
    .limit(PORTION)
)
_UNWRITTEN: Any = (
    select(*queries.COLUMNS, Policy.account_id)
    .where(
        Policy.document == literal_column("''"), Policy.state == literal_column("'active'"),
        Policy.ends_on >= bindparam("today"), Policy.id > _AFTER,
    )
    .order_by(Policy.id)
    .limit(PORTION)
)  # fmt: skip
_ENDING: Any = (
    select(Policy.id, Policy.public_id, Policy.account_id, Policy.number, Policy.ends_on)
    .where(
        Policy.state == "active", Policy.ends_on >= bindparam("today"), Policy.ends_on < bindparam("until"),
        Policy.id > _AFTER,
    )
    .order_by(Policy.id)
    .limit(PORTION)
)  # fmt: skip
_ENDS: Any = select(Policy.ends_on, Policy.state).where(Policy.public_id == bindparam("policy"))


def follow(ctx: JobContext) -> None:
    """Bring everything up to date: bills of premiums, what was paid, papers of policies."""
    insurer = ctx.ports.get(Insurer)
    today = insurer.today(ctx.clock.now())
    if ctx.ports.find(Billing) is not None:  # type: ignore[type-abstract]
        until = today + timedelta(days=insurer.settings.bill_days)
        _each(ctx, _LEFT, {}, service.withdraw)
        _each(ctx, _DUE, {"until": until}, lambda db, account, row: service.ask(db, account, row, row.number))
        _each(ctx, _ASKED, {}, lambda db, account, row: service.reckon(db, account))
    publishing = ctx.ports.find(Publishing)  # type: ignore[type-abstract]
    if publishing is not None:
        _write(ctx, publishing, insurer, today)


def remind(ctx: JobContext) -> None:
    """Tell of policies that end soon: once for each of the days that the settings name."""
    insurer = ctx.ports.get(Insurer)
    today, days = insurer.today(ctx.clock.now()), sorted(insurer.settings.remind_days)
    if not days:
        return
    values = {"today": today, "until": today + timedelta(days=days[-1])}
    for rows in _portions(ctx, _ENDING, values):
        told = [_told(row, (row.ends_on - today).days + 1, days) for row in rows]
        with ctx.unit() as db:
            port(db, NoticeSender).tell_many(db, ENDING.name, told)  # type: ignore[type-abstract]


def arrived(db: Session, envelope: Envelope) -> None:
    """See after policies that came."""
    enqueue(db, FOLLOW, {}, dedup=f"{FOLLOW}/{envelope.body['import_id']}/{envelope.body['batch']}")


def money_moved(db: Session, envelope: Envelope) -> None:
    """Note what the money of an account has settled."""
    account = port(db, Accounts).by_public_id(db, envelope.account or "")  # type: ignore[type-abstract]
    if account is not None:
        service.reckon(db, account)


def ends_still(connection: Connection, due: Due) -> bool:
    """Whether a policy still ends when its letter is about to leave: it may have been renewed or cancelled."""
    policy, day, _ = due.about.split("/")
    row = connection.execute(_ENDS, {"policy": policy}).first()
    return row is not None and row.state == "active" and f"{row.ends_on:%y%m%d}" == day


def _told(row: Any, left: int, days: Sequence[int]) -> Told:
    day = next(each for each in days if each >= left)
    about = f"{row.public_id}/{row.ends_on:%y%m%d}/{day}"
    return Told(
        row.account_id, about, {"number": row.number, "ends_on": row.ends_on, "link_params": {"policy": row.public_id}}
    )


def _portions(ctx: JobContext, statement: Any, values: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """Yield rows by the portion, each behind the last one; `statement` takes :after."""
    after = 0
    while True:
        with ctx.reading() as connection:
            rows = connection.execute(statement, {**values, "after": after}).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id
        ctx.heartbeat()


def _each(
    ctx: JobContext, statement: Any, values: Mapping[str, Any], act: Callable[[Session, AccountRef, Any], object]
) -> None:
    """Do something about each row, a portion in one unit; accounts in their order, as everybody takes them who moves money."""
    for rows in _portions(ctx, statement, values):
        with ctx.unit() as db:
            known = port(db, Accounts).by_keys(db, [row.account_id for row in rows])  # type: ignore[type-abstract]
            for row in sorted(rows, key=lambda each: each.account_id):
                act(db, known[row.account_id], row)


def _write(ctx: JobContext, publishing: Publishing, insurer: Insurer, today: date) -> None:
    accounts = ctx.ports.get(Accounts)  # type: ignore[type-abstract]
    for rows in _portions(ctx, _UNWRITTEN, {"today": today}):
        for row in rows:
            with ctx.reading() as connection:
                account = accounts.by_keys(connection, [row.account_id])[row.account_id]
                paper = _paper(connection, row, today, insurer)
            document = publishing.publish(ctx, account, paper)
            if not document:
                return  # nothing can be printed here: the next run tries again
            with ctx.unit() as db:
                noted = (
                    update(Policy).where(Policy.id == row.id, Policy.ends_on == row.ends_on).values(document=document)
                )
                db.connection().execute(noted)
            ctx.heartbeat()


def _paper(connection: Connection, row: Any, today: date, insurer: Insurer) -> Paper:
    values = {
        "policy": views.shown(row, today, insurer.settings.ending_days),
        "objects": queries.objects(connection, row.id),
        "premiums": queries.premiums(connection, row.id),
    }
    key = f"insurance:{row.public_id}/{row.ends_on}"
    title = text("insurance.paper.title", "Insurance policy")
    return Paper(key, "insurance.policy", title, "insurance/papers/policy.html", values, row.number)


ENDING = Notice(
    "insurance.ending",
    "",
    "insurance.ending",
    "insurance/notices/ending",
    no_event,
    action="insurance.view",
    route="insurance:policy",
    still_due=ends_still,
)
JOBS = (
    JobSpec(
        FOLLOW, follow, lease_seconds=300, title=text("insurance.work.follow", "Asks for premiums, writes policies")
    ),
    JobSpec(
        REMIND, remind, lease_seconds=300, title=text("insurance.work.remind", "Reminds of policies that end soon")
    ),
)
SCHEDULES = (Schedule(FOLLOW, "20 5 * * *"), Schedule(REMIND, "15 10 * * *"))
_SETTLED = text("insurance.follows.money", "Notes which premiums are paid")
LISTENERS = (
    Listener(
        PoliciesImported.name, "insurance arrived", arrived, text("insurance.follows.arrived", "Asks for new premiums")
    ),
    Listener(PaymentSucceeded.name, "insurance paid", money_moved, _SETTLED),
    Listener(PaymentRefunded.name, "insurance refunded", money_moved, _SETTLED),
)
