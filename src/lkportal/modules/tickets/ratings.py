"""Ratings for others who ask how well people were helped (contract.TicketRatings): the rating is one, wherever it is given."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity
from lkportal.core.clock import Clock
from lkportal.core.policy import AccountRef
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.contract import HelpGiven
from lkportal.modules.tickets.models import Ticket

_ONE = (
    select(Ticket.id, Ticket.state, Ticket.solved_at, Ticket.rating, Identity.public_id.label("person"))
    .outerjoin(Identity, Identity.id == Ticket.identity_id)
    .where(Ticket.public_id == bindparam("ticket"))
)


class Ratings:
    """The port of ratings of a portal."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def read(self, connection: Connection, ticket: str) -> HelpGiven | None:
        """Return a ticket, or None."""
        row = connection.execute(_ONE, {"ticket": ticket}).first()
        if row is None:
            return None
        soon = row.solved_at is not None and self._clock.now() - row.solved_at < service.RATE_DAYS
        may = row.rating is None and row.state in (states.SOLVED, states.CLOSED) and soon
        return HelpGiven(service.number(row.id), row.person or "", may, row.rating)

    def rate(self, db: Session, account: AccountRef, ticket: str, rating: int, remark: str) -> bool:
        """Note a rating, once."""
        try:
            service.rate(db, account, ticket, rating, remark)
        except service.MovedOn:
            return False
        return True
