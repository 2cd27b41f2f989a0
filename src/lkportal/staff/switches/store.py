"""Changes of the switchboard: written into the overlay, which every process follows, together with a row that says what was, what
is, who changed it and why. From such a row a state is brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.registry.overlay import open_to, set_value
from lkportal.core.registry.rollouts import Rollout
from lkportal.core.unit import context, now
from lkportal.staff.models import Switching

MODULE, SETTING = "staff.module_switched", "staff.setting_changed"
_ROW: Select[*tuple[Any, ...]] = select(
    Switching.public_id,
    Switching.subject,
    Switching.before,
    Switching.after,
    Switching.reason,
    Switching.changed_at,
    Identity.name,
).outerjoin(Identity, Identity.public_id == Switching.changed_by)
_OF = _ROW.where(Switching.subject == bindparam("subject")).order_by(Switching.id.desc()).limit(bindparam("limit"))
_ONE = _ROW.where(Switching.public_id == bindparam("public"), Switching.subject == bindparam("subject"))
_NEWEST = select(func.max(Switching.id)).group_by(Switching.subject)
_LATEST = _ROW.where(Switching.id.in_(_NEWEST))
_ACCOUNTS: Select[*tuple[Any, ...]] = select(Account.public_id, Account.number).where(Account.closed_at.is_(None))
_BY_NUMBER = _ACCOUNTS.where(Account.number.in_(bindparam("numbers", expanding=True)))
_BY_PUBLIC = select(Account.public_id, Account.number).where(
    Account.public_id.in_(bindparam("publics", expanding=True))
)
_ALL = select(func.count()).select_from(Account).where(Account.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Changed:
    """One change as it was kept; `by` is the name of who changed it, "" for the shell. `before` and `after` are as stored."""

    public_id: str
    subject: str
    before: Any
    after: Any
    reason: str
    at: datetime
    by: str


class ChangedMeanwhile(PortalError):
    """Somebody else changed the same since this page was opened."""

    def __init__(self) -> None:
        words = text("staff.switch.meanwhile", "Somebody changed this since you opened it. Look at it anew.")
        super().__init__("switch_changed_meanwhile", words, 409)
        self.words = words


def open_module(db: Session, module: str, rollout: Rollout, seen: Rollout, reason: str) -> None:
    """Open a module to others, in every process from its next request. `seen` is how it was known to be open; raises
    ChangedMeanwhile when it is not so any more."""
    if open_to(db, module, rollout, seen) is None:
        raise ChangedMeanwhile
    _keep(db, module, seen.packed(), rollout.packed(), reason)
    detail: dict[str, str | int] = {"state": rollout.mode, "before": seen.mode}
    if rollout.mode == "share":
        detail["share"] = rollout.share
    if rollout.accounts:
        detail["accounts"] = len(rollout.accounts)
    port(db, AuditLog).record(db, MODULE, target=module, detail=detail)  # type: ignore[type-abstract]


def change_setting(db: Session, name: str, value: Any, seen: Any, reason: str) -> None:
    """Keep another value of a setting ("readings.window_last"), None for that of portal.toml, in every process from its next
    request. `seen` is the stored value that was known; raises ChangedMeanwhile when it is another."""
    module, _, key = name.partition(".")
    if set_value(db, module, key, value, seen) is None:
        raise ChangedMeanwhile
    _keep(db, name, {"value": seen}, {"value": value}, reason)
    detail: dict[str, str | int] = {"before": _short(seen), "after": _short(value)}
    port(db, AuditLog).record(db, SETTING, target=name, detail=detail)  # type: ignore[type-abstract]


def history(connection: Connection, subject: str, limit: int = 20) -> list[Changed]:
    """Return the changes of a module or a setting, the newest first."""
    return [_changed(row) for row in connection.execute(_OF, {"subject": subject, "limit": limit})]


def change(connection: Connection, subject: str, public: str) -> Changed | None:
    """Return one change of a subject by public id."""
    row = connection.execute(_ONE, {"public": public, "subject": subject}).first()
    return _changed(row) if row is not None else None


def latest(connection: Connection) -> Mapping[str, Changed]:
    """Return the newest change of every module and setting that was ever changed, by subject."""
    return {row.subject: _changed(row) for row in connection.execute(_LATEST)}


def by_number(connection: Connection, numbers: Sequence[str]) -> list[tuple[str, str]]:
    """Return (public id, number) of the open accounts of these numbers."""
    return [(row.public_id, row.number) for row in connection.execute(_BY_NUMBER, {"numbers": list(numbers)})]


def numbers(connection: Connection, publics: frozenset[str]) -> list[str]:
    """Return the numbers of accounts by public id, in order."""
    if not publics:
        return []
    return sorted(row.number for row in connection.execute(_BY_PUBLIC, {"publics": sorted(publics)}))


def all_accounts(connection: Connection) -> int:
    """Return how many open accounts there are: walks their index."""
    return int(connection.execute(_ALL).scalar_one())


def _keep(db: Session, subject: str, before: Mapping[str, Any], after: Mapping[str, Any], reason: str) -> None:
    row = {
        "public_id": public_id(),
        "subject": subject,
        "before": dict(before),
        "after": dict(after),
        "reason": reason,
        "changed_at": now(db),
        "changed_by": context(db).actor.public_id,
    }
    db.execute(insert(Switching), row)


def _changed(row: Row[Any]) -> Changed:
    return Changed(row.public_id, row.subject, row.before, row.after, row.reason, row.changed_at, row.name or "")


def _short(value: Any) -> str | int:
    return value if isinstance(value, int) else str("" if value is None else value)[:100]
