"""What people are told of requests: the company wrote. Nothing of what was written goes into a letter's subject or a push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity
from lkportal.core.contributions import Listener, Notice, NoticeSender
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.notices import Due
from lkportal.core.ports import port
from lkportal.modules.tickets.contract import TicketAnswered, TicketMerged
from lkportal.modules.tickets.models import Message, Seen, Ticket
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.service import number

_FACTS = select(Ticket.id, Ticket.subject, Ticket.state).where(Ticket.public_id == bindparam("ticket"))
_AUTHOR = (
    select(Identity.public_id)
    .join(Ticket, Ticket.identity_id == Identity.id)
    .where(Ticket.public_id == bindparam("ticket"))
)
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


def merged(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told of two requests that were joined."""
    gone, kept = (db.execute(_FACTS, {"ticket": envelope.body[each]}).first() for each in ("ticket", "into"))
    if gone is None or kept is None:
        return None
    return {
        "about": envelope.body["ticket"],
        "ticket_number": number(gone.id),
        "into_number": number(kept.id),
        "subject": gone.subject,
        "into_subject": kept.subject,
        "link_params": {"ticket": envelope.body["into"]},
    }


def unseen(connection: Connection, due: Due) -> bool:
    """Whether an answer is still to be told of: the person has not read it in the portal."""
    return not connection.execute(_SEEN, {"message": due.about, "person": due.identity_id}).scalar()


def tell(db: Session, envelope: Envelope) -> None:
    """Tell of what the company wrote: the people of the account, or the author alone where people see each their own requests."""
    notice = _TOLD_OF[envelope.name]
    if not port(db, Office).settings.shared:
        author = db.execute(_AUTHOR, {"ticket": envelope.body["ticket"]}).scalar()
        if author is None:
            return
        notice, envelope = replace(notice, audience="actor"), replace(envelope, actor=f"customer:{author}")
    port(db, NoticeSender).tell(db, notice, envelope)  # type: ignore[type-abstract]


ANSWERED = Notice(
    "tickets.answered",
    "",
    "tickets.answers",
    "tickets/notices/answered",
    answered,
    action="tickets.view",
    route="tickets:ticket",
    still_due=unseen,
)
MERGED = Notice(
    "tickets.merged",
    "",
    "tickets.answers",
    "tickets/notices/merged",
    merged,
    action="tickets.view",
    route="tickets:ticket",
)
NOTICES = (ANSWERED, MERGED)
_TOLD_OF = {TicketAnswered.name: ANSWERED, TicketMerged.name: MERGED}
TELLING = tuple(
    Listener(event, f"notice {notice.name}", tell, text("tickets.work.tell", "Tells customers of answers"))
    for event, notice in _TOLD_OF.items()
)
