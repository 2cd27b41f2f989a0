"""What others may know: the events. Ids and codes only, no words that people wrote."""

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class EntryAdded(Event):
    """An entry was added on an account; `entry` is its public id."""

    name: ClassVar[str] = "things.entry_added"
    title: ClassVar[Text | str] = text("things.event.added", "Entry added")
    entry: str
