"""The import kind `invitations`: the company invites many people at once, a whole building at a time. Who waits for an answer or
has the right already is left alone, so a file may come again; the letters leave in batches by a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from lkportal.accounts.contract import ACCOUNT_REJECTIONS
from lkportal.accounts.models import Account, Brand, Invitation, Membership
from lkportal.accounts.people.inviting import SEND_BATCH
from lkportal.accounts.reaching import living
from lkportal.accounts.roles import OWNER, TITLES, Roles
from lkportal.accounts.settings import AccountsSettings
from lkportal.auth.models import Identity
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.importing.kind import Unfit
from lkportal.core.imports import (
    Applied,
    Cell,
    Column,
    ImportKind,
    Parser,
    Rejection,
    Staged,
    account_number,
    day,
    words,
)
from lkportal.core.jobs import enqueue
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.web.forms import fields

_AT_ONCE = 500
_OF_NUMBER = (
    "accounts_accounts a JOIN accounts_brands b ON b.id = a.brand_id"
    " WHERE a.number = {staging}.account AND CAST(:brand AS VARCHAR) IN ('', b.key)"
)
_NOT_ONE_ACCOUNT = (
    f"UPDATE {{staging}} SET reject = CASE WHEN EXISTS (SELECT 1 FROM {_OF_NUMBER}) THEN 'many_accounts' ELSE 'no_account' END"  # noqa: S608 - our own names
    f" WHERE reject IS NULL AND (SELECT count(*) FROM {_OF_NUMBER}) <> 1"
)
_ONCE = (
    "DELETE FROM {staging} WHERE reject IS NULL AND line NOT IN (SELECT max(line) FROM {staging} WHERE reject IS NULL"
    " GROUP BY account, email)"
)
_INSERT = insert_if_new(Invitation.__table__)  # type: ignore[arg-type]
_WORDS = {
    "владелец": "owner",
    "собственник": "owner",
    "платит": "payer",
    "плательщик": "payer",
    "передаёт показания": "reader",
    "передает показания": "reader",
    "бухгалтер": "accountant",
    "подписывает": "signer",
    **{title.english.lower(): role for role, title in TITLES.items()},
}


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch of invitations and queue their letters."""
    roles, moment = port(db, Roles), now(db)
    usual = staged.parameters.get("role") or OWNER
    if usual not in roles.rights:
        known = ", ".join(roles.rights)
        message = text(
            "accounts.import.role_unknown", "There is no role %(role)s. There are: %(known)s.", role=usual, known=known
        )
        raise PortalError("imports.parameter", message)
    named = {"brand": staged.parameters.get("brand") or ""}
    db.connection().execute(sql(_NOT_ONE_ACCOUNT.format(staging=staged.table.name)), named)
    db.connection().execute(sql(_ONCE.format(staging=staged.table.name)))
    _refuse_roles(db, staged, roles)
    ends = moment + timedelta(days=port(db, AccountsSettings).invitation_days)
    made = total = 0
    for rows in _batches(db, staged):
        total += len(rows)
        values = [_invitation(row, usual, staged.import_public, moment, ends) for row in rows]
        wanted = [each for each in values if not _has(db, each)]
        for each in wanted:
            made += db.connection().execute(_INSERT[db.get_bind().dialect.name], each).rowcount
    if made:
        enqueue(db, SEND_BATCH, {"source": staged.import_public, "after": 0})
    return Applied(None, {"new": made, "known": total - made})


def _refuse_roles(db: Session, staged: Staged, roles: Roles) -> None:
    table = staged.table
    named = table.update().where(table.c.reject.is_(None), table.c.role.is_not(None))
    db.execute(named.where(table.c.role.not_in(list(roles.rights))).values(reject="no_role"))


def _batches(db: Session, staged: Staged) -> Iterator[Sequence[Any]]:
    table = staged.table
    statement = (
        select(Account.id, Account.time_zone, table.c.email, table.c.name, table.c.role, table.c.until)
        .join(table, table.c.account == Account.number)
        .join(Brand, Brand.id == Account.brand_id)
        .where(table.c.reject.is_(None))
        .order_by(table.c.line)
    )
    if staged.parameters.get("brand"):
        statement = statement.where(Brand.key == staged.parameters["brand"])
    rows = db.execute(statement).all()
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _invitation(row: Any, usual: str, source: str, moment: datetime, ends: datetime) -> dict[str, Any]:
    until = None
    if row.until:
        last = row.until if isinstance(row.until, date) else date.fromisoformat(row.until)
        until = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(row.time_zone))
    return {
        "public_id": public_id(), "account_id": row.id, "group_id": None, "organisation_id": None, "email": row.email,
        "name": row.name or "", "role": row.role or usual, "word": "", "locale": "", "made_under": None, "hands_over": 0,
        "right_until": until, "token_hash": None, "source": source, "created_at": moment, "sent_at": None,
        "expires_at": ends, "accepted_at": None, "revoked_at": None, "accepted_by": None,
    }  # fmt: skip


_HAS = select(
    exists(
        select(1)
        .select_from(Membership)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(
            Identity.email == bindparam("mailbox"),
            Membership.account_id == bindparam("at"),
            Membership.role == bindparam("wanted"),
            living(),
        )
    )
)


def _has(db: Session, each: dict[str, Any]) -> bool:
    values = {"mailbox": each["email"], "at": each["account_id"], "wanted": each["role"], "now": each["created_at"]}
    return bool(db.connection().execute(_HAS, values).scalar())


def _email(cell: str) -> Cell:
    try:
        return fields.email(cell)
    except Exception:  # noqa: BLE001 - whatever does not fit is told in one way
        raise Unfit(text("accounts.import.not_email", "Write an e-mail address such as anna@example.org.")) from None


def _role(cell: str) -> Cell:
    return _WORDS.get(cell.strip().lower(), cell.strip().lower())


INVITATIONS = ImportKind(
    name="invitations",
    title=text("accounts.import.invitations", "Invitations"),
    columns=(
        Column(
            "account",
            text("accounts.import.number", "Account"),
            account_number(),
            ("лицевой счёт", "номер лицевого счёта", "лс", "л/с", "номер", "number", "account number"),
        ),
        Column(
            "email",
            text("accounts.import.email", "E-mail"),
            Parser(_email, "text", schema={"examples": ["anna@example.org"]}),
            ("почта", "эл. почта", "электронная почта", "e-mail", "логин", "login"),
        ),
        Column("name", text("accounts.people.name", "Name"), words(200), ("фио", "имя"), required=False),
        Column(
            "role",
            text("accounts.people.role", "Role"),
            Parser(_role, "text", schema={"examples": ["owner"]}),
            ("роль",),
            required=False,
        ),
        Column("until", text("accounts.people.until", "Until which day"), day(), ("до", "доступ до"), required=False),
    ),
    apply=apply,
    parameters={
        "role": text("accounts.import.usual_role", "Role where the file says none (owner)"),
        "brand": text("accounts.import.brand_key", "Key of the brand"),
    },
    rejections={
        **ACCOUNT_REJECTIONS,
        "many_accounts": Rejection(
            "account",
            text(
                "accounts.import.which_brand",
                "Accounts of several brands have this number. Name one with the parameter brand.",
            ),
        ),
        "no_role": Rejection(
            "role",
            text("accounts.import.no_role", "There is no such role. Write owner, payer, reader, accountant or signer."),
        ),
    },
    permission="accounts.import",
)
