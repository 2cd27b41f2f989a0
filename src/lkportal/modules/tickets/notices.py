"""What people are told of requests: the company wrote. Nothing of what was written goes into a letter's subject or a push."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.core.notices import Due
from lkportal.modules.tickets.contract import TicketAnswered
from lkportal.modules.tickets.models import Message, Seen, Ticket
from lkportal.modules.tickets.service import number

_FACTS = select(Ticket.id, Ticket.subject, Ticket.state).where(Ticket.public_id == bindparam("ticket"))
_BODY = select(Message.body).where(Message.public_id == bindparam("message"))
_SEEN = (
    select(func.count())
    .select_from(Seen)
    .join(Message, Message.ticket_id == Seen.ticket_id)
    .where(
        Message.public_id == bindparam("message"),
        Seen.identity_id == bindparam("person"),
        Seen.message_id >= Message.id,
    )
)


def answered(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told of an answer."""
    row = db.execute(_FACTS, {"ticket": envelope.body["ticket"]}).first()
    if row is None:
        return None
    body = db.execute(_BODY, {"message": envelope.body["message"]}).scalar() or ""
    return {
        "about": envelope.body["message"],
        "ticket_number": number(row.id),
        "subject": row.subject,
        "state": envelope.body["state"],
        "words": body,
        "link_params": {"ticket": envelope.body["ticket"]},
    }


def unseen(connection: Connection, due: Due) -> bool:
    """Whether an answer is still to be told of: the person has not read it in the portal."""
    return not connection.execute(_SEEN, {"message": due.about, "person": due.identity_id}).scalar()


NOTICES = (
    Notice(
        "tickets.answered",
        TicketAnswered.name,
        "tickets.answers",
        "tickets/notices/answered",
        answered,
        action="tickets.view",
        route="tickets:ticket",
        still_due=unseen,
    ),
)
