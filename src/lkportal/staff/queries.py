"""Reads of the desk, over all customers: whoever calls has a permission, and opening a card leaves a row in the audit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, or_, select

from lkportal.accounts.models import Account, Brand, Membership, Organisation, Premise, StaffRole
from lkportal.accounts.reaching import accounts_of, living, of_account
from lkportal.auth.models import Identity, Session
from lkportal.core.databases.keys import among
from lkportal.core.search import matching
from lkportal.core.tables import imports
from lkportal.staff.models import Approval
from lkportal.staff.wanted import Wanted, after

Rows = Sequence[Row[Any]]
_ACCOUNT: Select[*tuple[Any, ...]] = (
    select(
        Account.id,
        Account.public_id,
        Account.number,
        Account.title,
        Account.holder,
        Account.closed_at,
        Organisation.name.label("organisation"),
    )
    .outerjoin(Organisation, Organisation.id == Account.organisation_id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
BY_NUMBER = _ACCOUNT.where(Account.number == bindparam("number")).order_by(Account.id)
_FROM = _ACCOUNT.where(Account.number >= bindparam("number")).order_by(Account.number, Account.id)
BY_PREFIX = _FROM.where(Account.number < bindparam("next"))


def _of_people(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an account is reached by people of `condition`, themselves through an organisation or a group."""
    return among(Account.id, accounts_of(condition, Identity.kind == "customer"))


BY_LOGIN = _ACCOUNT.where(_of_people(Identity.login == bindparam("login"))).order_by(Account.title, Account.id)
_PERSON = (Identity.public_id, Identity.name, Identity.login, Identity.email, Identity.created_at)
_LONELY: Select[*tuple[Any, ...]] = (
    select(*_PERSON)
    .where(
        Identity.kind == "customer",
        ~select(Membership.id).where(Membership.identity_id == Identity.id, living()).exists(),
    )
    .order_by(Identity.id.desc())
    .limit(bindparam("limit"))
)
CARD: Select[*tuple[Any, ...]] = (
    select(
        Account.holder,
        Account.opened_at,
        Account.closed_at,
        Account.source,
        Account.seen_at,
        Premise.address,
        Organisation.name.label("organisation"),
        Organisation.tax_number,
        Brand.name.label("brand"),
    )
    .join(Brand, Brand.id == Account.brand_id)
    .outerjoin(Premise, Premise.id == Account.premise_id)
    .outerjoin(Organisation, Organisation.id == Account.organisation_id)
    .where(Account.id == bindparam("account_id"))
)
_SEEN = select(func.max(Session.seen_at)).where(Session.identity_id == Identity.id).scalar_subquery()
PEOPLE: Select[*tuple[Any, ...]] = (
    select(
        *_PERSON,
        Identity.email_confirmed_at,
        Identity.disabled_at,
        Membership.role,
        Membership.expires_at,
        Membership.account_id.is_(None).label("through_organisation"),
        _SEEN.label("seen_at"),
    )
    .join(Membership, Membership.identity_id == Identity.id)
    .where(Membership.id.in_(of_account(bindparam("account_id"))))
    .order_by(Membership.id)
    .limit(bindparam("limit"))
)
COMPANY: Select[*tuple[Any, ...]] = (
    select(Identity.public_id, Identity.name, Identity.login, Identity.disabled_at, StaffRole.role)
    .outerjoin(StaffRole, StaffRole.identity_id == Identity.id)
    .where(Identity.kind == "staff")
    .order_by(Identity.disabled_at.is_not(None), Identity.name, Identity.id, StaffRole.role)
)
_COLLEAGUE: Select[*tuple[Any, ...]] = select(
    Identity.id,
    Identity.public_id,
    Identity.name,
    Identity.login,
    Identity.email,
    Identity.created_at,
    Identity.disabled_at,
    Identity.second_ways,
    and_(Identity.password_hash == "", Identity.email_confirmed_at.is_(None)).label("is_awaited"),
    _SEEN.label("seen_at"),
).where(Identity.kind == "staff")
CUSTOMER: Select[*tuple[Any, ...]] = select(Identity.id, Identity.public_id, Identity.name, Identity.login).where(
    Identity.public_id == bindparam("public"), Identity.kind == "customer", Identity.disabled_at.is_(None)
)
COLLEAGUES = _COLLEAGUE.order_by(Identity.disabled_at.is_not(None), Identity.name, Identity.id)
COLLEAGUE = _COLLEAGUE.where(Identity.public_id == bindparam("public"))
ROLES = select(StaffRole.identity_id, StaffRole.role).order_by(StaffRole.role)
_LAST = select(func.max(imports.c.id)).where(imports.c.state != "abandoned").group_by(imports.c.kind)
TO_DECIDE = (
    select(Approval.id)
    .where(
        Approval.state == "waiting",
        Approval.expires_at > bindparam("now"),
        Approval.asked_by != bindparam("reader"),
        Approval.action.in_(bindparam("rights", expanding=True)),
    )
    .exists()
)
# One row at least: what waits for the reader rides along with what every page of the desk asks anyway.
_reader = select(TO_DECIDE.label("to_decide")).subquery()
FRAME: Select[*tuple[Any, ...]] = (
    select(
        _reader.c.to_decide,
        imports.c.kind,
        imports.c.file_name,
        imports.c.state,
        imports.c.accepted,
        imports.c.rejected,
        imports.c.started_at,
        imports.c.updated_at,
    )
    .select_from(_reader.outerjoin(imports, imports.c.id.in_(_LAST)))
    .order_by(imports.c.updated_at.desc(), imports.c.id)
)


def exactly(connection: Connection, wanted: Wanted, now: datetime, limit: int, offset: int = 0) -> Rows:
    """Return the accounts that `wanted` names outright, by number or by the login of their people; both by an index."""
    paging = {"limit": limit, "offset": offset}
    found: Rows = ()
    if wanted.number:
        found = connection.execute(BY_NUMBER, {"number": wanted.number, **paging}).all()
    if not found and wanted.login:
        found = connection.execute(BY_LOGIN, {"login": wanted.login, "now": now, **paging}).all()
    return found


def beginning(connection: Connection, wanted: Wanted, limit: int, offset: int = 0) -> Rows:
    """Return the accounts whose number begins as `wanted` does, in order of number, by an index."""
    values = {"number": wanted.number, "next": after(wanted.number), "limit": limit, "offset": offset}
    return connection.execute(BY_PREFIX if values["next"] else _FROM, values).all()


def alike(
    connection: Connection, wanted: Wanted, now: datetime, limit: int, offset: int = 0, *, contacts: bool
) -> Rows:
    """Return the accounts that have every word: in address, holder, organisation or, when it is the only word, number; or
    in the name of one of their people.

    People are looked for by name, and by parts of e-mail and login only for those who may see `contacts`: else a mask could
    be guessed letter by letter. Walks all accounts.
    """
    columns = (Account.title, Account.holder, Premise.address, Organisation.name)
    # Beside other words digits are a house or a flat: as part of a number they would find strangers.
    alone = " " not in wanted.typed
    condition = matching(wanted.typed, *columns, *((Account.number,) if alone else ()))
    named = _named(wanted, contacts=contacts)
    if condition is None or named is None:
        return ()
    statement = (
        _ACCOUNT.outerjoin(Premise, Premise.id == Account.premise_id)
        .where(or_(condition, _of_people(named)))
        .order_by(Account.title, Account.id)
    )
    return connection.execute(statement, {"now": now, "limit": limit, "offset": offset}).all()


def without_account(connection: Connection, wanted: Wanted, now: datetime, limit: int, *, contacts: bool) -> Rows:
    """Return people who signed up and reach no account (public_id, name, login, email, created_at), the newest first."""
    named = _named(wanted, contacts=contacts)
    if named is None:
        return ()
    exact = Identity.login == wanted.login
    statement = _LONELY.where(or_(named, exact) if wanted.login else named)
    return connection.execute(statement, {"now": now, "limit": limit}).all()


def card(connection: Connection, account_id: int) -> Row[Any]:
    """Return what is known of an account itself."""
    return connection.execute(CARD, {"account_id": account_id}).one()


def people(connection: Connection, account_id: int, now: datetime, limit: int) -> Rows:
    """Return who reaches an account today, a row for each right, the oldest first."""
    values = {"account_id": account_id, "now": now, "limit": limit}
    return connection.execute(PEOPLE, values).all()


def company(connection: Connection) -> Rows:
    """Return the company's people, a row for each role and one for those without: who is kept out comes last."""
    return connection.execute(COMPANY).all()


def colleagues(connection: Connection) -> Rows:
    """Return the company's people, each once; who is kept out comes last."""
    return connection.execute(COLLEAGUES).all()


def colleague(connection: Connection, public: str) -> Row[Any] | None:
    """Return one of the company's people by public id, kept out or not."""
    return connection.execute(COLLEAGUE, {"public": public}).first()


def customer(connection: Connection, public: str) -> Row[Any] | None:
    """Return a customer who may sign in by public id (id, public_id, name, login)."""
    return connection.execute(CUSTOMER, {"public": public}).first()


def roles_of(connection: Connection) -> dict[int, list[str]]:
    """Return the roles of the company's people by their keys."""
    found: dict[int, list[str]] = {}
    for row in connection.execute(ROLES):
        found.setdefault(row.identity_id, []).append(row.role)
    return found


def frame(connection: Connection, reader: int, rights: Collection[str], now: datetime) -> tuple[Rows, bool]:
    """Return the last import of each kind of file, the newest first, and whether a request to a second person waits for a reader
    who may decide those of `rights`."""
    rows = connection.execute(FRAME, {"reader": reader, "rights": sorted(rights), "now": now}).all()
    return [row for row in rows if row.kind is not None], bool(rows[0].to_decide)


def _named(wanted: Wanted, *, contacts: bool) -> ColumnElement[bool] | None:
    columns = (Identity.name, Identity.login, Identity.email) if contacts else (Identity.name,)
    return matching(wanted.typed, *columns)
