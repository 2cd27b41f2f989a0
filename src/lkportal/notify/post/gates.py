"""What is asked before a message leaves, at once or days later: is its reader still there, did they read it, do they still want it,
is there still something to tell, is it quiet. How it leaves stands in posting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from lkportal.core.notices import Due
from lkportal.core.policy import AccountRef
from lkportal.notify.audience import Reader
from lkportal.notify.choosing.choices import Wishes
from lkportal.notify.choosing.timing import opens
from lkportal.notify.models import Message
from lkportal.notify.portal import Portal

_ENTRY = select(Message.read_at).where(Message.public_id == bindparam("entry"))


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a message: dropped for a reason ("gone", "read", "off", "done"), kept until quiet hours end, or sent."""

    drop: str = ""
    wait_until: datetime | None = None
    push_titles: bool = False


def rule(
    db: Connection, portal: Portal, row: Row[Any], reader: Reader, moment: datetime, *, gathered: bool = False
) -> Ruling:
    """Judge a message of a notice. A `gathered` one leaves only while unread, and its letter knows quiet hours by itself."""
    topic = portal.registry.topics.get(row.kind)
    entry = db.execute(_ENTRY, {"entry": row.entry}).first()
    if topic is None or entry is None:
        return Ruling("gone")
    if entry.read_at is not None and (row.unless_read or gathered):
        return Ruling("read")
    wish = Wishes(db, topic, [reader.identity_id], portal.settings.portal.time_zone).of(reader)
    if not wish.chosen.has(row.channel):
        return Ruling("off")
    notice = portal.registry.notices.get(row.notice)
    if notice is not None and reader.account is not None and not _is_open(portal, row.notice, reader.account):
        return Ruling("gone")
    if notice is not None and notice.still_due is not None:
        due = Due(reader.account, reader.identity_id, str(row.facts.get("about", "")), moment)
        if not notice.still_due(db, due):
            return Ruling("done")
    if topic.urgent or gathered:
        return Ruling(push_titles=wish.habits.push_titles)
    later = opens(moment, wish.habits.quiet, wish.habits.zone)
    return Ruling(wait_until=later if later > moment else None, push_titles=wish.habits.push_titles)


def _is_open(portal: Portal, notice: str, account: AccountRef) -> bool:
    """Whether the module of a notice is open on an account: it may have been closed since it was told."""
    registry = portal.registry
    return registry.opening.is_open(registry.owners.get(f"notices:{notice}", ""), account.public_id)
