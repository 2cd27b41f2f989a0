"""Signed links: made for one thing, looked at without being spent, spent once by one conditional statement, taken back.
Only hashes of tokens are kept. What is done through a link is done by the module whose purpose it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy import CompoundSelect, Connection, Row, Select, bindparam, delete, insert, or_, select, union, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.accounts import service
from lkportal.accounts.claims.models import NotHere
from lkportal.accounts.contract import AccountRef
from lkportal.accounts.guests.models import SignedLink
from lkportal.accounts.models import Account, Brand, GroupAccount, Membership
from lkportal.core.asked.letters import PageLinks
from lkportal.core.contributions import GuestPurpose
from lkportal.core.events import Envelope
from lkportal.core.ids import public_id, secret_token, token_hash
from lkportal.core.policy import Actor, GuestLink
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.web.trust.guard import LinkGone

Origin = Literal["letter", "number", "staff"]
TAIL = 4
_OPEN = (SignedLink.revoked_at.is_(None), SignedLink.expires_at > bindparam("now"))
LOOK: Select[*tuple[Any, ...]] = (
    select(
        SignedLink.id,
        SignedLink.public_id,
        SignedLink.purpose,
        SignedLink.target,
        SignedLink.expires_at,
        SignedLink.used_at,
        SignedLink.result,
        Account.id.label("account_id"),
        Account.public_id.label("account"),
        Account.number,
        Account.time_zone,
        Account.currency,
        Account.organisation_id,
        Brand.key.label("brand"),
    )
    .join(Account, Account.id == SignedLink.account_id)
    .join(Brand, Brand.id == Account.brand_id)
    .where(SignedLink.token_hash == bindparam("hash"), Account.closed_at.is_(None), *_OPEN)
)
_SPEND: ReturningUpdate[*tuple[Any, ...]] = (
    update(SignedLink)
    .where(SignedLink.id == bindparam("link"), SignedLink.used_at.is_(None), *_OPEN)
    .values(used_at=bindparam("now"), result=bindparam("outcome"))
    .returning(SignedLink.public_id)
)
_UNUSED = (SignedLink.account_id == bindparam("of"), SignedLink.used_at.is_(None), *_OPEN)
_TOLD: Select[*tuple[Any, ...]] = select(
    SignedLink.public_id,
    SignedLink.purpose,
    SignedLink.origin,
    SignedLink.created_at,
    SignedLink.expires_at,
    SignedLink.used_at,
    SignedLink.revoked_at,
)
LIVING = _TOLD.where(*_UNUSED).order_by(SignedLink.id.desc()).limit(50)
OVER = (
    _TOLD.where(
        SignedLink.account_id == bindparam("of"),
        or_(
            SignedLink.used_at.is_not(None),
            SignedLink.revoked_at.is_not(None),
            SignedLink.expires_at <= bindparam("now"),
        ),
    )
    .order_by(SignedLink.id.desc())
    .limit(20)
)
_REVOKE_ALL = (
    update(SignedLink).where(*_UNUSED).values(revoked_at=bindparam("now")).execution_options(preserve_rowcount=True)
)
_REVOKE = _REVOKE_ALL.where(SignedLink.public_id == bindparam("public")).returning(SignedLink.public_id)
_ITS_OWN = select(SignedLink.id).where(
    SignedLink.public_id == bindparam("public"), SignedLink.account_id == bindparam("of")
)
_OLD = delete(SignedLink).where(SignedLink.expires_at < bindparam("before"))
_LEFT: CompoundSelect[Any] = union(
    select(Membership.account_id).where(Membership.public_id == bindparam("left"), Membership.account_id.is_not(None)),
    select(Account.id)
    .join(Membership, Membership.organisation_id == Account.organisation_id)
    .where(Membership.public_id == bindparam("left")),
    select(GroupAccount.account_id)
    .join(Membership, Membership.group_id == GroupAccount.group_id)
    .where(Membership.public_id == bindparam("left")),
)
_END_LETTERS = (
    update(SignedLink)
    .where(
        SignedLink.origin == "letter",
        SignedLink.used_at.is_(None),
        SignedLink.revoked_at.is_(None),
        SignedLink.created_at < bindparam("until"),
        SignedLink.account_id.in_(_LEFT),
    )
    .values(revoked_at=bindparam("now"))
)


class Registry(Protocol):
    """What is read of the registry."""

    @property
    def guest_purposes(self) -> Mapping[str, GuestPurpose]: ...


class LinkMaker:
    """Fills the port GuestLinks for one portal."""

    def __init__(self, registry: Registry) -> None:
        self.purposes: Mapping[str, GuestPurpose] = registry.guest_purposes

    def make(
        self,
        db: Session,
        purpose: str,
        account: AccountRef,
        target: str = "",
        *,
        lasts: timedelta | None = None,
        origin: Origin = "letter",
    ) -> str:
        """Make a link and return its whole address: it goes to one reader and is kept nowhere."""
        token = self.token(db, purpose, account, target, lasts=lasts, origin=origin)
        links = port(db, PageLinks)  # type: ignore[type-abstract]
        return links.page(self._of(purpose).route, account.brand, token=token)

    def token(
        self,
        db: Session,
        purpose: str,
        account: AccountRef,
        target: str = "",
        *,
        lasts: timedelta | None = None,
        origin: Origin = "letter",
    ) -> str:
        """Make a link and return its token alone."""
        known, token, moment = self._of(purpose), secret_token(), now(db)
        row = {
            "public_id": public_id(),
            "token_hash": token_hash(token),
            "purpose": purpose,
            "account_id": account.id,
            "target": target,
            "origin": origin,
            "created_at": moment,
            "expires_at": moment + (lasts or timedelta(days=known.days)),
        }
        db.execute(insert(SignedLink), row)
        service.audit(db, "accounts.link_made", str(row["public_id"]), account, purpose=purpose)
        return token

    def spend(self, db: Session, link: GuestLink, account: AccountRef, result: str = "") -> None:
        """Spend a link within the unit of its act: of many at once one wins. Raises LinkGone, and then nothing is done."""
        values = {"link": link.id, "now": now(db), "outcome": result}
        if db.connection().execute(_SPEND, values).first() is None:
            raise LinkGone
        service.audit(db, "accounts.link_used", link.public_id, account, purpose=link.purpose)

    def _of(self, purpose: str) -> GuestPurpose:
        if purpose not in self.purposes:
            raise LookupError(f"No module that is on has the guest purpose {purpose!r}.")
        return self.purposes[purpose]


def living(connection: Connection, account_id: int, moment: datetime) -> Sequence[Row[Any]]:
    """Return the links of an account that may still be used, newest first."""
    return connection.execute(LIVING, {"of": account_id, "now": moment}).all()


def over(connection: Connection, account_id: int, moment: datetime) -> Sequence[Row[Any]]:
    """Return the latest links of an account that open nothing any more: used, taken back or too old; newest first."""
    return connection.execute(OVER, {"of": account_id, "now": moment}).all()


def is_of(connection: Connection, account: AccountRef, link: str) -> bool:
    """Whether a link, used up or not, is of this account."""
    return connection.execute(_ITS_OWN, {"public": link, "of": account.id}).first() is not None


def revoke_all(db: Session, account: AccountRef) -> int:
    """Take back all links of an account that may still be used; return how many."""
    taken = db.connection().execute(_REVOKE_ALL, {"of": account.id, "now": now(db)}).rowcount
    if taken:
        service.audit(db, "accounts.link_revoked", account.public_id, account, links=taken)
    return taken


def revoke(db: Session, account: AccountRef, link: str) -> None:
    """Take a link back: its very next opening finds nothing. Raises NotHere for another account's, or one used up."""
    values = {"public": link, "of": account.id, "now": now(db)}
    if db.connection().execute(_REVOKE, values).first() is None:
        raise NotHere
    service.audit(db, "accounts.link_revoked", link, account)


def end_letters(db: Session, envelope: Envelope) -> None:
    """End the links of letters about accounts that a person reached until now: theirs may be among them, and no letter says whose
    its link is. Those who stay find a new one in the next letter, or sign in."""
    values = {"left": envelope.body["membership"], "until": envelope.occurred_at, "now": now(db)}
    db.connection().execute(_END_LETTERS, values)


def opened(
    connection: Connection, token: str, moment: datetime, purposes: Mapping[str, GuestPurpose]
) -> tuple[Actor, AccountRef, GuestLink] | None:
    """Return who a token makes of its holder: a guest, the account with that one right and nothing that tells whose it is."""
    row = connection.execute(LOOK, {"hash": token_hash(token), "now": moment}).first()
    purpose = purposes.get(row.purpose) if row else None
    if row is None or purpose is None:
        return None
    account = AccountRef(
        row.account_id,
        row.account,
        masked(row.number),
        "",
        row.time_zone,
        row.currency,
        row.brand,
        row.organisation_id,
        "guest",
        frozenset({purpose.right}),
        0,
    )
    used = row.used_at is not None
    link = GuestLink(row.id, row.public_id, row.purpose, row.target, row.expires_at, used, row.result)
    return Actor("guest", None, row.public_id), account, link


def forget_old(db: Session, before: datetime) -> None:
    """Delete links whose time was over before this moment."""
    db.connection().execute(_OLD, {"before": before})


def masked(number: str) -> str:
    """Return the end of an account's number: enough to know one's own again, too little to use elsewhere."""
    shown = number[-TAIL:] if len(number) > 2 * TAIL else number[-2:]
    return f"•• {shown}"
