"""What people type to share an account: whom they invite, what somebody may do, how an invitation is accepted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.i18n import text
from lkportal.web import Checkbox, Day, Email, FormModel, Label, LongText, Password, ShortText

_EMAIL = Label(text("accounts.people.email", "E-mail"))
_UNTIL = Label(text("accounts.people.until", "Until which day"))
_ROLE = Label(text("accounts.people.role", "Role"))
_SCOPE = Label(text("accounts.people.scope", "For what"))
_WORD = Label(text("accounts.people.word", "A word to them"))
_NAME = Label(text("accounts.people.name", "Name"))


class InviteForm(FormModel):
    """Whom to invite, in which role, to what and until when."""

    email: Annotated[Email, _EMAIL]
    role: Annotated[ShortText, _ROLE]
    scope: Annotated[ShortText, _SCOPE] = "account"
    name: Annotated[ShortText, _NAME] = ""
    until: Annotated[Day | None, _UNTIL] = None
    word: Annotated[LongText, _WORD] = ""


class OwnerForm(FormModel):
    """Who shall own the account: beside the owner of now, or in their place."""

    email: Annotated[Email, _EMAIL]
    how: Annotated[ShortText, Label(text("accounts.owner.how", "What changes for you"))]
    word: Annotated[LongText, _WORD] = ""


class PersonForm(FormModel):
    """The role of somebody, until when, and which functions are on for them."""

    role: Annotated[ShortText, _ROLE] = ""
    until: Annotated[Day | None, _UNTIL] = None
    on: list[str] = Field(default_factory=list)


class FunctionsForm(FormModel):
    """Which functions are on for oneself."""

    on: list[str] = Field(default_factory=list)


class AcceptForm(FormModel):
    """An invitation accepted by somebody who is signed in; `sure` when it was sent to another mailbox."""

    sure: Checkbox = False


class JoinForm(FormModel):
    """An invitation accepted by a newcomer: what to call them and the password they choose."""

    name: Annotated[ShortText, Label(text("accounts.settings.name", "Your name"))]
    password: Annotated[Password, Label(text("accounts.invited.password", "New password"))]


class GroupForm(FormModel):
    """A group to put the account into: one that is there, or the name of a new one; more accounts by number."""

    name: Annotated[ShortText, Label(text("accounts.groups.name", "Name of the group"))]
    numbers: Annotated[LongText, Label(text("accounts.groups.numbers", "More accounts by number"))] = ""


class RenameForm(FormModel):
    """Another name of a group."""

    name: Annotated[ShortText, Label(text("accounts.groups.name", "Name of the group"))]
