"""Switching autopay on, with the words that were agreed to, and off, in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.methods.models import Autopay, Method, Run

_METHOD = select(Method.id).where(
    Method.public_id == bindparam("method"),
    Method.account_id == bindparam("account_id"),
    Method.actor == bindparam("saved_by"),
    Method.state == "active",
)
_OFF = (
    update(Autopay)
    .where(Autopay.account_id == bindparam("account"), Autopay.state == "on")
    .values(state="off", ended_at=bindparam("now"), ended_why=bindparam("why"))
)
_OFF_OF_METHOD = _OFF.where(Autopay.method_id == bindparam("method"))
_DROP = update(Run).where(Run.account_id == bindparam("account"), Run.state == "planned").values(state="dropped")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a person agreed to. Amounts are minor units; `method` is a public id; `words` are what stood beside the tick.

    `about` is what the bank statement says, `contact` where the fiscal receipts go.
    """

    method: str
    mode: Literal["bill", "balance"]
    day: int
    cap: int
    words: str
    about: str
    contact: str = ""
    below: int = 0
    top_up: int = 0


def switch_on(db: Session, account: AccountRef, wish: Agreement) -> None:
    """Agree anew: what was agreed before ends. Raises NotFound for a method that the actor has not saved on the account."""
    ledger.hold(db, ledger.customer(db, account.id, account.currency))
    known = {"method": wish.method, "account_id": account.id, "saved_by": context(db).actor.label}
    method = db.execute(_METHOD, known).scalar()
    if method is None:
        raise NotFound
    switch_off(db, account, "agreed_anew")
    row = {
        "account_id": account.id,
        "method_id": method,
        "mode": wish.mode,
        "day": wish.day,
        "cap": wish.cap,
        "below": wish.below,
        "top_up": wish.top_up,
        "about": wish.about[:128],
        "contact": wish.contact,
        "agreed": wish.words[:1000],
        "agreed_by": context(db).actor.label,
        "agreed_at": now(db),
        "state": "on",
    }
    db.execute(insert(Autopay).values(row))
    _audit(db, account, "payments.autopay_on", {"cap": wish.cap, "mode": wish.mode, "day": wish.day})


def switch_off(db: Session, account: AccountRef, why: str, *, method: int | None = None) -> bool:
    """End what was agreed (with `method`: only if it uses that one) and drop what was planned; say whether anything was on."""
    known = {"account": account.id, "now": now(db), "why": why, "method": method}
    if not ledger.moved(db, _OFF if method is None else _OFF_OF_METHOD, known if method is not None else _less(known)):
        return False
    db.connection().execute(_DROP, {"account": account.id})
    _audit(db, account, "payments.autopay_off", {"why": why})
    return True


def _less(known: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in known.items() if name != "method"}


def _audit(db: Session, account: AccountRef, action: str, detail: dict[str, str | int]) -> None:
    port(db, AuditLog).record(db, action, target=account.public_id, account=account, detail=detail)  # type: ignore[type-abstract]
