"""What other rooms may know of news: the events. They carry ids and codes; words and places stay in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class AnnouncementPublished(Event):
    """An announcement is there to be read."""

    name: ClassVar[str] = "news.announcement_published"
    title: ClassVar[Text | str] = text("news.event.announcement_published", "Announcement published")
    item: str
    important: bool


@dataclass(frozen=True)
class OutagePublished(Event):
    """An outage was made known. `cause` is "planned" or "accident", `service` a code such as cold_water."""

    name: ClassVar[str] = "news.outage_published"
    title: ClassVar[Text | str] = text("news.event.outage_published", "Outage published")
    item: str
    service: str
    cause: str
    begins_at: datetime
    expected_end: datetime | None


@dataclass(frozen=True)
class OutageUpdated(Event):
    """Something new was said of an outage; `expected_end` is the term that holds now."""

    name: ClassVar[str] = "news.outage_updated"
    title: ClassVar[Text | str] = text("news.event.outage_updated", "News of an outage")
    item: str
    update: str
    expected_end: datetime | None


@dataclass(frozen=True)
class OutageEnded(Event):
    """The service is back."""

    name: ClassVar[str] = "news.outage_ended"
    title: ClassVar[Text | str] = text("news.event.outage_ended", "Outage over")
    item: str
    service: str
    ended_at: datetime
