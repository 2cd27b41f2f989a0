"""What readers and the desk type about help."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, LongText, PublicId, ShortText, misfit


def _key(typed: Any) -> int:
    if not (str(typed).isascii() and str(typed).isdecimal() and len(str(typed)) < 10):
        raise misfit(text("help.form.number", "Enter a whole number."))
    return int(typed)


Body = Annotated[str, Field(max_length=20_000)]


class FindForm(FormModel):
    """Words that articles are looked for by."""

    q: ShortText = ""


class VoteForm(FormModel):
    """Whether an article was clear, and what was not."""

    clear: Literal["yes", "no"]
    token: PublicId
    remark: Annotated[LongText, Field(max_length=500), Label(text("help.form.remark", "What was not clear?"))] = ""


class ArticleForm(FormModel):
    """An article as the desk writes it, in each language. `version` is the one that was read, 0 for a new article."""

    section: Annotated[PublicId, Label(text("help.form.section", "Section"))]
    title: dict[str, ShortText] = Field(default_factory=dict)
    body: dict[str, Body] = Field(default_factory=dict)
    words: dict[str, ShortText] = Field(default_factory=dict)
    types: list[ShortText] = Field(default_factory=list)
    brand: Annotated[int | None, BeforeValidator(_key)] = None
    position: Annotated[int, BeforeValidator(_key), Label(text("help.form.position", "Place"))] = 100
    version: Annotated[int, BeforeValidator(_key)] = 0


class SectionForm(FormModel):
    """A section: its title in each language, its place."""

    title: dict[str, ShortText] = Field(default_factory=dict)
    position: Annotated[int, BeforeValidator(_key), Label(text("help.form.position", "Place"))] = 100
