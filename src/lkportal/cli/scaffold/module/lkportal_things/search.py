"""What the customer's search finds here: entries by the words of their title."""

from collections.abc import Iterable

from sqlalchemy import select

from lkportal.core.i18n import text
from lkportal.core.search import Hit, SearchAsked, SearchProvider
from lkportal_things.models import Entry

_MOST = 200


def find(asked: SearchAsked) -> Iterable[Hit]:
    """Yield the entries on these accounts that fit what was typed."""
    rows = asked.connection.execute(
        select(Entry.account_id, Entry.public_id, Entry.title)
        .where(Entry.account_id.in_([each.id for each in asked.accounts]))
        .order_by(Entry.id.desc())
        .limit(_MOST)
    )
    for row in rows:
        if asked.typed.fits(row.title):
            account = asked.account(row.account_id)
            yield Hit(row.title, asked.url("things:entry", account=account.public_id, entry=row.public_id), "", account)


ENTRIES = SearchProvider("things.entries", text("things.search.entries", "Things"), find, "things.view")
