"""The import kind `bank_operations`: what came to the company's bank accounts. The desk brings it from statements, a bank's own system may
push it through the feed. An operation that came before is passed over: that is why overlapping statements post each once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lkportal.connectors.bank.models import Operation
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.imports import Applied, Column, ImportKind, Rejection, Staged, day, integer, money, words
from lkportal.core.jobs import enqueue
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed

SETTLE = "bank.settle"
_NEW = insert_if_new(Operation.__table__)  # type: ignore[arg-type]


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch: the operations that are new. A job posts them."""
    table, moment, taken = staged.table, now(db), 0
    db.execute(update(table).where(table.c.amount <= 0).values(reject="no_receipt"))
    rows = db.execute(select(table).where(table.c.reject.is_(None)).order_by(table.c.line)).mappings().all()
    for row in map(dict, rows):
        values = {
            "public_id": public_id(), "key": key_of(row), "import_id": staged.import_public,
            "own_account": row["account"], "number": row["number"] or "", "day": row["day"],
            "amount": row["amount"], "payer": row["payer"] or "", "payer_inn": row["inn"] or "",
            "payer_account": row["payer_account"] or "", "payer_bank": row["bank"] or "",
            "purpose": row["purpose"] or "", "state": "new", "candidates": [], "seen_at": moment,
        }  # fmt: skip
        taken += changed(db.execute(_NEW[db.get_bind().dialect.name], values))
    if taken:
        enqueue(db, SETTLE, {})
    return Applied(None, {"operations": taken, "known": len(rows) - taken})


def key_of(row: Mapping[str, Any]) -> str:
    """Return what makes an operation this one and no other: whose bank account it came to, from which bank and account, its number,
    day and sum, and its place among equal ones of one statement."""
    parts = [row[name] for name in ("account", "bank", "payer_account", "number", "day", "amount")]
    whole = "|".join("" if part is None else str(part) for part in [*parts, row["occurrence"] or 1])
    return hashlib.sha256(whole.encode()).hexdigest()


def _words(name: str, title: Any, most: int, *aliases: str, required: bool = False) -> Column:
    return Column(name, title, words(most), aliases, required)


OPERATIONS = ImportKind(
    name="bank_operations",
    title=text("bank.import", "Bank operations"),
    columns=(
        _words("account", text("bank.import.account", "Our bank account"), 20, "счёт получателя", required=True),
        _words("number", text("bank.import.number", "Document number"), 20, "номер"),
        Column("day", text("bank.import.day", "Date"), day(), ("дата",)),
        Column("amount", text("bank.import.amount", "Sum"), money(), ("сумма",)),
        _words("payer", text("bank.import.payer", "Payer"), 300, "плательщик"),
        _words("inn", text("bank.import.inn", "Payer's tax number"), 12, "инн плательщика", "инн"),
        _words("payer_account", text("bank.import.payer_account", "Payer's bank account"), 34, "счёт плательщика"),
        _words("bank", text("bank.import.bank", "BIC of the payer's bank"), 9, "бик"),
        _words("purpose", text("bank.import.purpose", "Purpose"), 1000, "назначение платежа", "назначение"),
        Column(
            "occurrence",
            text("bank.import.occurrence", "Place among equal operations of a statement"),
            integer(),
            required=False,
        ),
    ),
    apply=apply,
    rejections={"no_receipt": Rejection("amount", text("bank.import.no_receipt", "A receipt is more than zero."))},
    permission="bank.post",
)
