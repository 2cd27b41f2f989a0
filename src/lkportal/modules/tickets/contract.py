"""What other rooms may know of tickets: the events. They carry ids and codes; what people write stays in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event


@dataclass(frozen=True)
class TicketOpened(Event):
    """A customer asked for something. `type` is the name of the request type, `number` what people call the ticket by."""

    name: ClassVar[str] = "tickets.opened"
    ticket: str
    number: str
    type: str


@dataclass(frozen=True)
class TicketAnswered(Event):
    """The company wrote to the customer. `state` is how the ticket stands after it."""

    name: ClassVar[str] = "tickets.answered"
    ticket: str
    message: str
    state: str


@dataclass(frozen=True)
class TicketWritten(Event):
    """The customer wrote again. `state` is how the ticket stands after it."""

    name: ClassVar[str] = "tickets.written"
    ticket: str
    message: str
    state: str


@dataclass(frozen=True)
class TicketMoved(Event):
    """A ticket came from one state to another."""

    name: ClassVar[str] = "tickets.moved"
    ticket: str
    before: str
    after: str


@dataclass(frozen=True)
class TicketRated(Event):
    """A customer said how well they were helped: 1 to 5."""

    name: ClassVar[str] = "tickets.rated"
    ticket: str
    rating: int
