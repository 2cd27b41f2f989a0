"""What a demo fills the desk with: orders of customers to move their services, placed as they would place them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.core.ids import public_id
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.tariffs import queries, service
from lkportal.modules.tariffs.days import local_day
from lkportal.modules.tariffs.office import Office
from lkportal.modules.tariffs.orders.quoting import Asked, quoted

_PUBLIC = select(Account.public_id).where(Account.number == bindparam("number"))


def ordered_moves(db: Session, moves: Iterable[tuple[str, str]], *, taken_back: bool = False) -> None:
    """Place an order to move the first plan of each account: (account number, new address); or one that was taken back."""
    for number, address in moves:
        found = db.execute(_PUBLIC, {"number": number}).scalar()
        account = port(db, Accounts).by_public_id(db, found) if found else None  # type: ignore[type-abstract]
        if account is None:
            continue
        today, settings = local_day(now(db), account.time_zone), port(db, Office).settings
        rows = queries.services(db.connection(), account.id, account.brand, today)
        asked = [Asked("move", service=row.public_id, place=address) for row in rows if row.kind == "plan"][:1]
        for each in asked:
            _, quote = quoted(db.connection(), account, each, settings, today)
            made, _ = service.place(db, account, 0, service.Draft(each, public_id(), (quote.price, quote.monthly)))
            if taken_back:
                service.cancel(db, account, made.public_id)
