"""Reads, each bound to one account: what is not asked for by account cannot be shown to a stranger."""

from sqlalchemy import bindparam, func, select

from lkportal_things.models import Entry

_MINE = Entry.account_id == bindparam("account_id")
ENTRIES = (
    select(Entry.public_id, Entry.title, Entry.remark, Entry.added_at)
    .where(_MINE)
    .order_by(Entry.added_at.desc(), Entry.id.desc())
    .limit(50)
)
ENTRY = select(Entry.public_id, Entry.title, Entry.remark, Entry.added_at).where(
    _MINE, Entry.public_id == bindparam("entry")
)
COUNT = select(func.count().label("entries")).where(_MINE)
