"""Input of the desk."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lkportal.auth.contract import Whom
from lkportal.core.i18n import text
from lkportal.web import Email, FormModel, Label, ShortText


class RightsForm(FormModel):
    """What a role shall be able to do; `seen` is what it could do on the page, in one line."""

    rights: list[str] = Field([], max_length=500)
    seen: Annotated[str, Field(max_length=20_000)] = ""


class HireForm(FormModel):
    """A new colleague."""

    name: Annotated[ShortText, Label(text("staff.hire.name", "Name"))]
    email: Annotated[Email, Label(text("staff.hire.email", "Work e-mail"))]
    roles: list[str] = Field([], max_length=50)


class RoleForm(FormModel):
    """A role to give or to take."""

    role: ShortText
    do: Literal["give", "take"]


class ViewForm(FormModel):
    """Why somebody sees a customer's pages; `account` is the one to begin with."""

    reason: Annotated[ShortText, Field(min_length=5), Label(text("staff.view.reason", "Why"))]
    account: Annotated[str, Field(max_length=16)] = ""


class ApproveForm(FormModel):
    """Consent to what was read: `seen` tells it apart."""

    seen: Annotated[str, Field(max_length=64)]


class RefuseForm(FormModel):
    """Why a request is refused."""

    note: Annotated[ShortText, Field(min_length=3)]


class EverybodyForm(FormModel):
    """Whose sign-ins end at once, and why."""

    whom: Annotated[Whom, Label(text("staff.everybody.whom", "Whose sign-ins end"))]
    reason: Annotated[ShortText, Field(min_length=5), Label(text("staff.everybody.reason", "Why"))]


class LettersForm(FormModel):
    """Whether letters about new requests come to somebody."""

    letters: Literal["on", "off"]


class SessionForm(FormModel):
    """A session to end by its public id; none means all."""

    session: ShortText = ""
