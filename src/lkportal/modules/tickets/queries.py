"""Prepared reads of a customer's tickets. Every one is bound to an account; where requests are not shared, to their author too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.modules.tickets.chat import managers
from lkportal.modules.tickets.models import File, Managed, Manager, Message, Seen, Ticket
from lkportal.modules.tickets.states import ALIVE, SOLVED

Found = Sequence[Row[*tuple[Any, ...]]]
TICKET = (
    Ticket.id,
    Ticket.public_id,
    Ticket.type,
    Ticket.state,
    Ticket.subject,
    Ticket.facts,
    Ticket.about_kind,
    Ticket.about_id,
    Ticket.about_title,
    Ticket.urgent,
    Ticket.opened_at,
    Ticket.changed_at,
    Ticket.answered_at,
    Ticket.solved_at,
    Ticket.answer_due,
    Ticket.solve_due,
    Ticket.last_side,
    Ticket.rating,
    Ticket.merged_id,
)
_into = aliased(Ticket, name="into_")
_SEEN = exists().where(
    Seen.ticket_id == Ticket.id,
    Seen.identity_id == bindparam("person_id"),
    Seen.message_id
    >= select(func.max(Message.id))
    .where(Message.ticket_id == Ticket.id, Message.inner.is_(False))
    .correlate(Ticket)  # two levels up: SQLAlchemy would look at the messages of all tickets
    .scalar_subquery(),
)
_UNREAD = and_(Ticket.last_side == "company", ~_SEEN).label("unread")
_THEIRS = or_(bindparam("shared"), Ticket.identity_id == bindparam("person_id"))
_MINE = select(*TICKET, _UNREAD).where(Ticket.account_id == bindparam("account_id"))
_LIST = (
    _MINE.where(_THEIRS)
    .order_by(Ticket.state.in_(ALIVE).desc(), Ticket.changed_at.desc(), Ticket.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_NEWEST = _MINE.where(_THEIRS).order_by(Ticket.id.desc()).limit(bindparam("limit"))
_LAST_SEEN = (
    select(Ticket.id)
    .where(Ticket.public_id == bindparam("after"), Ticket.account_id == bindparam("account_id"))
    .scalar_subquery()
)
_OLDER = _NEWEST.where(Ticket.id < _LAST_SEEN)
_ONE = (
    _MINE.add_columns(_into.public_id.label("into"))
    .outerjoin(_into, _into.id == Ticket.merged_id)
    .where(_THEIRS, Ticket.public_id == bindparam("ticket"))
)
_TALK = _MINE.where(Ticket.talk == bindparam("talk"))
_manager = (
    managers.WORKS.add_columns(Managed.account_id).join(Managed, Managed.manager_id == Manager.id).subquery("manager_")
)
CARD = (
    select(*TICKET, _UNREAD, _manager.c.name.label("manager"), _manager.c.position, _manager.c.week)
    .select_from(Account)
    .outerjoin(_manager, _manager.c.account_id == Account.id)
    .outerjoin(
        Ticket,
        and_(
            Ticket.account_id == Account.id,
            Ticket.identity_id == bindparam("person_id"),
            or_(Ticket.state.in_(ALIVE), and_(Ticket.state == SOLVED, _UNREAD)),
        ),
    )
    .where(Account.id == bindparam("account_id"))
    .order_by(Ticket.changed_at.desc(), Ticket.id.desc())
    .limit(3)
)
"""What :person_id waits for on the account :account_id, each row with the account's manager; one row without a ticket for nothing."""
MESSAGES = (
    select(
        Message.id,
        Message.public_id,
        Message.side,
        Message.inner,
        Message.body,
        Message.state,
        Message.written_at,
        Message.identity_id,
        Identity.name.label("who"),
    )
    .outerjoin(Identity, Identity.id == Message.identity_id)
    .where(Message.ticket_id == bindparam("ticket_id"))
    .order_by(Message.id.desc())
    .limit(500)
)
"""The newest of what was written in a ticket, the last first."""
_SHOWN = MESSAGES.where(Message.inner.is_(False))
FILES = (
    select(File.public_id, File.message_id, File.title, File.media_type, File.size, File.file_key)
    .join(Message, Message.id == File.message_id)
    .where(Message.ticket_id == bindparam("ticket_id"))
    .order_by(File.id)
)
_SHOWN_FILES = FILES.where(Message.inner.is_(False))
_SHOWN_FILE = _SHOWN_FILES.where(File.public_id == bindparam("file"))


def recent(connection: Connection, account_id: int, person_id: int, *, shared: bool, limit: int, offset: int) -> Found:
    """Return the tickets of an account, those that are alive first; `unread`: the company wrote last, and this person has not seen it."""
    return connection.execute(
        _LIST,
        {"account_id": account_id, "person_id": person_id, "shared": shared, "limit": limit, "offset": offset},
    ).all()


def behind(connection: Connection, account_id: int, person_id: int, limit: int, after: str, *, shared: bool) -> Found:
    """Return the tickets of an account, newest first, behind the one of the public id `after` ("": from the newest)."""
    values = {"account_id": account_id, "person_id": person_id, "shared": shared, "limit": limit, "after": after}
    return connection.execute(_OLDER if after else _NEWEST, values).all()


def one(
    connection: Connection, account_id: int, person_id: int, ticket: str, *, shared: bool
) -> Row[*tuple[Any, ...]] | None:
    """Return a ticket of an account, or None."""
    values = {"account_id": account_id, "person_id": person_id, "ticket": ticket, "shared": shared}
    return connection.execute(_ONE, values).first()


def talk(connection: Connection, account_id: int, person_id: int, key: str) -> Row[*tuple[Any, ...]] | None:
    """Return the conversation that goes on, or None; `key` says whose it is."""
    return connection.execute(_TALK, {"account_id": account_id, "person_id": person_id, "talk": key}).first()


def messages(connection: Connection, ticket_id: int) -> Found:
    """Return what was written in a ticket and its steps, oldest first, without notes of staff: the last 500."""
    return connection.execute(_SHOWN, {"ticket_id": ticket_id}).all()[::-1]


def files(connection: Connection, ticket_id: int) -> Mapping[int, Found]:
    """Return the files of a ticket by message, those of notes left out."""
    return by_message(connection.execute(_SHOWN_FILES, {"ticket_id": ticket_id}).all())


def file(connection: Connection, ticket_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a file of a ticket, or None; one of a note is not there."""
    return connection.execute(_SHOWN_FILE, {"ticket_id": ticket_id, "file": public}).first()


def by_message(rows: Found) -> Mapping[int, Found]:
    """Gather files by their message."""
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found
