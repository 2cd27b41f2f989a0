"""Prepared reads of the desk about tickets: whosever they are, notes of staff among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account, StaffRole
from lkportal.auth.models import Identity
from lkportal.core.columns import UTCDateTime
from lkportal.core.search import matching
from lkportal.modules.tickets import queries
from lkportal.modules.tickets.chat import managers as keeping
from lkportal.modules.tickets.models import File, Macro, Managed, Manager, Rule, Ticket
from lkportal.modules.tickets.states import ALIVE, CLOSED, NEW, OPEN, SOLVED
from lkportal.modules.tickets.states import WAITING as WAITS
from lkportal.modules.tickets.types import CHAT

Found = Sequence[Row[*tuple[Any, ...]]]
_NOW = bindparam("now", type_=UTCDateTime())
_hand, _author = aliased(Identity, name="hand"), aliased(Identity, name="author")
_into = aliased(Ticket, name="into_")
_DUE = case((and_(Ticket.state == NEW, Ticket.answered_at.is_(None)), Ticket.answer_due), else_=Ticket.solve_due)
_ROW: Select[*tuple[Any, ...]] = (
    select(
        *queries.TICKET,
        Ticket.account_id,
        Ticket.assignee_id,
        Ticket.identity_id,
        Ticket.remark,
        _DUE.label("due"),
        _hand.name.label("hand"),
        _hand.public_id.label("hand_id"),
        _author.name.label("author"),
        Account.public_id.label("account"),
        Account.number.label("account_number"),
        Account.title.label("account_title"),
    )
    .join(Account, Account.id == Ticket.account_id)
    .outerjoin(_hand, _hand.id == Ticket.assignee_id)
    .outerjoin(_author, _author.id == Ticket.identity_id)
)
_ONE = _ROW.add_columns(_into.public_id.label("into")).outerjoin(_into, _into.id == Ticket.merged_id)
_ONE = _ONE.where(Ticket.public_id == bindparam("ticket"))
IS_LATE = and_(Ticket.state.in_((NEW, OPEN)), _DUE < _NOW)
_SHOWN: Mapping[str, ColumnElement[bool]] = {
    "alive": Ticket.state.in_(ALIVE),
    "mine": and_(Ticket.state.in_(ALIVE), Ticket.assignee_id == bindparam("me")),
    "free": and_(Ticket.state.in_(ALIVE), Ticket.assignee_id.is_(None)),
    "talks": and_(Ticket.state.in_(ALIVE), Ticket.type == CHAT.name),
    "late": IS_LATE,
    "solved": Ticket.state.in_((SOLVED, CLOSED)),
    "all": Ticket.id > 0,
}
_COUNTS = select(
    *(
        func.count(case((condition, 1))).label(name)
        for name, condition in _SHOWN.items()
        if name not in ("solved", "all")
    )
).where(Ticket.state.in_(ALIVE))
WAITING = select(func.count().label("waiting"), func.min(Ticket.opened_at).label("oldest")).where(Ticket.state == NEW)
"""What nobody has answered yet: a line of the desk's first page."""
UNANSWERED = select(func.count().label("waiting"), func.min(Ticket.changed_at).label("oldest")).where(
    Ticket.type == CHAT.name, Ticket.state.in_((OPEN, WAITS)), Ticket.last_side == "customer"
)
"""Conversations in which the customer wrote last: another line there."""
_GOING_ON = (
    select(Ticket.id, Ticket.public_id, Ticket.account_id, Ticket.identity_id, Ticket.state, Ticket.subject)
    .where(Ticket.account_id == bindparam("account_id"), Ticket.state.in_((*ALIVE, SOLVED)))
    .order_by(Ticket.changed_at.desc(), Ticket.id.desc())
    .limit(50)
)
_MANAGERS = (
    keeping.WORKS.add_columns(
        select(func.count())
        .select_from(Managed)
        .where(Managed.manager_id == Manager.id)
        .scalar_subquery()
        .label("accounts")
    )
    .order_by(Identity.name, Manager.id)
    .limit(200)
)
_MANAGER = keeping.WORKS.where(Manager.public_id == bindparam("manager"))
_PEOPLE = (
    select(Identity.id, Identity.public_id, Identity.name)
    .where(
        Identity.kind == "staff",
        Identity.disabled_at.is_(None),
        select(StaffRole.identity_id).where(StaffRole.identity_id == Identity.id).exists(),
    )
    .order_by(Identity.name)
    .limit(200)
)
_ONE_FILE = select(File.title, File.media_type, File.file_key).where(File.public_id == bindparam("file"))
_MACRO = select(Macro.public_id, Macro.title, Macro.texts, Macro.state)
_MACROS = _MACRO.order_by(Macro.title, Macro.id).limit(100)
_ONE_MACRO = _MACRO.where(Macro.public_id == bindparam("macro"))
OF_ACCOUNT = (
    select(Ticket.id, Ticket.public_id, Ticket.subject, Ticket.type, Ticket.state, Ticket.changed_at)
    .where(Ticket.account_id == bindparam("account_id"))
    .order_by(Ticket.changed_at.desc(), Ticket.id.desc())
    .limit(5)
)


_RULE = select(
    Rule.public_id,
    Rule.title,
    Rule.type,
    Rule.words,
    Rule.segment,
    Rule.urgent,
    Rule.position,
    _hand.name.label("hand"),
    _hand.public_id.label("hand_id"),
).outerjoin(_hand, _hand.id == Rule.assignee_id)
_RULES = _RULE.order_by(Rule.position, Rule.id).limit(500)
_ONE_RULE = _RULE.where(Rule.public_id == bindparam("rule"))


def queue(
    connection: Connection, now: datetime, me: int, show: str, kind: str, typed: str, limit: int, offset: int
) -> Found:
    """Return tickets as the desk narrowed them: urgent ones first, then by their term, those without one last."""
    conditions = [_SHOWN[show]]
    if kind:
        conditions.append(Ticket.type == kind)
    found = matching(typed, Ticket.subject, Account.number, Account.title)
    if found is not None:
        number = "".join(char for char in typed if char.isdecimal())
        conditions.append(or_(found, Ticket.id == int(number)) if 0 < len(number) < 16 else found)
    statement = (
        _ROW.where(*conditions)
        .order_by(Ticket.urgent.desc(), _DUE.is_(None), _DUE, Ticket.id)
        .limit(limit)
        .offset(offset)
    )
    return connection.execute(statement, {"now": now, "me": me}).all()


def counts(connection: Connection, now: datetime, me: int) -> Mapping[str, int]:
    """Return how many tickets each part of the queue has."""
    return connection.execute(_COUNTS, {"now": now, "me": me}).one()._asdict()


def one(connection: Connection, ticket: str) -> Row[*tuple[Any, ...]] | None:
    """Return a ticket with its account and people, or None."""
    return connection.execute(_ONE, {"ticket": ticket}).first()


def messages(connection: Connection, ticket_id: int) -> Found:
    """Return everything written in a ticket, notes of staff too."""
    return connection.execute(queries.MESSAGES, {"ticket_id": ticket_id}).all()[::-1]


def files(connection: Connection, ticket_id: int) -> Mapping[int, Found]:
    """Return all files of a ticket by message."""
    return queries.by_message(connection.execute(queries.FILES, {"ticket_id": ticket_id}).all())


def file(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a file, whosever ticket it is of, or None."""
    return connection.execute(_ONE_FILE, {"file": public}).first()


def people(connection: Connection) -> Found:
    """Return who of the company may take care of a ticket (id, public_id, name)."""
    return connection.execute(_PEOPLE).all()


def macros(connection: Connection) -> Found:
    """Return the prepared answers."""
    return connection.execute(_MACROS).all()


def macro(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a prepared answer, or None."""
    return connection.execute(_ONE_MACRO, {"macro": public}).first()


def rules(connection: Connection) -> Found:
    """Return the rules of handing over, in the order they are asked."""
    return connection.execute(_RULES).all()


def rule(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a rule, or None."""
    return connection.execute(_ONE_RULE, {"rule": public}).first()


def going_on(connection: Connection, account_id: int) -> Found:
    """Return the tickets of an account that are not over, the latest first."""
    return connection.execute(_GOING_ON, {"account_id": account_id}).all()


def managers(connection: Connection) -> Found:
    """Return the managers with how many accounts each looks after."""
    return connection.execute(_MANAGERS).all()


def manager(connection: Connection, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a manager, or None."""
    return connection.execute(_MANAGER, {"manager": public}).first()
