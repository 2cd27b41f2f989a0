"""Making and ending promotions at the desk. Each is one conditional change with its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.tariffs.models import Offering
from lkportal.modules.tariffs.promotions.models import Promotion

_MAKE = insert_if_new(Promotion.__table__)  # type: ignore[arg-type]
_OFFERING = select(Offering.id).where(Offering.source_key == bindparam("code"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A promotion as it was typed: `offering` is a code of the catalogue, `token` is of the form, sums are minor units."""

    token: str
    offering: str
    title: str
    note: str
    segment: str
    since: date
    until: date
    price: int
    months: int
    connect_price: int


def make(db: Session, draft: Draft) -> bool:
    """Make a promotion; the same form sent twice is one. Raises NotFound for an offering that is not in the catalogue."""
    offering = db.execute(_OFFERING, {"code": draft.offering}).scalar()
    if offering is None:
        raise NotFound
    public = public_id()
    row = {
        "public_id": public, "offering_id": offering, "title": draft.title, "note": draft.note, "segment": draft.segment,
        "since": draft.since, "until": draft.until, "price": draft.price, "months": draft.months,
        "connect_price": draft.connect_price, "source": "desk", "source_key": draft.token, "source_version": None,
        "seen_at": now(db),
    }  # fmt: skip
    is_new = changed(db.execute(_MAKE[db.get_bind().dialect.name], row)) == 1
    if is_new:
        detail: dict[str, str | int] = {"offering": draft.offering, "price": draft.price, "months": draft.months}
        port(db, AuditLog).record(db, "tariffs.offer_made", target=public, detail=detail)  # type: ignore[type-abstract]
    return is_new


def end(db: Session, promotion: str, today: date) -> bool:
    """End a promotion: from today nobody takes it any more, prices that were taken stay. False when it had ended. Raises NotFound."""
    yesterday = today - timedelta(days=1)
    mine = Promotion.public_id == promotion
    statement = (
        update(Promotion)
        .where(mine, Promotion.until >= today)
        .values(until=yesterday, since=case((Promotion.since > yesterday, yesterday), else_=Promotion.since))
    )
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) != 1:
        if db.execute(select(Promotion.id).where(mine)).first() is None:
            raise NotFound
        return False
    port(db, AuditLog).record(db, "tariffs.offer_ended", target=promotion)  # type: ignore[type-abstract]
    return True
