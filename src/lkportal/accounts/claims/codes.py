"""Codes that prove an account: printed on a paper bill, or sent by post in a letter of their own. Made and checked here; only a
hash under the portal's key is kept, for a company's own codes may be short."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.claims.models import ProofCode
from lkportal.accounts.contract import AccountRef
from lkportal.accounts.models import Account, Brand, Premise
from lkportal.core.errors import NotFound
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import now

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O: what is read from paper has no twins. 32 signs, five bits each."""
SIGNS = 10
_GROUP = 5
_NOT_SIGNS = re.compile(r"[^0-9A-ZА-ЯЁ]")
_FITS = (
    ProofCode.account_id == bindparam("of"),
    ProofCode.kind == bindparam("sort"),
    ProofCode.code_hash == bindparam("hash"),
    ProofCode.used_at.is_(None),
    or_(ProofCode.expires_at.is_(None), ProofCode.expires_at > bindparam("now")),
)
_SPEND = update(ProofCode).where(*_FITS).values(used_at=bindparam("now")).returning(ProofCode.id)
_WAITING = (ProofCode.kind == "post", ProofCode.printed_at.is_(None), ProofCode.used_at.is_(None))
QUEUE: Select[*tuple[Any, ...]] = (
    select(
        ProofCode.public_id,
        ProofCode.created_at,
        Account.number,
        Account.public_id.label("account"),
        Account.time_zone,
        Premise.address,
    )
    .join(Account, Account.id == ProofCode.account_id)
    .outerjoin(Premise, Premise.id == Account.premise_id)
    .where(*_WAITING)
    .order_by(ProofCode.id)
    .limit(bindparam("limit"))
)
LETTER: Select[*tuple[Any, ...]] = (
    select(
        ProofCode.id,
        ProofCode.account_id,
        Account.public_id.label("account"),
        Account.number,
        Account.holder,
        Account.title,
        Account.time_zone,
        Account.currency,
        Premise.address,
        Brand.key.label("brand"),
    )
    .join(Account, Account.id == ProofCode.account_id)
    .join(Brand, Brand.id == Account.brand_id)
    .outerjoin(Premise, Premise.id == Account.premise_id)
    .where(ProofCode.public_id == bindparam("public"), ProofCode.kind == "post", ProofCode.used_at.is_(None))
)
_PRINT = (
    update(ProofCode)
    .where(ProofCode.id == bindparam("code"), ProofCode.used_at.is_(None))
    .values(code_hash=bindparam("hash"), printed_at=bindparam("now"), expires_at=bindparam("until"))
    .returning(ProofCode.id)
)
_UNDER_WAY = select(ProofCode.id).where(
    ProofCode.account_id == bindparam("of"), ProofCode.kind == "post", ProofCode.created_at > bindparam("since")
)
_OLD = delete(ProofCode).where(or_(ProofCode.expires_at < bindparam("before"), ProofCode.used_at < bindparam("before")))


@dataclass(frozen=True, slots=True)
class ProofKey:
    """The key under which codes are hashed. A port, filled from the portal's secret key at boot."""

    value: bytes

    @classmethod
    def of(cls, secret: str) -> ProofKey:
        """Return the key that belongs to a portal's secret."""
        return cls(hashlib.sha256(b"lkportal.proof." + secret.encode()).digest())

    def hash(self, account_id: int, kind: str, code: str) -> str:
        """Return the hash of a code of an account, however it was typed."""
        return hmac.digest(self.value, f"{kind}:{account_id}:{plain(code)}".encode(), "sha256").hex()


def plain(typed: str) -> str:
    """Return a code as it is compared: capitals and digits alone."""
    return _NOT_SIGNS.sub("", typed.upper())


def new_code() -> str:
    """Return a random code of 50 bits in two groups: K7M2P-9XRTA."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(SIGNS))
    return f"{signs[:_GROUP]}-{signs[_GROUP:]}"


def check_paper(db: Session, account_id: int, typed: str) -> bool:
    """Whether `typed` is a code from a paper bill of the account; it is spent then."""
    return _spend(db, account_id, "paper", typed)


def check_post(db: Session, account_id: int, typed: str) -> bool:
    """Whether `typed` is the code of a letter that was sent to the account's address; it is spent then."""
    return _spend(db, account_id, "post", typed)


def put_paper(db: Session, account_id: int, code: str) -> None:
    """Keep a code that stands on a paper bill of an account; the same code twice is one."""
    hashed = port(db, ProofKey).hash(account_id, "paper", code)
    known = select(ProofCode.id).where(ProofCode.account_id == account_id, ProofCode.code_hash == hashed)
    if db.execute(known).first() is None:
        row = {"account_id": account_id, "kind": "paper", "code_hash": hashed, "created_at": now(db)}
        db.execute(insert(ProofCode), row | {"public_id": public_id(), "printed_at": now(db)})


def ask_letter(db: Session, account_id: int, asked_by: int, since: datetime) -> bool:
    """Put a letter with a code into the queue of the desk, unless one was asked for since `since`; say whether it is new."""
    if db.execute(_UNDER_WAY, {"of": account_id, "since": since}).first() is not None:
        return False
    row = {"public_id": public_id(), "account_id": account_id, "kind": "post", "asked_by": asked_by}
    db.execute(insert(ProofCode), row | {"created_at": now(db)})
    return True


def queue(connection: Connection, limit: int) -> Sequence[Row[Any]]:
    """Return the letters that wait to be printed, oldest first. For staff."""
    return connection.execute(QUEUE, {"limit": limit}).all()


def print_letter(db: Session, letter: str, days: int) -> tuple[Row[Any], str]:
    """Make the code of a letter and return who it goes to with it. Printed again it is another code, and the first is void."""
    row = db.execute(LETTER, {"public": letter}).first()
    code = new_code()
    if row is None or not _printed(db, row, code, days):
        raise NotFound
    ref = AccountRef(row.account_id, row.account, row.number, row.title, row.time_zone, row.currency, row.brand)
    port(db, AuditLog).record(db, "accounts.code_printed", target=letter, account=ref)  # type: ignore[type-abstract]
    return row, code


def _printed(db: Session, row: Row[Any], code: str, days: int) -> bool:
    """Keep the code of a letter; False when the one before it was used meanwhile."""
    hashed, moment = port(db, ProofKey).hash(row.account_id, "post", code), now(db)
    values = {"code": row.id, "hash": hashed, "now": moment, "until": moment + timedelta(days=days)}
    return db.connection().execute(_PRINT, values).first() is not None


def forget_old(db: Session, before: datetime) -> None:
    """Delete codes that were used or ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})


def _spend(db: Session, account_id: int, kind: str, typed: str) -> bool:
    hashed = port(db, ProofKey).hash(account_id, kind, typed)
    values = {"of": account_id, "sort": kind, "hash": hashed, "now": now(db)}
    return db.connection().execute(_SPEND, values).first() is not None
