"""What people type about surveys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from lkportal.core.i18n import text
from lkportal.web import Checkbox, FormModel, Label, LongText, ShortText, misfit


def _score(typed: Any) -> int:
    if not (str(typed).isascii() and str(typed).isdecimal() and len(str(typed)) < 3):
        raise misfit(text("surveys.form.score_unfit", "Choose one of the numbers."))
    return int(typed)


def _said(typed: str) -> str:
    if not typed:
        raise misfit(text("surveys.form.empty", "Write a few words."))
    return typed


class ScoreForm(FormModel):
    """A score: one tap."""

    score: Annotated[int, BeforeValidator(_score), Label(text("surveys.form.score", "Score"))]


class RemarkForm(FormModel):
    """What a person adds."""

    remark: Annotated[
        LongText,
        Field(max_length=1000),
        AfterValidator(_said),
        Label(text("surveys.form.remark", "What should we know")),
    ]


class DoneForm(FormModel):
    """What was done about a low score."""

    done: Annotated[
        LongText, Field(max_length=1000), AfterValidator(_said), Label(text("surveys.form.done", "What was done"))
    ]


class QuestionForm(FormModel):
    """The company's own question for an occasion."""

    occasion: ShortText
    on: Checkbox = False
    scale: Literal["5", "10"] = "5"
    low: Annotated[int, BeforeValidator(_score), Label(text("surveys.form.low", "Low is a score up to"))]
    texts: dict[str, Annotated[ShortText, Field(max_length=200)]] = Field(default_factory=dict)
