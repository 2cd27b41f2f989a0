"""What people are told of news. Jobs tell it (handlers), by the topic of its kind; what is over meanwhile is not told of."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from lkportal.core.contributions import Notice
from lkportal.core.notices import Due, no_event
from lkportal.modules.news.models import Item

_STATE = select(Item.state).where(Item.public_id == bindparam("item"))
_TOPICS = {"accident": "news.accidents", "planned": "news.planned"}


def still_on(connection: Connection, due: Due) -> bool:
    """Whether an item is still to be told of when a message is about to leave: not ended, not taken back."""
    item = due.about.partition("/")[0]
    return connection.execute(_STATE, {"item": item}).scalar() == "published"


def _outage(cause: str, step: str) -> Notice:
    return Notice(
        f"news.{cause}_{step}",
        "",
        _TOPICS[cause],
        "news/notices/outage",
        no_event,
        action="news.view",
        route="news:item",
        still_due=None if step == "ends" else still_on,
    )


NOTICES = (
    *(_outage(cause, step) for cause in _TOPICS for step in ("begins", "goes_on", "ends")),
    Notice(
        "news.announcement",
        "",
        "news.announcements",
        "news/notices/announcement",
        no_event,
        action="news.view",
        route="news:item",
        still_due=still_on,
    ),
)
