"""Documents that the portal writes itself: words of the desk printed as a PDF in the brand of the account, by the press of all papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from lkportal.core.language.formats import Locale
from lkportal.core.policy import AccountRef
from lkportal.core.strangers import Opener
from lkportal.modules.documents.files import checking
from lkportal.modules.documents.office import Office
from lkportal.theming.papers.pdf import Press

TEMPLATES = {"sign": "documents/papers/act.html"}
_PLAIN = "documents/papers/letter.html"


def written(
    portal: Any,
    account: AccountRef,
    locale: Locale,
    title: str,
    number: str,
    asks: str,
    body: str,
    day: date | None = None,
) -> checking.Checked:
    """Return words as a paper of a `day`, else of today, that may be published: with lines for both sides where it is to be signed.

    Raises NoPress (503) where the extra `pdf` is missing. Takes up to a second of a core: no connection is held meanwhile.
    """
    sheet = portal.theme(account.brand).book.sheet
    values = {
        "title": title,
        "number": number,
        "paragraphs": [each.strip() for each in body.split("\n\n") if each.strip()],
        "day": day or portal.ports.get(Office).today(portal.clock.now()),
        "sides": [(sheet.legal_name or sheet.name, ""), (account.title, "")],
    }
    return printed(portal, account, locale, f"{title} {number}", TEMPLATES.get(asks, _PLAIN), values)


def printed(
    portal: Any, account: AccountRef, locale: Locale, title: str, template: str, values: Mapping[str, Any]
) -> checking.Checked:
    """Return a template of papers as one that may be published. Raises NoPress, and takes its time, as `written` does."""
    brand = account.brand
    press = Press(portal.theme(brand), portal.environment(brand, locale), portal.assets, locale)
    made = press.pdf(template, {"account": account, **values})
    settings = portal.ports.get(Office).settings
    name = title.strip()[:110].replace("/", "-") + ".pdf"
    return checking.checked(
        portal.ports.get(Opener), name, BytesIO(made), len(made), settings.file_mb, settings.pages_shown
    )
