"""What people type about documents."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from lkportal.core.i18n import text
from lkportal.web import Checkbox, Day, FormModel, Label, LongText, PublicId, ShortText, misfit

MOST_WORDS = 20_000
"""Characters of a paper that the desk writes itself."""


def _said(typed: str) -> str:
    if not typed:
        raise misfit(text("documents.form.empty", "Write a few words."))
    return typed


def _written(typed: Any) -> str:
    words = str(typed or "").strip().replace("\r\n", "\n")
    if len(words) > MOST_WORDS:
        raise misfit(text("documents.form.long", "Shorten this to %(most)s characters.", most=MOST_WORDS))
    return words


Said = Annotated[LongText, AfterValidator(_said), Label(text("documents.form.remark", "Remarks"))]
Note = Annotated[LongText, Field(max_length=4000)]
Title = Annotated[ShortText, Field(min_length=1, max_length=200), Label(text("documents.form.title", "Title"))]


class ListForm(FormModel):
    """How people narrow their documents."""

    kind: ShortText = ""
    q: ShortText = ""


class AgreeForm(FormModel):
    """Agreement with the version that was shown."""

    token: PublicId
    seen: Annotated[int, Field(ge=1, le=100_000)]


class RemarkForm(FormModel):
    """Remarks on the version that was shown, perhaps with a version of one's own."""

    remark: Said
    token: PublicId
    seen: Annotated[int, Field(ge=1, le=100_000)]


class DeclineForm(FormModel):
    """Why a document is declined."""

    reason: Annotated[LongText, AfterValidator(_said), Label(text("documents.form.reason", "Reason"))]
    token: PublicId


class SendForm(FormModel):
    """A document that a customer sends."""

    kind: Annotated[ShortText, Label(text("documents.form.kind", "Kind"))]
    title: Title
    remark: Note = ""
    token: PublicId


class PublishForm(FormModel):
    """A document that the company publishes."""

    kind: Annotated[ShortText, Label(text("documents.form.kind", "Kind"))]
    title: Title
    number: Annotated[ShortText, Field(max_length=60)] = ""
    asks: Literal["", "agree", "sign"] = ""
    due: Annotated[Day | None, Label(text("documents.form.due", "Answer until"))] = None
    remark: Note = ""
    seal: Checkbox = False
    body: Annotated[str, BeforeValidator(_written)] = ""
    token: PublicId


class VersionForm(FormModel):
    """A new version from the company."""

    remark: Note = ""
    seal: Checkbox = False
    due: Annotated[Day | None, Label(text("documents.form.due", "Answer until"))] = None
    token: PublicId


class AnswerForm(FormModel):
    """What the company answers: words, or that it agrees with what the customer sent."""

    remark: Note = ""
    act: Literal["answer", "agree", "accept"] = "answer"
    due: Annotated[Day | None, Label(text("documents.form.due", "Answer until"))] = None
    token: PublicId


class StepForm(FormModel):
    """A step without words; `number` is the version it is about."""

    token: PublicId
    number: Annotated[int, Field(ge=0, le=100_000)] = 0


class QueueForm(FormModel):
    """How the desk narrows its documents."""

    show: Literal["waiting", "customer", "done", "all"] = "waiting"
    kind: ShortText = ""
    q: ShortText = ""
