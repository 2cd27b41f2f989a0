"""What people send to privacy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lkportal.web import FormModel


class DecisionForm(FormModel):
    """A decision about a document: `text` is the hash of the text that was shown, in `locale`; `how` the page it stood on."""

    decision: Literal["agreed", "refused", "withdrawn"]
    text: Annotated[str, Field(min_length=64, max_length=64)]
    locale: Annotated[str, Field(max_length=12)]
    how: Literal["gate", "card", "page"] = "page"
    next: Annotated[str, Field(max_length=1000)] = ""
