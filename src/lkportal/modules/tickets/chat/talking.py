"""The rules of conversations: one goes on at a time, whoever begins it gets an answer from the account's manager or from the queue, and
the company may turn it into a request of a type. Each is one conditional change. No HTTP here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.tickets import routing, service, states
from lkportal.modules.tickets.chat import managers
from lkportal.modules.tickets.models import Ticket
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.types import CHAT

_GOES_ON = select(Ticket.public_id).where(Ticket.talk == bindparam("talk"))


def key_of(account_id: int, identity_id: int, *, shared: bool) -> str:
    """Return whose conversation it is: of all people of an account, else of each."""
    return f"{account_id}" if shared else f"{account_id}:{identity_id}"


def talk(db: Session, account: AccountRef, identity_id: int, words: service.Words) -> tuple[str, bool]:
    """Write to the company in the conversation that goes on, else begin one; return its public id and whether the words are new.

    Of two who begin at once one begins and the other's words follow. Raises MovedOn when it ended this very moment.
    """
    key = key_of(account.id, identity_id, shared=port(db, Office).settings.shared)
    goes_on = db.execute(_GOES_ON, {"talk": key}).scalar()
    if goes_on is None:
        draft = service.Draft(CHAT.name, service.subject_of(words.body), words.body, words.token, files=words.files)
        begun = service.begin(db, account, identity_id, draft, _hand(db, account, words.body), key)
        goes_on = db.execute(_GOES_ON, {"talk": key}).scalar()
        if goes_on is None:
            raise service.MovedOn
        if begun:
            return goes_on, True
    return goes_on, service.say(db, account, goes_on, identity_id, words)


def turn(db: Session, account: AccountRef, ticket: str, kind: str, identity_id: int) -> None:
    """Make a request of type `kind` of a conversation: the thread stays, its terms are those of the type from now on.

    Raises NotFound for a type that people may not choose, MovedOn when it is no conversation any more.
    """
    row, office, moment = service.known(db, ticket), port(db, Office), now(db)
    made = office.type(kind)
    if row.type != CHAT.name or row.state not in states.ALIVE:
        raise service.MovedOn
    answer_due, solve_due = office.terms(kind, moment)
    stands = row.state == states.WAITING
    values = {
        "type": kind, "talk": None, "urgent": row.urgent or made.urgent, "changed_at": moment,
        "answer_due": _earlier(row.answer_due, answer_due), "solve_due": None if stands else solve_due,
        "paused": office.minutes_left(moment, solve_due) if stands and solve_due else None,
    }  # fmt: skip
    statement = update(Ticket).where(Ticket.id == row.id, Ticket.state == row.state, Ticket.type == row.type)
    if changed(db.execute(statement.values(**values), execution_options={"synchronize_session": False})) != 1:
        raise service.MovedOn
    service.write(db, row, identity_id, "company", service.Words("", state=states.TYPED))
    service.record(db, "tickets.typed", row, account, type=kind)


def _hand(db: Session, account: AccountRef, said: str) -> routing.Decision:
    """Return who takes care: rules may hurry a conversation, the account's manager answers it."""
    found = routing.decide(db, account.id, CHAT.name, said)
    manager = managers.of(db.connection(), account.id)
    return replace(found, assignee_id=manager.identity_id) if manager else found


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return min((each for each in (first, second) if each), default=None)
