"""What a demo fills news with: outages and announcements that are out already, of which nobody is sent a message."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.core.unit import now
from lkportal.modules.news import service
from lkportal.modules.news.handlers import note_all
from lkportal.modules.news.models import Item


def settle_news(db: Session, drafts: Iterable[service.Draft], unfinished: Iterable[service.Draft] = ()) -> None:
    """Publish drafts without telling anybody; those with an end in the past are closed. Nobody sees the `unfinished` yet."""
    for draft in unfinished:
        service.write(db, draft)
    for draft in drafts:
        item = service.write(db, draft)
        service.make_public(db, item, ("draft",), tell=False)
        if draft.expected_end is not None and draft.expected_end < now(db):
            service.close(db, item, tell=False, ended_at=draft.expected_end)
        row = db.scalars(select(Item).where(Item.public_id == item)).one()
        note_all(db, row)
