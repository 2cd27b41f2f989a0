"""Types of requests: what people may ask the company for, as data. Forms are built from them; what becomes of a request lives in
modules.tickets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

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
    `route` and `param` are where it is shown; `suggest` is the type of request that it is mostly about.
    """

    name: str
    find: Callable[[Connection, AccountRef, str], Text | str | None]
    route: str
    param: str
    right: str = ""
    suggest: str = ""
