"""Types of requests: what people may ask the company for, as data, and the port of what may answer them beforehand. Forms are built
from types; what becomes of a request lives in modules.tickets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sqlalchemy import Connection

from lkportal.core.i18n import Text
from lkportal.core.policy import AccountRef


@dataclass(frozen=True, slots=True)
class RequestField:
    """One question of a request's form. `kind` is how it is answered; a `choice` has `options` (code, words)."""

    name: str
    label: Text
    kind: Literal["line", "text", "date", "phone", "choice"] = "line"
    hint: Text | str = ""
    options: tuple[tuple[str, Text], ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class RequestType:
    """Something people ask for: `name` ("tickets.repair"), its questions, and what is promised.

    `answer_hours` and `solve_hours` are working hours until the first answer and until it is solved, unless settings say
    otherwise; 0: nothing is promised. `about` says what to write in their own words.
    """

    name: str
    title: Text
    hint: Text
    icon: str = "message-square"
    fields: tuple[RequestField, ...] = ()
    about: Text | str = ""
    answer_hours: int = 8
    solve_hours: int = 40
    urgent: bool = False
    order: int = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request may be about: things of an account, such as bills and meters. `name` is "payments.bill".

    `find(connection, account, public_id)` returns its title ("Bill for October") or None when the account has no such thing;
    `route` and `param` are where it is shown; `suggest` is the type of request that it is mostly about. The id of a part is at
    most 40 characters ("Xk3….2" for a line of a bill); `place(id)` then gives the params of `route`.
    """

    name: str
    find: Callable[[Connection, AccountRef, str], Text | str | None]
    route: str
    param: str
    right: str = ""
    suggest: str = ""
    place: Callable[[str], Mapping[str, str]] | None = None

    def params(self, public_id: str) -> Mapping[str, str]:
        """Return the params of `route` for a thing."""
        return self.place(public_id) if self.place else {self.param: public_id}


@dataclass(frozen=True, slots=True)
class Answer:
    """Something that may answer a question before it is sent: a title, its first words, where it is read."""

    title: str
    lead: str
    route: str
    params: Mapping[str, str]


class Answers(Protocol):
    """Port filled by a module that knows answers, such as help. Where nobody fills it nothing is suggested."""

    home: str
    """The route where all answers stand."""

    def fitting(
        self, connection: Connection, typed: str, kind: str, language: str, brand: str, most: int = 3
    ) -> Sequence[Answer]:
        """Return what fits the words of a request of type `kind` on the pages of a brand, the best first; without words, what people
        ask most about that type. One statement; nothing of what was typed is kept."""
        ...
