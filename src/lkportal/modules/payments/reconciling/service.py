"""The rules of reconciliation: keeping what a comparison found, and a person's word on a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Literal

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.desk import desk_of
from lkportal.modules.payments.reconciling.comparing import Found, Totals
from lkportal.modules.payments.reconciling.models import Difference, Reconciliation

How = Literal["returned", "booked", "provider", "other"]
_NEW_DAY = insert_if_new(Reconciliation.__table__)  # type: ignore[arg-type]
_NEW = insert_if_new(Difference.__table__)  # type: ignore[arg-type]
_DAY = select(Reconciliation.id, Reconciliation.public_id).where(
    Reconciliation.gateway == bindparam("gateway"),
    Reconciliation.day == bindparam("day"),
    Reconciliation.currency == bindparam("currency"),
)
_COLUMNS = ("theirs_count", "theirs", "theirs_back", "ours_count", "ours", "ours_back")
_AGAIN = (
    update(Reconciliation)
    .where(Reconciliation.id == bindparam("key"))
    .values(
        listed=bindparam("lists"),
        compared_at=bindparam("moment"),
        **{name: bindparam(f"new_{name}") for name in _COLUMNS},
    )
)
_KNOWN = select(Difference.id, Difference.subject, Difference.kind).where(
    Difference.reconciliation_id == bindparam("key"), Difference.state == "open"
)
_OTHER_NOW = (
    update(Difference)
    .where(
        Difference.reconciliation_id == bindparam("key"),
        Difference.subject == bindparam("of"),
        Difference.kind == bindparam("as_kind"),
        or_(
            Difference.state == "gone",
            Difference.theirs != bindparam("new_theirs"),
            Difference.ours != bindparam("new_ours"),
        ),
    )
    .values(
        state="open",
        theirs=bindparam("new_theirs"),
        ours=bindparam("new_ours"),
        their_state=bindparam("new_their_state"),
        our_state=bindparam("new_our_state"),
        ended_at=None,
    )
)
_GONE = (
    update(Difference)
    .where(Difference.id == bindparam("difference"), Difference.state == "open")
    .values(state="gone", ended_at=bindparam("moment"))
)
_RESOLVE = (
    update(Difference)
    .where(Difference.id == bindparam("difference"), Difference.state == "open")
    .values(
        state="resolved",
        ended_at=bindparam("moment"),
        resolved_by=bindparam("who"),
        how=bindparam("as_what"),
        note=bindparam("words"),
    )
)


def keep(db: Session, gateway: str, day: date, days: Mapping[str, Totals], *, listed: bool) -> None:
    """Keep what a comparison found. Differences found before and no more are gone by themselves; those a person resolved stay
    so, unless they have changed since."""
    for currency, totals in days.items():
        key = _day(db, gateway, day, currency, totals, listed=listed)
        before = {(row.subject, row.kind): row.id for row in db.execute(_KNOWN, {"key": key})}
        fresh = sum(_keep(db, key, found) for found in totals.found)
        still = {(found.subject, found.kind) for found in totals.found}
        for name, difference in before.items():
            if name not in still:
                moved(db, _GONE, {"difference": difference, "moment": now(db)})
        if fresh and desk_of(db).settings.reconciliation.letters_to:
            enqueue(db, "payments.reconcile_tell", {"reconciliation": key, "fresh": fresh})


def resolve(db: Session, difference: int, public: str, how: How, note: str) -> None:
    """Record what a person did about a difference. Raises PortalError("payments.difference_done") when it is over already."""
    actor = context(db).actor
    said = {"moment": now(db), "who": (actor.name or actor.login)[:120], "as_what": how, "words": note}
    if not moved(db, _RESOLVE, {**said, "difference": difference}):
        raise PortalError("payments.difference_done", DONE, 409)
    port(db, AuditLog).record(db, "payments.difference_resolved", target=public, detail={"how": how})  # type: ignore[type-abstract]


def ask(db: Session, gateway: str, day: date) -> None:
    """Queue the comparison of one day of a provider."""
    name = f"payments.reconcile:{gateway}:{day}"
    enqueue(db, "payments.reconcile", {"gateway": gateway, "day": day.isoformat()}, dedup=name)


def _day(db: Session, gateway: str, day: date, currency: str, totals: Totals, *, listed: bool) -> int:
    """Write the totals of a day; return its key."""
    counted = {name: getattr(totals, name) for name in _COLUMNS}
    name = {"gateway": gateway, "day": day, "currency": currency}
    row = {**name, **counted, "public_id": public_id(), "listed": listed, "compared_at": now(db)}
    dialect = db.get_bind().dialect.name
    fresh = moved(db, _NEW_DAY[dialect], row)
    key = int(db.execute(_DAY, name).one().id)
    if not fresh:
        values = {f"new_{column}": value for column, value in counted.items()}
        moved(db, _AGAIN, {**values, "key": key, "lists": listed, "moment": now(db)})
    return key


def _keep(db: Session, key: int, found: Found) -> bool:
    """Write a difference; return whether it is new, or other than before."""
    told: dict[str, Any] = asdict(found)
    subject = {"subject": told.pop("subject"), "kind": told.pop("kind")}
    row = {**subject, "attempt_id": told.pop("attempt"), **told, "reconciliation_id": key, "public_id": public_id()}
    del row["currency"], told["currency"]
    row |= {"state": "open", "found_at": now(db), "resolved_by": "", "how": "", "note": ""}
    if moved(db, _NEW[db.get_bind().dialect.name], row):
        return True
    values = {f"new_{name}": value for name, value in told.items()}
    return moved(db, _OTHER_NOW, {**values, "key": key, "of": subject["subject"], "as_kind": subject["kind"]})


DONE = text("payments.reconcile.done", "This difference is over already. Nothing was changed.")
HOWS: Sequence[tuple[How, Any]] = (
    ("returned", text("payments.reconcile.returned", "The money went back to the payer")),
    ("booked", text("payments.reconcile.booked", "Put right in the books by hand")),
    ("provider", text("payments.reconcile.provider", "The provider put its records right")),
    ("other", text("payments.reconcile.other", "Something else, as the note says")),
)
