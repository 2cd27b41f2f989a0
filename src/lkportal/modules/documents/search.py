"""What documents bring to the search: documents by title, number and month, and their pages."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from lkportal.core.i18n import Text, text
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider, matching
from lkportal.modules.documents.models import Document

_SHORTEST = 2


def _documents(asked: SearchAsked) -> Iterable[Hit]:
    typed = asked.typed
    ways: list[ColumnElement[bool]] = [
        Document.number.like(f"%{word}%") for word in typed.numbers if len(word) >= _SHORTEST
    ]
    named = matching(" ".join(typed.plain), Document.title)
    if typed.is_dated:
        ways.append(typed.within(Document.created_at))
    if named is not None:
        ways.append(named)
    if not ways:
        return
    rows = asked.connection.execute(
        select(Document.public_id, Document.account_id, Document.title, Document.number, Document.created_at)
        .where(Document.account_id.in_([each.id for each in asked.accounts]), or_(*ways))
        .order_by(Document.changed_at.desc(), Document.id.desc())
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        day = asked.locale.date(row.created_at.astimezone(ZoneInfo(account.time_zone)).date())
        note: Text | str = day
        if row.number:
            note = text("documents.search.numbered", "No. %(number)s, %(day)s", number=row.number, day=day)
        href = asked.url("documents:document", account=account.public_id, document=row.public_id)
        yield Hit(row.title, href, note, account)


PROVIDERS = [
    SearchProvider(
        "documents.documents", text("documents.search.documents", "Documents"), _documents, "documents.view", 30
    )
]
PAGES = [
    SearchPage(
        "documents:list",
        text("documents.title", "Documents"),
        text("documents.search.words", "document, contract, act, invoice, sign, signature, agreement, letter"),
        "documents.view",
    )
]
