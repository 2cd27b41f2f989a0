"""The rules of bank operations: each is posted once, by a match that is plain or by a person, or set aside with a word why. Each step is
one conditional change of the operation, in the unit of what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.connectors.bank import queries
from lkportal.connectors.bank.matching import Known, Match, match, named
from lkportal.connectors.bank.models import Operation
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.core.work.states import changed
from lkportal.modules.payments.contract import Received, Receiving

CURRENCY = "RUB"
"""The format names no currency: statements of 1C are in rubles."""
AT_ONCE = 50
_ONE = select(Operation.__table__).where(Operation.public_id == bindparam("operation"))
_OPEN = ("new", "unmatched", "aside")
_TAKE = (
    update(Operation)
    .where(Operation.id == bindparam("key_of"), Operation.state.in_(bindparam("since", expanding=True)))
    .values(
        state="posted",
        why="",
        candidates=[],
        matched_by=bindparam("way"),
        account_id=bindparam("to"),
        decided_by=bindparam("who"),
        decided_at=bindparam("moment"),
        note="",
    )
)
_POSTED = update(Operation).where(Operation.id == bindparam("key_of")).values(payment=bindparam("made"))
_UNCLEAR = (
    update(Operation)
    .where(Operation.id == bindparam("key_of"), Operation.state == "new")
    .values(state="unmatched", why=bindparam("because"), candidates=bindparam("may_be"))
)
_ASIDE = (
    update(Operation)
    .where(Operation.id == bindparam("key_of"), Operation.state.in_(("new", "unmatched")))
    .values(state="aside", note=bindparam("because"), decided_by=bindparam("who"), decided_at=bindparam("moment"))
)
DEALT_WITH = text("bank.dealt_with", "Somebody has dealt with this operation meanwhile. Look at how it stands now.")


class DealtWith(PortalError):
    """The operation does not wait any more."""

    def __init__(self) -> None:
        super().__init__("bank.dealt_with", DEALT_WITH, 409)


def settle(unit: Callable[[], AbstractContextManager[Session]], *, by_tax_number: bool, most: int) -> int:
    """Post what is new and plain, and put the rest before people; return how many were looked at. Some in each unit."""
    seen = 0
    while seen < most:
        with unit() as db:
            rows = queries.fresh(db, AT_ONCE)
            known = _known(db, rows)
            for row in rows:
                _settle(db, row, match(named(row.purpose), row.payer_inn, known, by_tax_number=by_tax_number))
        seen += len(rows)
        if len(rows) < AT_ONCE:
            break
    return seen


def choose(db: Session, operation: str, account: AccountRef) -> None:
    """Post an operation onto the account a person chose, also one that was set aside. Raises NotFound, DealtWith."""
    if not _post(db, _known_one(db, operation), account, "person", _OPEN):
        raise DealtWith


def set_aside(db: Session, operation: str, because: str) -> None:
    """Note that an operation is no payment of a customer. Raises NotFound, DealtWith."""
    row, actor = _known_one(db, operation), context(db).actor
    values = {"key_of": row.id, "because": because, "who": actor.name or actor.login, "moment": now(db)}
    if not changed(db.connection().execute(_ASIDE, values)):
        raise DealtWith
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, "bank.set_aside", target=operation, detail={"amount": row.amount})


def owes_receipt(inn: str, payer: str) -> bool:
    """Whether a fiscal receipt is due: not between companies (54-FZ, article 2, part 9). Those have tax numbers of ten digits; sole
    traders, of twelve as people, are told by their name."""
    return len(inn) != 10 and not payer.upper().startswith(("ИП ", "ИНДИВИДУАЛЬНЫЙ ПРЕДПРИНИМАТЕЛЬ"))


def _settle(db: Session, row: Row[Any], found: Match) -> None:
    account = None
    if found.account:
        account = port(db, Accounts).by_public_id(db, found.account)  # type: ignore[type-abstract]
    if account is not None and account.currency == CURRENCY:
        _post(db, row, account, found.by, ("new",))
        return
    because = found.why or "currency"
    may_be = list(found.candidates) or ([found.account] if found.account else [])
    db.connection().execute(_UNCLEAR, {"key_of": row.id, "because": because, "may_be": may_be})


def _post(db: Session, row: Row[Any], account: AccountRef, way: str, since: Sequence[str]) -> bool:
    actor = context(db).actor
    who = "" if way != "person" else actor.name or actor.login
    values = {"key_of": row.id, "since": list(since), "way": way, "to": account.id, "who": who, "moment": now(db)}
    if not changed(db.connection().execute(_TAKE, values)):
        return False
    received = Received(
        row.key,
        account,
        row.amount,
        CURRENCY,
        row.day,
        "Перевод на банковский счёт",
        receipt=owes_receipt(row.payer_inn, row.payer),
    )
    payment = port(db, Receiving).record(db, received)  # type: ignore[type-abstract]
    db.connection().execute(_POSTED, {"key_of": row.id, "made": payment})
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, "bank.posted", target=row.public_id, detail={"amount": row.amount, "by": way})
    return True


def _known(db: Session, rows: Sequence[Row[Any]]) -> Known:
    """Return what the purposes of a batch may name, by three statements."""
    numbers = {each for row in rows for each in named(row.purpose).every}
    inns = {row.payer_inn for row in rows if row.payer_inn}
    bills = port(db, Receiving).accounts_of_bills(db.connection(), numbers)  # type: ignore[type-abstract]
    return Known(queries.by_numbers(db, numbers), bills, queries.by_tax_numbers(db, inns))


def _known_one(db: Session, operation: str) -> Row[Any]:
    row = db.execute(_ONE, {"operation": operation}).first()
    if row is None:
        raise NotFound
    return row
