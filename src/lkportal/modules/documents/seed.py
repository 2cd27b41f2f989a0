"""What a demo fills documents with: some to keep, one to agree on, one to sign, one that waits for the company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.storage import Storage
from lkportal.core.unit import open_unit
from lkportal.modules.documents import papers, service
from lkportal.modules.documents.files.keeping import keep
from lkportal.modules.documents.office import Office


@dataclass(frozen=True, slots=True)
class Example:
    """A document of a demo: its words, how it stands, how many days ago it was published. `remark` is what the customer wrote about
    it, "" for nothing."""

    kind: str
    title: str
    number: str
    body: str
    asks: str = ""
    remark: str = ""
    agreed: bool = False
    days: int = 0


def settle_documents(portal: Any, account_number: str, login: str, examples: Sequence[Example]) -> int:
    """Publish examples for an account as if the desk had, and let its customer do what they tell; return how many."""
    with portal.database.reading() as connection:
        public = connection.execute(select(Account.public_id).where(Account.number == account_number)).scalar_one()
        customer = connection.execute(select(Identity.id).where(Identity.login == login)).scalar_one()
        account = portal.ports.get(Accounts).by_public_id(connection, public)
    office, locale, storage = portal.ports.get(Office), next(iter(portal.locales)), portal.ports.get(Storage)
    for place, each in enumerate(examples):
        moment = portal.clock.now() - timedelta(days=each.days)
        day = office.today(moment)
        file = papers.written(portal, account, locale, each.title, each.number, each.asks, each.body, day)
        kept, days = keep(storage, file), office.days(office.kind(each.kind))
        due = office.end_of(day + timedelta(days=days)) if each.asks and days else None
        draft = service.Draft(each.kind, each.title, f"demo{place:012}", kept, each.number, each.asks, due)
        with open_unit(portal.database, replace(portal.unit_context("seed"), clock=MovableClock(moment))) as db:
            made = service.publish(db, account, None, draft)[0].public_id
            if each.remark:
                service.take(db, account, made, service.Step("customer", "remark", customer, remark=each.remark))
            if each.agreed:
                service.take(db, account, made, service.Step("customer", "agree", customer))
    return len(examples)
