"""Tickets worked on in another system (contract.TicketsOutside): what it is told, what comes back. Notes of staff are left out by the
statement that reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.errors import NotFound
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.contract import MessageRecord, TicketRecord
from lkportal.modules.tickets.models import Message, Ticket
from lkportal.modules.tickets.office import Office

_MARK = "out:"
_TICKET = (
    select(
        Ticket.id,
        Ticket.public_id,
        Ticket.type,
        Ticket.state,
        Ticket.subject,
        Ticket.facts,
        Ticket.about_title,
        Ticket.urgent,
        Ticket.opened_at,
        Account.number.label("account"),
        Identity.name,
        Identity.email,
        Identity.phone,
        select(Message.body)
        .where(Message.ticket_id == Ticket.id, Message.side == "customer", Message.inner.is_(False))
        .order_by(Message.id)
        .limit(1)
        .scalar_subquery()
        .label("words"),
    )
    .join(Account, Account.id == Ticket.account_id)
    .outerjoin(Identity, Identity.id == Ticket.identity_id)
    .where(Ticket.public_id == bindparam("ticket"))
)
_MESSAGE = (
    select(
        Message.public_id,
        Ticket.public_id.label("ticket"),
        Message.side,
        Message.body,
        Message.token,
        Message.written_at,
    )
    .join(Ticket, Ticket.id == Message.ticket_id)
    .where(
        Message.public_id == bindparam("message"), Message.inner.is_(False), Message.side.in_(("customer", "company"))
    )
)
_into = aliased(Ticket, name="into_")
# A ticket that another took in stands as that one does: what is said of it in the other system still reaches the customer.
_STATES = (
    select(Ticket.public_id, func.coalesce(_into.state, Ticket.state).label("state"))
    .outerjoin(_into, _into.id == Ticket.merged_id)
    .where(Ticket.public_id.in_(bindparam("tickets", expanding=True)))
)
_INTO = (
    select(_into.public_id).join(Ticket, Ticket.merged_id == _into.id).where(Ticket.public_id == bindparam("ticket"))
)
_ACCOUNT = (
    select(Account.public_id)
    .join(Ticket, Ticket.account_id == Account.id)
    .where(Ticket.public_id == bindparam("ticket"))
)


class Outside:
    """The port of tickets for another system."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def read(self, connection: Connection, ticket: str) -> TicketRecord | None:
        """Return a ticket, or None."""
        row = connection.execute(_TICKET, {"ticket": ticket}).first()
        if row is None:
            return None
        kind = self._office.any_type(row.type)
        asked = {each.name: each.label for each in kind.fields} if kind else {}
        answers = tuple((asked.get(name, name), value) for name, value in row.facts.items())
        title = kind.title if kind else row.type
        return TicketRecord(
            row.public_id, service.number(row.id), row.type, title, row.state, row.subject, row.words or "", answers,
            row.about_title, row.urgent, row.account, row.name or "", row.email or "", row.phone or "", row.opened_at,
        )  # fmt: skip

    def message(self, connection: Connection, message: str) -> MessageRecord | None:
        """Return something written, or None."""
        row = connection.execute(_MESSAGE, {"message": message}).first()
        if row is None:
            return None
        came = row.token.startswith(_MARK)
        return MessageRecord(row.public_id, row.ticket, row.side, row.body, came, row.written_at)

    def states(self, connection: Connection, tickets: Sequence[str]) -> Mapping[str, str]:
        """Return how tickets stand."""
        return {row.public_id: row.state for row in connection.execute(_STATES, {"tickets": list(tickets)})}

    def answer(self, db: Session, ticket: str, key: str, words: str) -> bool:
        """Write to the customer, once for each key; what comes about a ticket that another took in stands in that one."""
        ticket = db.execute(_INTO, {"ticket": ticket}).scalar() or ticket
        account = _account(db, ticket)
        if account is None:
            return False
        try:
            return service.answer(db, account, ticket, None, service.Words(words, _token(key)))
        except service.MovedOn:
            return False

    def move(self, db: Session, ticket: str, state: str) -> bool:
        """Bring a ticket to a state."""
        account = _account(db, ticket)
        if account is None or state not in states.STATES or service.known(db, ticket).state == state:
            return False
        try:
            service.move(db, account, ticket, "company", state)
        except (service.MovedOn, NotFound):
            return False
        return True


def _account(db: Session, ticket: str) -> AccountRef | None:
    public = db.execute(_ACCOUNT, {"ticket": ticket}).scalar()
    if public is None:
        return None
    return port(db, Accounts).by_public_id(db, public)  # type: ignore[type-abstract]


def _token(key: str) -> str:
    """Return the token of a message that came from outside: it fits where tokens of forms stand, and is told apart from them."""
    return _MARK + hashlib.sha256(key.encode()).hexdigest()[: 16 - len(_MARK)]
