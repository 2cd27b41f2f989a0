"""The card of the dashboard that asks about documents a person may also refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Card, Shown
from lkportal.core.i18n import text
from lkportal.privacy.consents import STANDINGS, stands_of
from lkportal.privacy.settings import PrivacySettings
from lkportal.privacy.texts import Document, Documents, Wording, in_order
from lkportal.web import Request


def asking(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the first document that waits for a decision, None when all are decided. Its words are not read here."""
    settings: PrivacySettings = shown.settings
    listed = Documents(in_order(Document(name, each, {}) for name, each in settings.documents.items()))
    waiting = [each for each in stands_of(listed, rows["stands"]) if each.asks and not each.document.required]
    return {"document": waiting[0].document.name} if waiting else None


def consent_wording(request: Request, name: str) -> Wording:
    """Return the words of a document in the reader's language: a name of the card's template."""
    document = request.portal.ports.get(Documents).find(name)
    if document is None:
        raise LookupError(f"There is no document {name!r}.")
    return document.in_language(request.locale.code)


def consent_documents(request: Request) -> list[tuple[str, str]]:
    """Return (title, address) of the documents without which the account area stays closed: for who registers."""
    code = request.locale.code
    return [
        (each.in_language(code).title, request.url("privacy:document", document=each.name))
        for each in request.portal.ports.get(Documents).required
    ]


def _asks(settings: PrivacySettings) -> bool:
    return any(not each.required for each in settings.documents.values())


ASKING = Card(
    "privacy.asking",
    "privacy/card_asking.html",
    {"stands": STANDINGS},
    asking,
    order=60,
    column="side",
    when=_asks,
    title=text("privacy.card.title", "Questions about your data"),
)
