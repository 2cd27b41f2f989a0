"""What goes in and comes out of the calls about requests, with the examples of the description."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from lkportal.core.rest import PUBLIC_ID, ApiModel

Said = Annotated[str, StringConstraints(pattern=r"\S", max_length=4000)]


class OptionOut(ApiModel):
    """A choice of a question: its code, which is what is answered, and its words."""

    code: str
    title: str


class QuestionOut(ApiModel):
    """A question of a type. `kind` says how it is answered: a line, a text, a date (2026-11-25), a phone, a choice of `options`."""

    name: str
    title: str
    hint: str
    kind: Literal["line", "text", "date", "phone", "choice"]
    required: bool
    options: list[OptionOut]


class TicketTypeOut(ApiModel):
    """Something that may be asked for. `about` says what to write as `body`."""

    id: str
    title: str
    hint: str
    about: str
    questions: list[QuestionOut]


class TicketTypesOut(ApiModel):
    """The types, in the company's order."""

    items: list[TicketTypeOut]


class AboutOut(ApiModel):
    """What a request is about: its kind ("payments.bill"), its id, what it was called."""

    kind: str
    id: str
    title: str


class TicketOut(ApiModel):
    """A request. `unread`: the company wrote last, and the caller has not seen it on the pages. `due_at` is until when the next step
    is promised."""

    id: str = Field(pattern=PUBLIC_ID)
    number: str
    type: str
    type_title: str
    state: Literal["new", "open", "waiting", "solved", "closed", "withdrawn", "merged"]
    subject: str
    about: AboutOut | None
    urgent: bool
    unread: bool
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    rating: int | None


class AnswerOut(ApiModel):
    """What was answered to a question of the type: `value` as it is kept, `words` as people read it."""

    name: str
    title: str
    value: str
    words: str


class TicketFileOut(ApiModel):
    """A file of a message."""

    id: str = Field(pattern=PUBLIC_ID)
    title: str
    media_type: str
    size: int


class MessageOut(ApiModel):
    """Something written, or with `state` a step that was taken. `by` is the author's name, "" where none is told."""

    id: str = Field(pattern=PUBLIC_ID)
    side: Literal["customer", "company", "portal"]
    by: str
    body: str
    state: str
    written_at: datetime
    files: list[TicketFileOut]


class WholeTicketOut(TicketOut):
    """A request with its answers and everything written, oldest first. `merged_into` is the request that took a merged one in."""

    merged_into: str | None
    answers: list[AnswerOut]
    messages: list[MessageOut]


class AskIn(ApiModel):
    """What is asked: the id of a type, its questions answered by name, one's own words. `about` is what it is about:
    "payments.bill/Xk3vQ9rT2mNp8LwZ"."""

    type: str = Field(max_length=60)
    body: Said
    answers: dict[Annotated[str, StringConstraints(max_length=60)], str] = Field(default_factory=dict, max_length=50)
    about: str = Field("", max_length=100)


class SayIn(ApiModel):
    """A message to the company."""

    body: Said


class AnswerIn(ApiModel):
    """A message to the customer. `state` is where the request comes to by it; left out, it is in work."""

    body: Said
    state: Literal["open", "waiting", "solved"] | None = None


class RateIn(ApiModel):
    """How well one was helped."""

    rating: int = Field(ge=1, le=5)
    remark: str = Field("", max_length=1000)


_ASKED_AT = "2026-11-22T09:00:00Z"
TICKET = {
    "id": "Tk2wN6pQ8rS4tU7v",
    "number": "1\u202f024",
    "type": "tickets.repair",
    "type_title": "Something does not work",
    "state": "new",
    "subject": "Water drips from the pipe under the sink",
    "about": None,
    "urgent": True,
    "unread": False,
    "opened_at": _ASKED_AT,
    "changed_at": _ASKED_AT,
    "due_at": "2026-11-23T08:00:00Z",
    "rating": None,
}
_FILE = {"id": "Fl5eB3nM7kJ9hG2d", "title": "pipe.jpg", "media_type": "image/jpeg", "size": 184_320}
MESSAGE = {
    "id": "Ms8gC4vB6nM2kL5p",
    "side": "customer",
    "by": "Anna Orlova",
    "body": "Water drips from the pipe under the sink. I closed the tap.",
    "state": "",
    "written_at": _ASKED_AT,
    "files": [_FILE],
}
_PLACE = {"name": "place", "title": "Where", "value": "Kitchen", "words": "Kitchen"}
WHOLE = {**TICKET, "merged_into": None, "answers": [_PLACE], "messages": [MESSAGE]}
TYPES = {
    "items": [
        {
            "id": "tickets.repair",
            "title": "Something does not work",
            "hint": "A leak, low pressure, no connection",
            "about": "What happens, and what you have tried already",
            "questions": [
                {
                    "name": "place",
                    "title": "Where",
                    "hint": "Kitchen, entrance 2, the yard",
                    "kind": "line",
                    "required": True,
                    "options": [],
                }
            ],
        }
    ]
}
ASK = {
    "type": "tickets.repair",
    "body": "Water drips from the pipe under the sink. I closed the tap.",
    "answers": {"place": "Kitchen"},
}
