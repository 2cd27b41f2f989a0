"""What other rooms may know of tickets: the events. They carry ids and codes; what people write stays in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class TicketOpened(Event):
    """A customer asked for something. `type` is the name of the request type, `number` what people call the ticket by."""

    name: ClassVar[str] = "tickets.opened"
    title: ClassVar[Text | str] = text("tickets.event.opened", "Request sent")
    ticket: str
    number: str
    type: str


@dataclass(frozen=True)
class TicketAnswered(Event):
    """The company wrote to the customer. `state` is how the ticket stands after it."""

    name: ClassVar[str] = "tickets.answered"
    title: ClassVar[Text | str] = text("tickets.event.answered", "Request answered")
    ticket: str
    message: str
    state: str


@dataclass(frozen=True)
class TicketWritten(Event):
    """The customer wrote again. `state` is how the ticket stands after it."""

    name: ClassVar[str] = "tickets.written"
    title: ClassVar[Text | str] = text("tickets.event.written", "Customer wrote again")
    ticket: str
    message: str
    state: str


@dataclass(frozen=True)
class TicketMoved(Event):
    """A ticket came from one state to another."""

    name: ClassVar[str] = "tickets.moved"
    title: ClassVar[Text | str] = text("tickets.event.moved", "Request changed its state")
    ticket: str
    before: str
    after: str


@dataclass(frozen=True)
class TicketRated(Event):
    """A customer said how well they were helped: 1 to 5."""

    name: ClassVar[str] = "tickets.rated"
    title: ClassVar[Text | str] = text("tickets.event.rated", "Help rated")
    ticket: str
    rating: int
