"""What tickets bring to the search: the reader's own requests by number, subject or what was written, and the page of asking. Notes
of staff are never looked into."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select

from lkportal.core.i18n import text
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider, matching
from lkportal.modules.tickets.models import Message, Ticket
from lkportal.modules.tickets.service import number
from lkportal.modules.tickets.states import TITLES

_LONGEST = 15
"""Digits of a number that a key may have."""


def _requests(asked: SearchAsked) -> Iterable[Hit]:
    typed = " ".join(asked.typed.words)
    by_subject, by_words = matching(typed, Ticket.subject), matching(typed, Message.body)
    if by_subject is None or by_words is None:
        return
    written = select(Message.ticket_id).where(Message.ticket_id == Ticket.id, Message.inner.is_(False), by_words)
    ways = [by_subject, written.exists()]
    keys = [int(each) for each in asked.typed.numbers if each.isascii() and each.isdecimal() and len(each) <= _LONGEST]
    if keys:
        ways.append(Ticket.id.in_(keys))
    rows = asked.connection.execute(
        select(Ticket.id, Ticket.public_id, Ticket.account_id, Ticket.subject, Ticket.state)
        .where(
            Ticket.account_id.in_([each.id for each in asked.accounts]),
            Ticket.identity_id == asked.person_id,
            or_(*ways),
        )
        .order_by(Ticket.changed_at.desc(), Ticket.id.desc())
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        yield Hit(
            row.subject,
            asked.url("tickets:ticket", account=account.public_id, ticket=row.public_id),
            text("tickets.search.note", "No. %(number)s, %(state)s", number=number(row.id), state=TITLES[row.state][1]),
            account,
        )


PROVIDERS = [
    SearchProvider("tickets.requests", text("tickets.search.requests", "Requests"), _requests, "tickets.view", 25)
]
PAGES = [
    SearchPage(
        "tickets:choose",
        text("tickets.search.ask", "Write to us"),
        text("tickets.search.words", "request, complaint, repair, leak, question, support, chat, certificate"),
        "tickets.write",
    ),
    SearchPage(
        "tickets:chat",
        text("tickets.chat.title", "Chat"),
        text("tickets.search.chat_words", "chat, conversation, manager, support, write, operator"),
        "tickets.write",
    ),
]
