"""What people type about tickets. The form of a type is built from its questions."""

from __future__ import annotations

from datetime import time
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model

from lkportal.core.i18n import text
from lkportal.core.request_types import RequestField, RequestType
from lkportal.modules.tickets.states import OPEN, SOLVED, WAITING
from lkportal.web import Checkbox, Day, FormModel, Label, LongText, Phone, PublicId, ShortText, misfit

_MOST_LINES, _LONGEST_LINE = 50, 80
_KINDS: dict[str, Any] = {"line": ShortText, "text": LongText, "date": Day, "phone": Phone}


def _said(typed: str) -> str:
    if not typed:
        raise misfit(text("tickets.form.empty", "Write a few words."))
    return typed


def _lines(typed: Any) -> tuple[str, ...]:
    lines = tuple(line for raw in str(typed).replace("\r", "\n").split("\n") if (line := " ".join(raw.split())))
    if len(lines) > _MOST_LINES or any(len(line) > _LONGEST_LINE for line in lines):
        raise misfit(text("tickets.rule.lines", "At most 50 lines, each at most 80 characters."))
    return lines


def _clock(typed: Any) -> str:
    if not typed:
        return ""
    try:
        return f"{time.fromisoformat(str(typed).strip().rjust(5, '0')):%H:%M}"
    except ValueError:
        raise misfit(text("tickets.manager.clock", "Enter a time such as 09:00.")) from None


def _place(typed: Any) -> int:
    if not (str(typed).isascii() and str(typed).isdecimal() and len(str(typed)) < 6):
        raise misfit(text("tickets.rule.number", "Enter a whole number."))
    return int(typed)


Said = Annotated[LongText, AfterValidator(_said), Label(text("tickets.form.body", "Message"))]


class AskForm(FormModel):
    """What every request has: the words, what it is about, the token of the form."""

    body: Said
    token: PublicId
    about: ShortText = ""


class SayForm(FormModel):
    """A message of a customer."""

    body: Said
    token: PublicId


class AnswerForm(FormModel):
    """A message of the company, or a note for staff; `after` is where the ticket comes to."""

    body: Said
    token: PublicId
    inner: Checkbox = False
    after: Literal["", "open", "waiting", "solved"] = ""


class RateForm(FormModel):
    """How well a customer was helped."""

    rating: Annotated[Literal["1", "2", "3", "4", "5"], Label(text("tickets.form.rating", "Rating"))]
    remark: Annotated[LongText, Field(max_length=1000)] = ""


class MacroForm(FormModel):
    """A prepared answer, in each language; `after` is the state it leads to."""

    title: Annotated[ShortText, Field(max_length=120), Label(text("tickets.macro.title", "Name"))]
    body: dict[str, LongText] = Field(default_factory=dict)
    after: Literal["", "open", "waiting", "solved"] = ""


class AssignForm(FormModel):
    """Who of the company takes care: a public id, or nobody."""

    who: ShortText = ""


class MergeForm(FormModel):
    """The request that is taken in."""

    other: Annotated[PublicId, Label(text("tickets.merge.other", "Which request"))]


class TurnForm(FormModel):
    """The type of request that a conversation becomes."""

    type: ShortText


class ManagerForm(FormModel):
    """How customers know somebody of the company. Without days the hours are those of the company."""

    who: Annotated[ShortText, Label(text("tickets.manager.who", "Who"))] = ""
    position: Annotated[ShortText, Field(max_length=120), Label(text("tickets.manager.position", "Position"))] = ""
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = Field(default_factory=list)
    since: Annotated[str, BeforeValidator(_clock), Label(text("tickets.manager.since", "From"))] = ""
    until: Annotated[str, BeforeValidator(_clock), Label(text("tickets.manager.until", "Until"))] = ""


class GivenForm(FormModel):
    """The manager of an account: a public id, or nobody."""

    manager: ShortText = ""


class RuleForm(FormModel):
    """A rule of handing over; `words` is typed as lines."""

    title: Annotated[ShortText, Field(max_length=120), Label(text("tickets.rule.title", "Name"))]
    type: ShortText = ""
    words: Annotated[
        tuple[str, ...] | str, BeforeValidator(_lines), Label(text("tickets.rule.words", "When it says"))
    ] = ()
    segment: Literal["", "household", "company"] = ""
    who: ShortText = ""
    urgent: Checkbox = False
    position: Annotated[int, BeforeValidator(_place), Label(text("tickets.rule.position", "Place in the order"))] = 100


class QueueForm(FormModel):
    """How the desk narrows its queue."""

    show: Literal["alive", "mine", "free", "talks", "late", "solved", "all"] = "alive"
    type: ShortText = ""
    q: ShortText = ""


MOVES = (OPEN, WAITING, SOLVED)


@cache
def form_of(kind: RequestType) -> type[AskForm]:
    """Return the form of a type: its questions, then what every request has."""
    asked: dict[str, Any] = {each.name: _field(each) for each in kind.fields}
    return create_model(f"Ask_{kind.name.replace('.', '_')}", __base__=AskForm, **asked)


def facts_of(kind: RequestType, data: AskForm) -> dict[str, str]:
    """Return what was answered to the questions of a type, as it is kept: days as 2026-11-25, choices by code."""
    found = {each.name: getattr(data, each.name) for each in kind.fields}
    return {name: str(value) for name, value in found.items() if value not in (None, "")}


def _field(each: RequestField) -> Any:
    if each.kind == "choice":
        known = tuple(code for code, _ in each.options)
        answer: Any = Annotated[str, BeforeValidator(lambda typed: _one_of(typed, known))]
    else:
        answer = _KINDS[each.kind]
    if each.required:
        return (Annotated[answer, Label(each.label)], ...)
    return (Annotated[answer | None, Label(each.label)], None)


def _one_of(typed: Any, known: tuple[str, ...]) -> str:
    if typed not in known:
        raise misfit(text("tickets.form.choose", "Choose one of the options."))
    return str(typed)
