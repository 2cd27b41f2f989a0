"""What people type about themselves and to find an account."""

from __future__ import annotations

from typing import Annotated

from lkportal.core.i18n import text
from lkportal.web import FormModel, Label, ShortText

NAME = text("accounts.settings.name", "Your name")
LANGUAGE = text("accounts.settings.language", "Language")


class SettingsForm(FormModel):
    """A person's own settings. `locale` is a language code of the portal; not asked where there is only one."""

    name: Annotated[ShortText, Label(NAME)]
    locale: Annotated[ShortText, Label(LANGUAGE)] = ""


class SearchForm(FormModel):
    """A search in one's accounts: words, and the page from 1."""

    q: ShortText = ""
    page: int = 1
