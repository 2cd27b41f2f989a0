"""Keeping a method that a payer agreed to have kept, and letting it go."""

from __future__ import annotations

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.modules.payments.books.ledger import moved
from lkportal.modules.payments.contract import SavedMethod
from lkportal.modules.payments.methods import agreeing
from lkportal.modules.payments.methods.models import Method
from lkportal.modules.payments.models import Payment
from lkportal.modules.payments.paying.cases import Case

_METHODS: Table = Method.__table__  # type: ignore[assignment]
_NEW = insert_if_new(_METHODS)
_ACTOR = select(Payment.actor).where(Payment.id == bindparam("payment"))
_MINE = select(Method.id, Method.gateway, Method.token).where(
    Method.public_id == bindparam("method"), Method.account_id == bindparam("account_id"), Method.state == "active"
)
_END = (
    update(Method)
    .where(Method.id == bindparam("method"), Method.state == "active")
    .values(state=bindparam("to"), token="", ended_at=bindparam("now"))
)


def keep(db: Session, case: Case, saved: SavedMethod) -> None:
    """Keep the method of a payment whose payer asked for it; told again, nothing changes."""
    row = {
        "public_id": public_id(),
        "account_id": case.account.id,
        "actor": db.execute(_ACTOR, {"payment": case.payment_id}).scalar_one(),
        "origin": case.key,
        "gateway": case.gateway,
        "token": saved.token,
        "kind": saved.kind,
        "title": saved.title[:60],
        "expires": saved.expires[:7],
        "state": "active",
        "created_at": now(db),
        "ended_at": None,
    }
    if moved(db, _NEW[db.get_bind().dialect.name], row):
        _audit(db, "payments.method_saved", str(row["public_id"]), case.account)


def remove(db: Session, account: AccountRef, method: str) -> tuple[str, str]:
    """Let a method go, and switch off the autopay that used it; return its gateway and token, for the provider to forget.

    Raises NotFound when the account has no such method.
    """
    found = db.execute(_MINE, {"method": method, "account_id": account.id}).first()
    if found is None:
        raise NotFound
    agreeing.switch_off(db, account, "method_removed", method=found.id)
    if moved(db, _END, {"method": found.id, "to": "removed", "now": now(db)}):
        _audit(db, "payments.method_removed", method, account)
    return found.gateway, found.token


def revoke(db: Session, account: AccountRef, method: int) -> None:
    """The bank will never take this method again."""
    agreeing.switch_off(db, account, "method_revoked", method=method)
    moved(db, _END, {"method": method, "to": "revoked", "now": now(db)})


def _audit(db: Session, action: str, method: str, account: AccountRef) -> None:
    port(db, AuditLog).record(db, action, target=method, account=account)  # type: ignore[type-abstract]
