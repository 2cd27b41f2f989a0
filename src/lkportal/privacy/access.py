"""Who of the company looked at a customer: rows of the audit, told to the customer by role, day and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy import text as words

from lkportal.accounts.models import Account, Membership, StaffRole
from lkportal.accounts.reaching import accounts_of, reaches
from lkportal.audit.models import Record
from lkportal.auth.models import Identity
from lkportal.core.databases.keys import among
from lkportal.core.i18n import Text, text

MOST = 500
_BEGUN = "staff.view_begun"
_LOOKS = words("action IN ('staff.view_begun', 'privacy.consents_seen')")
_ROW = (Record.id, Record.at, Record.actor, Record.action, Record.account, Record.detail)
_MINE = Membership.identity_id == bindparam("person_id")
_SINCE = Record.at >= bindparam("since")
# Each way by its own index; a membership tells only of what happened while it was there.
_OF_ACCOUNTS: Select[*tuple[Any, ...]] = (
    select(*_ROW)
    .join(Account, Account.public_id == Record.account)
    .join(Membership, reaches(_MINE))
    .where(
        Membership.created_at <= Record.at,
        Record.outcome == "viewed",
        Record.actor.startswith("staff:"),
        _SINCE,
    )
    .order_by(Record.id.desc())
    .limit(MOST)
)
_AS_ME: Select[*tuple[Any, ...]] = (
    select(*_ROW)
    .where(Record.on_behalf_of == bindparam("label"), Record.actor.startswith("staff:"), _SINCE)
    .order_by(Record.id.desc())
    .limit(MOST)
)
# Said in the words of the partial index.
_BEGINNINGS: Select[*tuple[Any, ...]] = (
    select(*_ROW).where(Record.target == bindparam("public"), _LOOKS, _SINCE).order_by(Record.id.desc()).limit(MOST)
)
_STAFF: Select[*tuple[Any, ...]] = (
    select(Identity.public_id, Identity.name, StaffRole.role)
    .outerjoin(StaffRole, StaffRole.identity_id == Identity.id)
    .where(Identity.public_id.in_(bindparam("people", expanding=True)))
    .order_by(StaffRole.role)
)
# An account is named only while it is theirs: a line of the past may be about one that was.
_NUMBERS = select(Account.public_id, Account.number).where(
    Account.public_id.in_(bindparam("wanted", expanding=True)), among(Account.id, accounts_of(_MINE))
)
_WHAT = {
    "staff.customer": text("privacy.access.card", "Opened the card of your account"),
    _BEGUN: text("privacy.access.begun", "Began to see pages as you"),
    "staff.viewed_as": text("privacy.access.page", "Saw a page as you do"),
    "privacy.consents_seen": text("privacy.access.consents", "Looked at your consents"),
}
_OTHER = text("privacy.access.other", "Looked at your data")


@dataclass(frozen=True, slots=True)
class Look:
    """One line: when, who (roles, and a name when the company says so), what, why. `count` of them within an hour."""

    at: datetime
    roles: tuple[str, ...]
    name: str
    what: Text
    number: str
    reason: str
    count: int


def looks(
    connection: Connection, identity_id: int, public: str, now: datetime, days: int, *, names: bool
) -> list[Look]:
    """Return the looks of the company's people at a person and their accounts, the newest first."""
    values = {
        "person_id": identity_id,
        "label": f"customer:{public}",
        "public": public,
        "now": now,
        "since": now - timedelta(days=days),
    }
    rows = {
        row.id: row
        for statement in (_OF_ACCOUNTS, _AS_ME, _BEGINNINGS)
        for row in connection.execute(statement, values).all()
    }
    ordered = [rows[key] for key in sorted(rows, reverse=True)][:MOST]
    staff = _staff(connection, ordered)
    numbers = _numbers(connection, ordered, {"person_id": identity_id, "now": now})
    return [
        _look(list(group), staff, numbers, names=names)
        for _, group in groupby(ordered, key=lambda row: (row.actor, row.action, row.account, _hour(row.at)))
    ]


def _look(group: Sequence[Any], staff: Mapping[str, Any], numbers: Mapping[str, str], *, names: bool) -> Look:
    row = group[0]
    name, roles = staff.get(row.actor.partition(":")[2], ("", ()))
    reason = str(row.detail.get("reason", "")) if isinstance(row.detail, dict) else ""
    what = _WHAT.get(row.action, _OTHER)
    return Look(row.at, roles, name if names else "", what, numbers.get(row.account or "", ""), reason, len(group))


def _staff(connection: Connection, rows: Sequence[Any]) -> dict[str, tuple[str, tuple[str, ...]]]:
    people = sorted({row.actor.partition(":")[2] for row in rows})
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in connection.execute(_STAFF, {"people": people}) if people else ():
        before = found.get(row.public_id, ("", ()))[1]
        found[row.public_id] = (row.name, (*before, row.role) if row.role else before)
    return found


def _numbers(connection: Connection, rows: Sequence[Any], reader: Mapping[str, Any]) -> dict[str, str]:
    wanted = sorted({row.account for row in rows if row.account})
    found = connection.execute(_NUMBERS, {"wanted": wanted, **reader}) if wanted else ()
    return {row.public_id: row.number for row in found}


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
