"""The import kind `proof_codes`: codes that the company printed on its paper bills. They are hashed here and kept nowhere else; a
newer code of an account takes the place of its older ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from lkportal.accounts.claims.codes import ProofKey, plain
from lkportal.accounts.claims.models import ProofCode
from lkportal.accounts.contract import ACCOUNT_REJECTIONS, MARK_ACCOUNT
from lkportal.accounts.models import Account
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.importing.kind import Unfit
from lkportal.core.imports import Applied, Cell, Column, ImportKind, Parser, Staged, account_number
from lkportal.core.ports import port
from lkportal.core.unit import now

LEAST_DIGITS, LEAST_SIGNS = 10, 8
"""Signs a company's own code must have: of digits alone, of letters and digits. Shorter ones could be guessed by trying."""
_AT_ONCE = 500
_VOID = (
    update(ProofCode)
    .where(
        ProofCode.account_id.in_(bindparam("accounts", expanding=True)),
        ProofCode.kind == "paper",
        ProofCode.used_at.is_(None),
    )
    .values(expires_at=bindparam("now"))
)


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch of codes: those of the same accounts from before open nothing any more."""
    db.connection().execute(sql(MARK_ACCOUNT.format(staging=staged.table.name)))
    key, moment = port(db, ProofKey), now(db)
    for rows in _batches(db, staged):
        db.connection().execute(_VOID, {"accounts": list(rows), "now": moment})
        made = [
            {
                "public_id": public_id(),
                "account_id": account,
                "kind": "paper",
                "code_hash": key.hash(account, "paper", code),
                "created_at": moment,
                "printed_at": moment,
            }
            for account, code in rows.items()
        ]
        db.execute(insert(ProofCode), made)
    return Applied()


def _batches(db: Session, staged: Staged) -> Iterator[Mapping[int, str]]:
    """Yield the accepted rows (account id -> code), the last line of an account counts."""
    table = staged.table
    statement = (
        select(Account.id, table.c.code)
        .join(table, table.c.account == Account.number)
        .where(table.c.reject.is_(None))
        .order_by(table.c.line)
    )
    found: dict[int, Any] = {row.id: row.code for row in db.execute(statement)}
    accounts = list(found)
    for start in range(0, len(accounts), _AT_ONCE):
        yield {account: found[account] for account in accounts[start : start + _AT_ONCE]}


def _code(cell: str) -> Cell:
    bare = plain(cell)
    if len(bare) < (LEAST_DIGITS if bare.isdigit() else LEAST_SIGNS):
        raise Unfit(
            text(
                "accounts.import.short_code",
                "This code could be guessed. Use %(digits)s digits or %(signs)s letters and digits, or more.",
                digits=LEAST_DIGITS,
                signs=LEAST_SIGNS,
            )
        )
    return bare


CODES = ImportKind(
    name="proof_codes",
    title=text("accounts.import.codes", "Codes on paper bills"),
    columns=(
        Column(
            "account",
            text("accounts.import.number", "Account"),
            account_number(),
            ("лицевой счёт", "номер лицевого счёта", "лс", "л/с", "номер", "number", "account number"),
        ),
        Column("code", text("accounts.import.code", "Code"), Parser(_code, "text"), ("код", "код доступа", "code")),
    ),
    apply=apply,
    rejections=ACCOUNT_REJECTIONS,
    permission="accounts.import",
)
