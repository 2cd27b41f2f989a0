"""What is written into the CRM, and what of its comments is for the customer. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.modules.tickets.contract import MessageRecord, TicketRecord

_SIDES = {
    "customer": text("bitrix24.customer_wrote", "The customer wrote:"),
    "company": text("bitrix24.company_wrote", "Answered in the portal:"),
}
_WITHDRAWN = text("bitrix24.withdrawn", "The customer took the request back.")
_TAG = re.compile(r"\[/?[A-Za-z*]+(?:=[^\]]*)?\]")
_OURS = "[lk:"
Render = Callable[[Text | str], str]


def fields_of(ticket: TicketRecord, render: Render, *, contacts: bool) -> dict[str, Any]:
    """Return the fields of a deal for a ticket: names of crm.item, camelCase."""
    lines = [ticket.words, *(f"{render(question)}: {answer}" for question, answer in ticket.answers)]
    if ticket.about:
        lines.append(ticket.about)
    lines.append(render(text("bitrix24.account", "Account %(number)s", number=ticket.account)))
    if contacts:
        lines.append(", ".join(each for each in (ticket.person, ticket.email, ticket.phone) if each))
    title = render(
        text("bitrix24.deal", "Request %(number)s: %(subject)s", number=ticket.number, subject=ticket.subject)
    )
    return {
        "title": title[:250],
        "comments": "\n".join(line for line in lines if line),
        "sourceDescription": "lkportal",
    }


def comment_of(message: MessageRecord, key: str, render: Render) -> str:
    """Return a comment that tells of something written in the portal; its last line is our key."""
    return f"{render(_SIDES[message.side])}\n{message.words}\n{mark_of(key)}"


def withdrawn(key: str, render: Render) -> str:
    """Return a comment that tells that the customer took a request back."""
    return f"{render(_WITHDRAWN)}\n{mark_of(key)}"


def mark_of(key: str) -> str:
    """Return the words by which a comment of ours is found again."""
    return f"{_OURS}{key}]"


def for_customer(comment: str, mark: str) -> str:
    """Return what of a comment is for the customer: what follows the mark it begins with; "" for any other, and for ours."""
    if _OURS in comment:
        return ""
    plain = _TAG.sub("", comment).replace("\xa0", " ").strip()
    if not plain.casefold().startswith(mark.casefold()):
        return ""
    return plain[len(mark) :].strip()[:4000]
