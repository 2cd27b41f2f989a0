"""Inviting people: made by who manages an account, sent by a job that makes the link, accepted once. Whether a mailbox is known
is never told to who invites. Handing an account over is an invitation too, with which the giver's own right ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session as Unit

from lkportal.accounts import service
from lkportal.accounts.contract import AccountRef, InvitationAccepted
from lkportal.accounts.models import Account, Brand, Group, Invitation, Membership, Organisation
from lkportal.accounts.people import deciding
from lkportal.accounts.people.deciding import Scope
from lkportal.accounts.reaching import living
from lkportal.auth.limits import TooOften
from lkportal.auth.models import Identity
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id, secret_token, token_hash
from lkportal.core.jobs import enqueue
from lkportal.core.limits.rates import allow_in
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now

SEND = "accounts.send_invitation"
SEND_BATCH = "accounts.send_invitations"
_DAY = 24 * 3600
_MADE = insert_if_new(Invitation.__table__)  # type: ignore[arg-type]
_OPEN = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
_GIVER = or_(
    Invitation.made_under.is_(None),
    exists(select(1).where(Membership.id == Invitation.made_under, living()).correlate(Invitation)),
)
_ROW: Select[*tuple[Any, ...]] = (
    select(
        *Invitation.__table__.columns,
        Account.title.label("account_title"),
        Account.number,
        Account.public_id.label("account_public"),
        Group.name.label("group_name"),
        Organisation.name.label("organisation"),
        Identity.name.label("giver"),
        Identity.id.label("giver_id"),
        Membership.level,
        Brand.key.label("brand"),
    )
    .select_from(Invitation)
    .outerjoin(Account, Account.id == Invitation.account_id)
    .outerjoin(Brand, Brand.id == Account.brand_id)
    .outerjoin(Group, Group.id == Invitation.group_id)
    .outerjoin(Organisation, Organisation.id == Invitation.organisation_id)
    .outerjoin(Membership, Membership.id == Invitation.made_under)
    .outerjoin(Identity, Identity.id == Membership.identity_id)
)
_VALID = (*_OPEN, Invitation.expires_at > bindparam("now"), _GIVER)
_BY_TOKEN = _ROW.where(Invitation.token_hash == bindparam("hash"), *_VALID)
_BY_PUBLIC = _ROW.where(Invitation.public_id == bindparam("wanted"), *_VALID)
_WAITING = (
    select(*Invitation.__table__.columns)
    .where(*_OPEN, or_(*(getattr(Invitation, name).in_(bindparam(name, expanding=True)) for name in service.SCOPES)))
    .order_by(Invitation.id.desc())
    .limit(bindparam("limit"))
)
_SPEND = (
    update(Invitation)
    .where(Invitation.token_hash == bindparam("hash"), *_VALID)
    .values(accepted_at=bindparam("now"), accepted_by=bindparam("who"))
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)
_SENT = (
    update(Invitation)
    .where(Invitation.public_id == bindparam("wanted"), *_VALID)
    .values(token_hash=bindparam("hash"), sent_at=bindparam("now"))
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)
_CHANGE = (
    update(Invitation)
    .where(Invitation.id == bindparam("of"), *_OPEN)
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)


_UNSENT: Select[*tuple[Any, ...]] = (
    select(Invitation.id, Invitation.public_id)
    .where(
        Invitation.source == bindparam("of"), Invitation.id > bindparam("after"), Invitation.sent_at.is_(None), *_OPEN
    )
    .order_by(Invitation.id)
    .limit(bindparam("limit"))
)


class InvitationGone(PortalError):
    """A link of an invitation opens nothing any more."""

    def __init__(self) -> None:
        message = text(
            "accounts.invited.gone", "This invitation was used, taken back or is too old. Ask for a new one."
        )
        super().__init__("invitation_gone", message, 410)


class InvitationOver(PortalError):
    """An invitation was accepted or taken back by somebody meanwhile."""

    def __init__(self) -> None:
        message = text("accounts.invited.over", "This invitation is over already. Reload the page.")
        super().__init__("invitation_over", message, 410)


class OwnOffer(PortalError):
    """Somebody accepts what they offered themself."""

    def __init__(self) -> None:
        super().__init__(
            "own_offer", text("accounts.invited.own", "This is your own offer: another person accepts it."), 409
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """What an invitation says: to which mailbox, in which role, until when, with which word."""

    email: str
    role: str
    name: str = ""
    word: str = ""
    until: datetime | None = None
    hands_over: bool = False


def invite(db: Unit, scope: Scope, account: AccountRef, wish: Wish, *, days: int, a_day: int, locale: str) -> str:
    """Invite a mailbox; a job sends the letter. An invitation that waits already is sent again as wished now. Raises TooOften."""
    actor, moment = context(db).actor, now(db)
    if not allow_in(db, f"accounts.invite:{actor.public_id}", a_day, _DAY, moment):
        raise TooOften(timedelta(hours=1))
    said = {
        "made_under": scope.under,
        "hands_over": int(wish.hands_over),
        "name": wish.name,
        "word": wish.word,
        "right_until": wish.until,
        "locale": locale,
        "expires_at": moment + timedelta(days=days),
    }
    made = write(db, wish.email, wish.role, scope.columns, said)
    enqueue(db, SEND, {"invitation": made, "brand": account.brand})
    service.audit(db, "accounts.handed_over" if wish.hands_over else "accounts.invited", made, account, role=wish.role)
    return made


def write(db: Unit, email: str, role: str, scope: dict[str, int | None], said: dict[str, Any]) -> str:
    """Write an invitation, or what is `said` into the one that waits for this mailbox, scope and role; return its public id."""
    made = public_id()
    row = {
        "public_id": made, "email": email, "role": role, **scope, "created_at": now(db), "token_hash": None, "sent_at": None,
        "accepted_at": None, "revoked_at": None, "accepted_by": None, "source": "", **said,
    }  # fmt: skip
    if db.connection().execute(_MADE[db.get_bind().dialect.name], row).rowcount:
        return made
    same = [getattr(Invitation, name) == key for name, key in scope.items() if key is not None]
    waits = select(Invitation.id, Invitation.public_id).where(
        Invitation.email == email, Invitation.role == role, *same, *_OPEN
    )
    found = db.execute(waits).one()
    db.connection().execute(_CHANGE.values(**said), {"of": found.id})
    return str(found.public_id)


def waiting(connection: Connection, scopes: Sequence[Scope], limit: int) -> Sequence[Row[Any]]:
    """Return the invitations to these scopes that nobody accepted yet, the newest first; those that ran out too."""
    keys = {name: [each.id for each in scopes if each.column == name] for name in service.SCOPES}
    return connection.execute(_WAITING, {**keys, "limit": limit}).all()


def one(connection: Connection, scopes: Sequence[Scope], wanted: str) -> Row[Any] | None:
    """Return an invitation to one of these scopes by its public id. Raises NotFound when it is over already."""
    mine = or_(*(getattr(Invitation, each.column) == each.id for each in scopes))
    row = connection.execute(select(*Invitation.__table__.columns).where(Invitation.public_id == wanted, mine)).first()
    if row is not None and (row.accepted_at or row.revoked_at):
        raise InvitationOver
    return row


def again(db: Unit, row: Any, account: AccountRef, days: int, a_day: int) -> None:
    """Send the letter of a waiting invitation again, with a new link; the one before opens nothing. Raises InvitationOver, TooOften."""
    actor, moment = context(db).actor, now(db)
    if not allow_in(db, f"accounts.invite:{actor.public_id}", a_day, _DAY, moment):
        raise TooOften(timedelta(hours=1))
    _changed(db, row, token_hash=None, expires_at=moment + timedelta(days=days))
    enqueue(db, SEND, {"invitation": row.public_id, "brand": account.brand})
    service.audit(db, "accounts.invited", row.public_id, account, role=row.role)


def withdraw(db: Unit, row: Any, account: AccountRef) -> None:
    """Take a waiting invitation back: its link opens nothing from now on. Raises InvitationOver."""
    _changed(db, row, revoked_at=now(db))
    service.audit(db, "accounts.invitation_withdrawn", row.public_id, account, role=row.role)


def unsent(connection: Connection, source: str, after: int, limit: int) -> Sequence[Row[Any]]:
    """Return invitations (id, public_id) of one import whose letter did not leave yet, those after the key `after`."""
    return connection.execute(_UNSENT, {"of": source, "after": after, "limit": limit}).all()


def mint(db: Unit, invitation: str) -> tuple[Row[Any], str] | None:
    """Make the link of an invitation that waits and return both, or None when there is nothing to send any more."""
    token, values = secret_token(), {"wanted": invitation, "now": now(db)}
    if not db.connection().execute(_SENT, {**values, "hash": token_hash(token)}).rowcount:
        return None
    return db.connection().execute(_BY_PUBLIC, values).one(), token


def look(connection: Connection, token: str, moment: datetime) -> Row[Any]:
    """Return the invitation behind a link, without using it. Raises InvitationGone."""
    found = connection.execute(_BY_TOKEN, {"hash": token_hash(token), "now": moment}).first()
    if found is None:
        raise InvitationGone
    return found


def accept(db: Unit, token: str, identity_id: int) -> Row[Any]:
    """Use an invitation: the person has its right from now on; of many who try at once one wins. Raises InvitationGone, OwnOffer."""
    connection, moment = db.connection(), now(db)
    row = look(connection, token, moment)
    values = {"hash": token_hash(token), "now": moment, "who": identity_id}
    if not connection.execute(_SPEND, values).rowcount:
        raise InvitationGone
    if row.giver_id == identity_id:
        raise OwnOffer
    account = _account(db, row)
    level = service.HIGHEST if row.level is None else row.level
    scope = {name: getattr(row, name) for name in service.SCOPES}
    membership = service.grant_scope(db, identity_id, row.role, scope, account, level, row.right_until)
    if row.hands_over:
        _let_go(db, row, account)
    emit(db, InvitationAccepted(row.public_id, membership, row.role), account=account)
    service.audit(db, "accounts.invitation_accepted", row.public_id, account, role=row.role)
    return row


def _let_go(db: Unit, row: Any, account: AccountRef | None) -> None:
    given = db.execute(select(*Membership.__table__.columns).where(Membership.id == row.made_under)).one()
    try:
        deciding.take(db, given, account)
    except (deciding.Gone, deciding.LastOwner):
        raise InvitationGone from None


def _account(db: Unit, row: Any) -> AccountRef | None:
    if row.account_id is None:
        return None
    found = db.execute(
        select(Account.time_zone, Account.currency, Account.organisation_id).where(Account.id == row.account_id)
    ).one()
    return AccountRef(
        row.account_id,
        row.account_public,
        row.number,
        row.account_title,
        found.time_zone,
        found.currency,
        row.brand,
        found.organisation_id,
    )


def _changed(db: Unit, row: Any, **values: Any) -> None:
    if not db.connection().execute(_CHANGE.values(**values), {"of": row.id}).rowcount:
        raise InvitationOver
