"""What people type about themselves and to find an account."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from lkportal.core.i18n import text
from lkportal.core.importing.kind import Unfit
from lkportal.core.imports import account_number
from lkportal.web import FormModel, Label, PublicId, ShortText, misfit

NAME = text("accounts.settings.name", "Your name")
LANGUAGE = text("accounts.settings.language", "Language")


def _number(typed: object) -> str:
    """Return an account's number as bills print it, without the spaces and dashes people put in."""
    bare = "".join(str(typed).split())
    try:
        return str(account_number().one(bare))
    except Unfit:
        raise misfit(
            text("accounts.claim.not_number", "Type the number as the bill shows it: letters and digits.")
        ) from None


AccountNumber = Annotated[str, BeforeValidator(_number)]


class ClaimForm(FormModel):
    """An account's number, the name of the proof, and what was typed to prove it."""

    number: Annotated[AccountNumber, Label(text("accounts.claim.number", "Number of the account"))]
    by: Annotated[ShortText, Label(text("accounts.claim.by", "How you prove it"))]
    proof: Annotated[ShortText, Label(text("accounts.claim.proof", "Proof"))]


class LetterForm(FormModel):
    """The number of the account to whose address a letter with a code is asked for."""

    number: Annotated[AccountNumber, Label(text("accounts.claim.number", "Number of the account"))]


class GuestForm(ClaimForm):
    """What a person without registering wants to do (`purpose`), with a number and a proof."""

    purpose: ShortText


class NewcomerForm(FormModel):
    """Which claim an owner refuses."""

    claim: PublicId


class SettingsForm(FormModel):
    """A person's own settings. `locale` is a language code of the portal; not asked where there is only one."""

    name: Annotated[ShortText, Label(NAME)]
    locale: Annotated[ShortText, Label(LANGUAGE)] = ""


class SearchForm(FormModel):
    """A search in one's accounts: words, and the page from 1."""

    q: ShortText = ""
    page: int = 1
