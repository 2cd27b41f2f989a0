"""Recovery codes: ten for the day the authenticator is lost. Shown once, kept as slow hashes, each used once.

A code is 12 letters and digits that are not mistaken for one another (60 bits). The first four say which one it is, so that one
hash is computed for a try; a wrong mark costs one too. Whoever calls `make` or `found` runs on the hash limiter."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.auth.models import RecoveryCode
from lkportal.auth.passwords import Passwords
from lkportal.core.db import Database
from lkportal.core.unit import now

COUNT = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOKALIKES = str.maketrans("oil", "011")
_GROUP, _GROUPS = 4, 3
_CODE = re.compile(f"[{_ALPHABET}]{{{_GROUP * _GROUPS}}}")
_MINE = (RecoveryCode.identity_id == bindparam("person"), RecoveryCode.used_at.is_(None))
_BY_MARK: Select[*tuple[Any, ...]] = select(RecoveryCode.id, RecoveryCode.code_hash).where(
    *_MINE, RecoveryCode.mark == bindparam("mark")
)
_SPEND = (
    update(RecoveryCode)
    .where(RecoveryCode.id == bindparam("code_id"), *_MINE)
    .values(used_at=bindparam("now"))
    .execution_options(preserve_rowcount=True)
)
_LEFT = select(func.count()).select_from(RecoveryCode).where(*_MINE)
_FORGET = delete(RecoveryCode).where(RecoveryCode.identity_id == bindparam("person"))


def make(passwords: Passwords) -> tuple[list[str], list[dict[str, str]]]:
    """Return ten new codes as they are shown, and what is kept of them."""
    shown: dict[str, str] = {}
    while len(shown) < COUNT:
        plain = "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP * _GROUPS))
        shown.setdefault(plain[:_GROUP], plain)
    kept = [{"mark": mark, "code_hash": passwords.make(plain)} for mark, plain in shown.items()]
    return [_spaced(plain) for plain in shown.values()], kept


def keep(db: Session, identity_id: int, kept: Sequence[dict[str, str]]) -> None:
    """Replace a person's codes by new ones; the old ones are worth nothing from here on."""
    forget(db, identity_id)
    moment = now(db)
    db.execute(insert(RecoveryCode), [{**row, "identity_id": identity_id, "created_at": moment} for row in kept])


def plain(typed: str) -> str:
    """Return a code as it was made, however it was typed: capitals, spaces, dashes, o for 0; "" when it cannot be one."""
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", typed).lower().translate(_LOOKALIKES)
    return bare if _CODE.fullmatch(bare) else ""


def found(database: Database, passwords: Passwords, identity_id: int, code: str) -> int | None:
    """Return the key of the unused code that was typed, or None. It is not used up yet; a wrong one takes as long."""
    with database.reading() as connection:
        row = connection.execute(_BY_MARK, {"person": identity_id, "mark": code[:_GROUP]}).first()
    fits, _ = passwords.fits(code, row.code_hash if row else "")
    return row.id if row and fits else None


def spend(db: Session, identity_id: int, code_id: int) -> bool:
    """Use a code up; say whether it was still unused. Of many at once one is told so."""
    values = {"code_id": code_id, "person": identity_id, "now": now(db)}
    return bool(db.connection().execute(_SPEND, values).rowcount)


def left(connection: Connection, identity_id: int) -> int:
    """Return how many unused codes a person has."""
    return int(connection.execute(_LEFT, {"person": identity_id}).scalar_one())


def forget(db: Session, identity_id: int) -> None:
    """Forget a person's codes."""
    db.connection().execute(_FORGET, {"person": identity_id})


def _spaced(code: str) -> str:
    return "-".join(code[place : place + _GROUP] for place in range(0, len(code), _GROUP))
