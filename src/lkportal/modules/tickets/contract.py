"""What other rooms may know of tickets: the events, which carry ids and codes, the port of other systems that work on tickets, and that
of a classifier, which reads what people write and keeps nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef


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


@dataclass(frozen=True)
class TicketMerged(Event):
    """The company joined two tickets: `into` took in `ticket` with all that was written in it."""

    name: ClassVar[str] = "tickets.merged"
    title: ClassVar[Text | str] = text("tickets.event.merged", "Requests joined")
    ticket: str
    into: str


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A ticket as another system is told of it. `title` is its type in the company's language, `answers` what its form asked:
    (question, answer); `account` the number people know it by; `words` what the customer wrote first."""

    ticket: str
    number: str
    type: str
    title: Text | str
    state: str
    subject: str
    words: str
    answers: Sequence[tuple[Text | str, str]]
    about: str
    urgent: bool
    account: str
    person: str
    email: str
    phone: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """What was written in a ticket. `side` is customer or company: notes of staff are never told."""

    message: str
    ticket: str
    side: str
    words: str
    from_outside: bool
    written_at: datetime


class TicketsOutside(Protocol):
    """Port of tickets for another system where the company works on them: a CRM, a service desk."""

    def read(self, connection: Connection, ticket: str) -> TicketRecord | None:
        """Return a ticket by public id, or None."""
        ...

    def message(self, connection: Connection, message: str) -> MessageRecord | None:
        """Return something written in a ticket by public id; None for a note of staff, which no other system is told."""
        ...

    def states(self, connection: Connection, tickets: Sequence[str]) -> Mapping[str, str]:
        """Return how tickets stand: public id -> state."""
        ...

    def answer(self, db: Session, ticket: str, key: str, words: str) -> bool:
        """Write to the customer what somebody of the company wrote elsewhere, once for each `key` (of that system); False when it
        was written before, or the ticket is over."""
        ...

    def move(self, db: Session, ticket: str, state: str) -> bool:
        """Bring a ticket to a state as the company; False when it stands so already, or may not go there."""
        ...


@dataclass(frozen=True, slots=True)
class HelpGiven:
    """A ticket as those know it who ask how well its customer was helped: what people call it by, the public id of who wrote it ("" for
    somebody who is gone), whether it may be rated now, and the rating, None while there is none."""

    number: str
    person: str
    may_rate: bool
    rating: int | None


class TicketRatings(Protocol):
    """Port of tickets for who asks how well people were helped: the rating is one, wherever it is given."""

    def read(self, connection: Connection, ticket: str) -> HelpGiven | None:
        """Return a ticket by public id, or None."""
        ...

    def rate(self, db: Session, account: AccountRef, ticket: str, rating: int, remark: str) -> bool:
        """Note a rating from 1 to 5; False when it was rated before, or may not be any more."""
        ...


@dataclass(frozen=True, slots=True)
class Unsorted:
    """A request as a classifier reads it: its type, what was written, the types there are by name with their titles in English."""

    type: str
    subject: str
    body: str
    types: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What a classifier makes of a request: the type it is really of ("" for none of them), whether it cannot wait, and how sure it is,
    0 to 1."""

    type: str = ""
    urgent: bool = False
    sure: float = 0.0


class Classifier(Protocol):
    """Port filled by a module that reads requests, such as one with a language model. It is asked in a job, outside of any unit, after
    the request stands: what it says may hurry a request or find its hand, never hold it up or change a word of it."""

    def classify(self, asked: Unsorted) -> Guess:
        """Return a guess. An error or a long silence is the module's own affair: the request goes its way by the rules."""
        ...
