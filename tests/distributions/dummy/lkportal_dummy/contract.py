"""What others may know of notes: the event."""

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """A note was written on an account."""

    name: ClassVar[str] = "dummy.noted"
    note: str
