"""What people type."""

from typing import Annotated

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, LongText, PublicId, ShortText


class EntryForm(FormModel):
    """An entry. `token` is made with the form: sent twice, it is one entry."""

    title: Annotated[ShortText, Field(min_length=1, max_length=100), Label(text("things.form.title", "Title"))]
    remark: Annotated[LongText, Field(max_length=500), Label(text("things.form.remark", "Remark"))] = ""
    token: PublicId
