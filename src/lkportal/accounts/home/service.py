"""Keeping how a person wants a home page: one act at a time, the last of them can be undone. It is theirs alone, so no audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.home.layout import Layout
from lkportal.accounts.home.models import HomeLayout
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

_TRIES = 5
_IT = (HomeLayout.identity_id == bindparam("who"), HomeLayout.account_id == bindparam("where"))
_KEPT = select(HomeLayout.cards, HomeLayout.before, HomeLayout.edition).where(*_IT)
_NEW = insert_if_new(HomeLayout.__table__)  # type: ignore[arg-type]
_CHANGE = (
    update(HomeLayout)
    .where(*_IT, HomeLayout.edition == bindparam("seen"))
    .values(
        cards=bindparam("words"),
        before=bindparam("last"),
        edition=HomeLayout.edition + 1,
        changed_at=bindparam("moment"),
    )
)


def kept(connection: Connection, identity_id: int, account_id: int) -> Any:
    """Return (cards, before, edition) of a person's home page, None when they never arranged it."""
    return connection.execute(_KEPT, {"who": identity_id, "where": account_id}).first()


def arrange(db: Session, identity_id: int, account_id: int, act: Callable[[Layout], Layout]) -> None:
    """Change a home page by `act`, and keep what was before for `undo`. An act that changes nothing keeps nothing."""
    for _ in range(_TRIES):
        found = kept(db.connection(), identity_id, account_id)
        was = found.cards if found else ""
        words = str(act(Layout.read(was)))
        if words == was or _written(db, identity_id, account_id, words, was, found):
            return
    raise PortalError("busy", text("accounts.cards.busy", "This page changes in another window. Try once more."), 409)


def undo(db: Session, identity_id: int, account_id: int) -> None:
    """Bring back what was before the last act; once more does it again."""
    found = kept(db.connection(), identity_id, account_id)
    if found is not None and found.before is not None:
        _written(db, identity_id, account_id, found.before, found.cards, found)


def _written(db: Session, identity_id: int, account_id: int, words: str, last: str, found: Any) -> bool:
    row = {
        "identity_id": identity_id,
        "account_id": account_id,
        "cards": words,
        "before": last,
        "edition": 1,
        "changed_at": now(db),
    }
    if found is None:
        return bool(db.connection().execute(_NEW[db.get_bind().dialect.name], row).rowcount)
    values = {"who": identity_id, "where": account_id, "words": words, "last": last, "moment": row["changed_at"]}
    return bool(db.connection().execute(_CHANGE, {**values, "seen": found.edition}).rowcount)
