"""What other rooms may know of surveys: their events, which carry ids, codes and scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class SurveyAsked(Event):
    """A person (public id) is asked about a contact; `answer` is the public id of what they will answer."""

    name: ClassVar[str] = "surveys.asked"
    title: ClassVar[Text | str] = text("surveys.event.asked", "Customer asked how it went")
    answer: str
    person: str
    occasion: str


@dataclass(frozen=True)
class SurveyAnswered(Event):
    """A person answered with `score`, of 1 to 5 (`scale` 5) or 0 to 10 (`scale` 10); a `low` one waits for a person of the company."""

    name: ClassVar[str] = "surveys.answered"
    title: ClassVar[Text | str] = text("surveys.event.answered", "Survey answered")
    answer: str
    occasion: str
    score: int
    scale: int
    low: bool
