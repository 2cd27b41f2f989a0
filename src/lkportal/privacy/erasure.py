"""A person's wish to be erased: asked, taken back, and what of theirs stays and why. The work itself is in erasing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from lkportal.accounts.contract import Owes
from lkportal.accounts.models import Account, Membership
from lkportal.accounts.reaching import living
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.module import Module, PersonalTable
from lkportal.core.money import Money
from lkportal.core.policy import Actor, AuditLog
from lkportal.core.ports import Ports, port
from lkportal.core.protection.retention import CLOSING, Retention, parse_retention
from lkportal.core.unit import now
from lkportal.privacy.collecting import OWNER, Person, declarations, owned_accounts
from lkportal.privacy.contract import ErasureAsked, ErasureCancelled
from lkportal.privacy.models import Erasure
from lkportal.privacy.settings import PrivacySettings

ERASE = "privacy.erase"
UNDER_WAY = ("waiting", "working")
_MINE: Select[*tuple[Any, ...]] = (
    select(Erasure.public_id, Erasure.state, Erasure.asked_at, Erasure.due_at, Erasure.kept)
    .where(Erasure.identity_id == bindparam("person_id"), Erasure.state.in_(UNDER_WAY))
    .limit(1)
)
_CANCEL = (
    update(Erasure)
    .where(Erasure.identity_id == bindparam("person"), Erasure.state == "waiting")
    .values(state="cancelled", cancelled_at=bindparam("moment"))
    .returning(Erasure.public_id)
    .execution_options(synchronize_session=False)
)
_other = aliased(Membership)
_ALONE: Select[*tuple[Any, ...]] = (
    select(Account.id, Account.public_id, Account.title, Account.number)
    .join(Membership, Membership.account_id == Account.id)
    .where(
        Membership.identity_id == bindparam("person_id"),
        living(),
        Membership.role == OWNER,
        Account.closed_at.is_(None),
        ~select(_other.id)
        .where(
            _other.account_id == Account.id,
            _other.identity_id != Membership.identity_id,
            living(_other),
            _other.role == OWNER,
        )
        .exists(),
    )
    .order_by(Account.title, Account.id)
)
_OTHERS = select(func.count(Membership.identity_id.distinct())).where(
    Membership.account_id == bindparam("account_id"),
    Membership.identity_id != bindparam("person_id"),
    living(),
)
_LENGTHS: Mapping[str, Callable[[int], Text]] = {
    "day": lambda n: ntext("privacy.keep.days", "%(n)s day", "%(n)s days", n),
    "week": lambda n: ntext("privacy.keep.weeks", "%(n)s week", "%(n)s weeks", n),
    "month": lambda n: ntext("privacy.keep.months", "%(n)s month", "%(n)s months", n),
    "year": lambda n: ntext("privacy.keep.years", "%(n)s year", "%(n)s years", n),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays of one table after an erasure: how many rows, for how long, why."""

    title: Text | str
    rows: int
    rule: Text | str
    because: Text | str


@dataclass(frozen=True, slots=True)
class Alone:
    """An account that has no other owner: `others` are the people who still reach it, `owed` what is to be paid on it."""

    public_id: str
    title: str
    number: str
    others: int
    owed: Money | None


def ask(db: Session, actor: Actor, locale: str, brand: str, settings: PrivacySettings) -> None:
    """Write down that a person wants to be erased, and queue the work for when they can no longer take it back."""
    moment, made = now(db), public_id()
    due = moment + timedelta(days=settings.cooling_days)
    row: dict[str, Any] = {
        "public_id": made,
        "identity_id": actor.id,
        "locale": locale,
        "brand": brand,
        "state": "waiting",
        "asked_at": moment,
        "due_at": due,
        "kept": [],
    }
    try:
        db.execute(insert(Erasure), row)
    except IntegrityError as error:
        message = text("privacy.erasure.twice", "You asked for this already. The page shows when it will be done.")
        raise PortalError("erasure_under_way", message, 409) from error
    enqueue(db, ERASE, {"erasure": made}, run_at=due)
    port(db, AuditLog).record(db, "privacy.erasure_asked", target=made)  # type: ignore[type-abstract]
    emit(db, ErasureAsked(actor.public_id, made))


def cancel(db: Session, actor: Actor) -> None:
    """Take the wish back. Raises NotFound when there is none that still waits."""
    made = db.connection().scalar(_CANCEL, {"person": actor.id, "moment": now(db)})
    if made is None:
        raise NotFound("erasure_gone", text("privacy.erasure.gone", "There is nothing to take back any more."))
    port(db, AuditLog).record(db, "privacy.erasure_cancelled", target=made)  # type: ignore[type-abstract]
    emit(db, ErasureCancelled(actor.public_id, made))


def under_way(connection: Connection, identity_id: int) -> Row[Any] | None:
    """Return a person's wish that waits or is being done, or None."""
    return connection.execute(_MINE, {"person_id": identity_id}).first()


def alone(connection: Connection, ports: Ports, identity_id: int, moment: datetime) -> list[Alone]:
    """Return the open accounts that would be left without an owner, with what is owed on them."""
    rows = connection.execute(_ALONE, {"person_id": identity_id, "now": moment}).all()
    owes = ports.find(Owes)  # type: ignore[type-abstract]
    owed = owes.amounts(connection, [row.id for row in rows]) if owes is not None and rows else {}
    found = []
    for row in rows:
        who = {"account_id": row.id, "person_id": identity_id, "now": moment}
        others = connection.execute(_OTHERS, who).scalar_one()
        due = owed.get(row.id)
        found.append(Alone(row.public_id, row.title, row.number, others, due if due and due.minor > 0 else None))
    return found


def rule_of(personal: PersonalTable, settings: PrivacySettings) -> Retention | None:
    """Return how long rows of a table are kept: by the company's settings, else by the module."""
    return parse_retention(settings.retain.get(personal.table, personal.retain))


def in_words(rule: Retention | None) -> Text | str:
    """Return a rule as people read it."""
    if rule is None:
        return text("privacy.keep.account", "while the account is kept")
    if rule.setting:
        return text("privacy.keep.setting", "by the setting %(name)s", name=rule.setting)
    length = _LENGTHS[rule.unit](rule.count)
    if rule.after == CLOSING:
        return text("privacy.keep.closing", "%(length)s after the account is closed", length=length)
    return length


def stays(personal: PersonalTable, root: str, rule: Retention | None) -> bool:
    """Whether rows of a table outlive a person's erasure: what belongs to an account, what the law keeps."""
    return root == "account" or (rule is not None and not rule.setting)


def kept(
    connection: Connection, modules: Sequence[Module], person: Person, settings: PrivacySettings, moment: datetime
) -> list[Kept]:
    """Return what would stay of a person, by table, with its reason."""
    accounts = [row.id for row in owned_accounts(connection, person.id, 0, moment)]
    found: dict[str, Kept] = {}
    for _, personal, way in declarations(modules):
        rule = rule_of(personal, settings)
        wanted = accounts if way.root == "account" else person.wanted(way)
        if not wanted or not stays(personal, way.root, rule):
            continue
        count = connection.execute(select(func.count()).select_from(way.table).where(way.rows_of(wanted))).scalar_one()
        if count:
            before = found.get(personal.table)
            rows = count + (before.rows if before else 0)
            title = before.title if before else personal.title or personal.table
            found[personal.table] = Kept(title, rows, in_words(rule), personal.because)
    return list(found.values())
