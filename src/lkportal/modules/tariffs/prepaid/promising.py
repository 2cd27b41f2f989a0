"""The promised payment: offered on the company's terms, once at a time, for a fee. It counts as money in hand until its last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.core.errors import PortalError
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
from lkportal.modules.tariffs.contract import PromiseTaken
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.prepaid import reads
from lkportal.modules.tariffs.prepaid.models import Promise
from lkportal.modules.tariffs.prepaid.settling import charge, settle
from lkportal.modules.tariffs.settings import TariffsSettings

_TAKE = insert_if_new(Promise.__table__)  # type: ignore[arg-type]
TITLE = text("tariffs.promise.title", "Promised payment")


class NoPromise(PortalError):
    """A promised payment is not offered now; `words` say why."""

    def __init__(self, words: Text) -> None:
        super().__init__("tariffs_no_promise", words, 409)
        self.words = words


@dataclass(frozen=True, slots=True)
class Offer:
    """What a promised payment would be: `amount` counts as in hand through `until`, for `fee`. `why_not` is empty where it is offered."""

    amount: int
    fee: int
    until: date
    why_not: Text | None


def offer(
    settings: TariffsSettings, in_hand: int, last: date | None, today: date, currency: str, *, is_open: bool
) -> Offer:
    """Return the terms of a promise as they are on `today`, or why there is none."""
    terms = settings.promised
    why = None
    if is_open:
        why = text("tariffs.promise.open", "One promised payment is open already. Pay it first.")
    elif last is not None and today <= last + timedelta(days=terms.pause_days):
        day = last + timedelta(days=terms.pause_days + 1)
        why = text("tariffs.promise.pause", "The next promised payment may be taken from %(day)s.", day=day)
    elif in_hand - terms.fee + terms.amount < settings.below:
        lacking = Money(settings.below - in_hand + terms.fee - terms.amount, currency)
        why = text("tariffs.promise.deep", "It would not be enough: %(sum)s more is owed. Top up first.", sum=lacking)
    return Offer(terms.amount, terms.fee, today + timedelta(days=terms.days), why)


def offered(connection: Connection, account: AccountRef, settings: TariffsSettings, today: date) -> Offer | None:
    """Return the terms for an account, None where the company does not offer promises."""
    if not settings.promised.on:
        return None
    standing = reads.standing(connection, account.id)
    last = reads.last_promise(connection, account.id)
    return offer(settings, standing.in_hand, last, today, account.currency, is_open=standing.promise is not None)


def promise(db: Session, account: AccountRef, identity_id: int, token: str, seen: tuple[int, int]) -> None:
    """Take a promised payment on the terms that were `seen` (amount, fee). The same form sent twice is one. Raises NoPromise."""
    settings, today = port(db, Office).settings, local_day(now(db), account.time_zone)
    port(db, Wallet).hold(db, account)  # type: ignore[type-abstract]
    found = offered(db.connection(), account, settings, today)
    if found is None or seen != (found.amount, found.fee):
        raise NoPromise(text("tariffs.promise.terms", "The terms changed meanwhile. Look at them once more."))
    known = reads.open_promise(db, account.id)
    if known is not None and known.token == token:
        return
    if found.why_not is not None:
        raise NoPromise(found.why_not)
    row = {
        "public_id": public_id(), "account_id": account.id, "identity_id": identity_id or None, "token": token,
        "amount": found.amount, "fee": found.fee, "state": "open", "taken_at": now(db), "until": found.until,
    }  # fmt: skip
    if changed(db.execute(_TAKE[db.get_bind().dialect.name], row)) != 1:
        raise NoPromise(text("tariffs.promise.open", "One promised payment is open already. Pay it first."))
    made = str(row["public_id"])
    if settings.charges == "portal":
        charge(db, account, f"promise/{made}", "promise", str(TITLE), found.fee, today)
    detail: dict[str, str | int] = {"amount": found.amount, "fee": found.fee, "until": found.until.isoformat()}
    port(db, AuditLog).record(db, "tariffs.promised", target=made, account=account, detail=detail)  # type: ignore[type-abstract]
    emit(db, PromiseTaken(made, found.amount, found.fee, found.until.isoformat()), account=account)
    settle(db, account, today)
