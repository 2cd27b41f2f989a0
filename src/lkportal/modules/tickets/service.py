"""The rules of tickets: asked, answered, moved, rated. Each step is one conditional change of the ticket, its message, audit and event
in one unit. Which steps there are stands in states. No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import Event, emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.tickets import routing, states
from lkportal.modules.tickets.contract import TicketAnswered, TicketMoved, TicketOpened, TicketRated, TicketWritten
from lkportal.modules.tickets.files import Kept
from lkportal.modules.tickets.models import File, Message, Ticket
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.types import CHAT

MOVED_ON = text("tickets.moved_on", "The request changed meanwhile. Look at how it stands now.")
_ASK = insert_if_new(Ticket.__table__)  # type: ignore[arg-type]
_SAY = insert_if_new(Message.__table__)  # type: ignore[arg-type]
_BY_PUBLIC = select(Ticket).where(Ticket.public_id == bindparam("ticket"))
_BY_TOKEN = select(Ticket).where(Ticket.account_id == bindparam("of"), Ticket.token == bindparam("token"))
_KEY = select(Message.id).where(Message.public_id == bindparam("message"))
RATE_DAYS = timedelta(days=30)


class MovedOn(PortalError):
    """The ticket does not stand any more as the step wants it."""

    words = MOVED_ON

    def __init__(self) -> None:
        super().__init__("tickets_moved_on", MOVED_ON, 409)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a customer asks: see models.Ticket. `token` is of the form, `files` are kept already."""

    type: str
    subject: str
    body: str
    token: str
    facts: Mapping[str, str] = field(default_factory=dict)
    about: tuple[str, str, str] = ("", "", "")
    files: Sequence[Kept] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes in a ticket. `state` is where it comes to by it, "" where it stays."""

    body: str
    token: str = ""
    state: str = ""
    files: Sequence[Kept] = ()


def ask(db: Session, account: AccountRef, identity_id: int, draft: Draft) -> tuple[Ticket, bool]:
    """Open a ticket; return it and whether it is new: the same form sent twice is one ticket."""
    urgent = port(db, Office).type(draft.type).urgent
    found = routing.decide(db, account.id, draft.type, draft.subject, draft.body)
    is_new = begin(db, account, identity_id, draft, replace(found, urgent=urgent or found.urgent))
    return db.execute(_BY_TOKEN, {"of": account.id, "token": draft.token}).scalar_one(), is_new


def begin(
    db: Session, account: AccountRef, identity_id: int, draft: Draft, found: routing.Decision, talk: str | None = None
) -> bool:
    """Write a new ticket with its first words; False where a unique key (the token of its form, `talk`) knows it already."""
    moment = now(db)
    answer_due, solve_due = port(db, Office).terms(draft.type, moment)
    about_kind, about_id, about_title = draft.about
    row = {
        "public_id": public_id(), "account_id": account.id, "identity_id": identity_id, "token": draft.token,
        "type": draft.type, "state": states.NEW, "subject": draft.subject, "facts": dict(draft.facts),
        "about_kind": about_kind, "about_id": about_id, "about_title": about_title, "urgent": found.urgent,
        "assignee_id": found.assignee_id, "opened_at": moment, "changed_at": moment, "answer_due": answer_due,
        "solve_due": solve_due, "last_side": "customer", "remark": "", "talk": talk,
    }  # fmt: skip
    if changed(db.execute(_ASK[db.get_bind().dialect.name], row)) != 1:
        return False
    made = known(db, str(row["public_id"]))
    write(db, made, identity_id, "customer", Words(draft.body, draft.token, files=draft.files))
    record(db, "tickets.opened", made, account, type=draft.type)
    if found.rule:
        routing.note(db, made.public_id, found)
    emit(db, TicketOpened(made.public_id, number(made.id), draft.type), account=account)
    return True


def say(db: Session, account: AccountRef, ticket: str, identity_id: int, words: Words) -> bool:
    """Write to the company; False when the same form wrote it already.

    An answered question and a solved ticket are in work again by it. Raises MovedOn when it is closed.
    """
    row = known(db, ticket)
    after = states.AFTER_WORDS.get(row.state)
    if after is None:
        raise MovedOn
    message = write(db, row, identity_id, "customer", words)
    if not message:
        return False
    step(db, row, after, {"last_side": "customer"})
    record(db, "tickets.written", row, account)
    _tell(db, account, row, after, TicketWritten(row.public_id, message, after))
    return True


def answer(db: Session, account: AccountRef, ticket: str, identity_id: int | None, words: Words) -> bool:
    """Write to the customer; `words.state` is where the ticket comes to. False when the same form wrote it already.

    Who answers takes care of it, where nobody did (None: somebody in another system). Raises MovedOn when it is over.
    """
    row = known(db, ticket)
    after = words.state or (states.OPEN if row.state == states.NEW else row.state)
    if not states.may_step("company", row.state, after):
        raise MovedOn
    message = write(db, row, identity_id, "company", words)
    if not message:
        return False
    first = {} if row.answered_at else {"answered_at": now(db)}
    step(db, row, after, {"last_side": "company", "assignee_id": row.assignee_id or identity_id, **first})
    record(db, "tickets.answered", row, account)
    _tell(db, account, row, after, TicketAnswered(row.public_id, message, after))
    return True


def note(db: Session, ticket: str, identity_id: int, words: Words) -> bool:
    """Write for staff alone, whatever the state; False when the same form wrote it already."""
    row = known(db, ticket)
    if not write(db, row, identity_id, "company", replace(words, state=""), inner=True):
        return False
    record(db, "tickets.noted", row)
    return True


def move(db: Session, account: AccountRef, ticket: str, who: str, after: str, identity_id: int | None = None) -> None:
    """Bring a ticket to a state without words: taken back, closed, opened again. Raises MovedOn."""
    row = known(db, ticket)
    if row.state == after or not states.may_step(who, row.state, after):
        raise MovedOn
    step(db, row, after, {})
    write(db, row, identity_id, who, Words("", state=after))
    record(db, f"tickets.{after}", row, account)
    emit(db, TicketMoved(row.public_id, row.state, after), account=account)


def assign(db: Session, ticket: str, assignee_id: int | None) -> None:
    """Give a ticket to somebody of the company, or back to the queue (None)."""
    row = known(db, ticket)
    db.execute(update(Ticket).where(Ticket.id == row.id).values(assignee_id=assignee_id))
    record(db, "tickets.assigned", row)


def rate(db: Session, account: AccountRef, ticket: str, rating: int, remark: str) -> None:
    """Note how well a customer was helped, once, within 30 days after it was solved. Raises MovedOn."""
    row = known(db, ticket)
    statement = (
        update(Ticket)
        .where(
            Ticket.id == row.id,
            Ticket.state.in_((states.SOLVED, states.CLOSED)),
            Ticket.rating.is_(None),
            Ticket.solved_at > now(db) - RATE_DAYS,
        )
        .values(rating=rating, remark=remark, rated_at=now(db))
    )
    if changed(db.execute(statement)) != 1:
        raise MovedOn
    record(db, "tickets.rated", row, account, rating=rating)
    emit(db, TicketRated(row.public_id, rating), account=account)


def subject_of(body: str) -> str:
    """Return the first line of what was written, as the subject of a ticket."""
    line = body.strip().split("\n", 1)[0].strip()
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def number(key: int) -> str:
    """Return what people call a ticket by: its key, written for reading aloud ("104 218")."""
    return f"{key:,}".replace(",", "\u202f")


def known(db: Session, ticket: str) -> Ticket:
    """Return a ticket by public id. Raises NotFound."""
    found = db.execute(_BY_PUBLIC, {"ticket": ticket}).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def step(db: Session, row: Ticket, after: str, values: Mapping[str, Any]) -> None:
    """Change a ticket that still stands as it was read: of two at once one is too late. Raises MovedOn."""
    moment, before = now(db), row.state
    made: dict[str, Any] = {"state": after, "changed_at": moment, **values, **_clock(db, row, after, values)}
    if after == states.SOLVED and before != states.SOLVED:
        made |= {"solved_at": moment}
    if after in states.OVER:
        made |= {"closed_at": moment, "talk": None}
    statement = (
        update(Ticket).where(Ticket.id == row.id, Ticket.state == before, Ticket.type == row.type).values(**made)
    )
    if changed(db.execute(statement, execution_options={"synchronize_session": False})) != 1:
        raise MovedOn


def write(db: Session, row: Ticket, identity_id: int | None, side: str, words: Words, *, inner: bool = False) -> str:
    """Write a message with its files; return its public id, "" when the same form wrote it already."""
    message = {
        "public_id": public_id(), "ticket_id": row.id, "identity_id": identity_id, "side": side,
        "inner": inner, "body": words.body, "state": words.state, "token": words.token, "written_at": now(db),
    }  # fmt: skip
    if changed(db.execute(_SAY[db.get_bind().dialect.name], message)) != 1:
        return ""
    if words.files:
        key = db.execute(_KEY, {"message": message["public_id"]}).scalar_one()
        db.execute(insert(File), [each.row(key, now(db)) for each in words.files])
    return str(message["public_id"])


def record(db: Session, act: str, row: Ticket, account: AccountRef | None = None, **detail: str | int) -> None:
    """Write audit; without `account` it is the company's own affair, which the history of the account does not tell."""
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, act, target=row.public_id, account=account, detail=detail)


def _clock(db: Session, row: Ticket, after: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a step does to the term. It stands while a customer is asked; in a conversation it runs from what the customer wrote
    until the company answers."""
    office, moment = port(db, Office), now(db)
    if after in states.OVER:
        return {}
    if row.type == CHAT.name:
        if "last_side" not in values or after == states.NEW:
            return {}
        due = row.solve_due or office.terms(row.type, moment)[0] if values["last_side"] == "customer" else None
        return {"solve_due": due, "paused": None}
    if after == states.WAITING and row.paused is None and row.solve_due and row.solve_due > moment:
        return {"paused": office.minutes_left(moment, row.solve_due), "solve_due": None}
    if after == states.OPEN and row.paused is not None:
        return {"paused": None, "solve_due": office.due(moment, row.paused)}
    return {}


def _tell(db: Session, account: AccountRef, row: Ticket, after: str, event: Event) -> None:
    emit(db, event, account=account)
    if after != row.state:
        emit(db, TicketMoved(row.public_id, row.state, after), account=account)
