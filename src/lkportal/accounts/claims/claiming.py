"""Claiming an account by its number and a proof: limits first, then the proof, then the right. A number that is nobody's takes the
same steps against some other account, and whatever fails is told in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.accounts import service
from lkportal.accounts.claims.models import Claim, NotHere
from lkportal.accounts.contract import AccountClaimed, AccountRef, ClaimRefused, Role
from lkportal.accounts.models import Account, Brand, Membership
from lkportal.accounts.reaching import of_account
from lkportal.accounts.references import PLACES
from lkportal.accounts.settings import ClaimTable
from lkportal.auth.models import Identity
from lkportal.core.contributions import ClaimProof
from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import UnitContext, now, open_unit

_BY_NUMBER: Select[*tuple[Any, ...]] = PLACES.where(
    Account.number == bindparam("number"), Brand.key == bindparam("at"), Account.closed_at.is_(None)
)
_SOME = select(func.min(Account.id))
_HOLD = update(Account).where(Account.id == bindparam("of")).values(closed_at=Account.closed_at)
_HERE = Membership.id.in_(of_account(bindparam("of")))
_OWNERS = select(Membership.id).where(_HERE, Membership.role == "owner", Membership.level >= bindparam("least"))
_ANYBODY = select(Membership.id).where(_HERE, Membership.identity_id != bindparam("who"))
_RAISE = update(Membership).where(
    Membership.identity_id == bindparam("who"),
    Membership.account_id == bindparam("of"),
    Membership.revoked_at.is_(None),
    Membership.level < bindparam("least"),
)
NEWCOMERS: Select[*tuple[Any, ...]] = (
    select(Claim.public_id, Claim.role, Claim.proof, Claim.created_at, Claim.refuse_until, Identity.name)
    .join(Identity, Identity.id == Claim.identity_id)
    .join(Membership, Membership.public_id == Claim.membership)
    .where(
        Claim.account_id == bindparam("of"),
        Claim.refused_at.is_(None),
        Claim.refuse_until > bindparam("now"),
        Membership.revoked_at.is_(None),
    )
    .order_by(Claim.id.desc())
    .limit(50)
)
_REFUSE = (
    update(Claim)
    .where(
        Claim.public_id == bindparam("public"),
        Claim.account_id == bindparam("of"),
        Claim.refused_at.is_(None),
        Claim.refuse_until > bindparam("now"),
    )
    .values(refused_at=bindparam("now"))
    .returning(Claim.membership)
)


class NotProved(PortalError):
    """Number and proof do not fit: the same words for an unknown number, a wrong proof and an account that is taken."""

    def __init__(self) -> None:
        message = text(
            "accounts.claim.wrong",
            "The number and the proof do not fit together. Check both against your papers and try again.",
        )
        super().__init__("not_proved", message, 422)


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs this portal takes, in order, each with the level it gives. `table` holds limits and roles."""

    known: Mapping[str, tuple[ClaimProof, int]]
    table: ClaimTable

    @classmethod
    def of(cls, registry: Any, table: ClaimTable) -> Proofs:
        """Return the proofs that modules bring and settings take."""
        taken = [(each, table.proofs[each.name]) for each in registry.claim_proofs if each.name in table.proofs]
        return cls({proof.name: (proof, level) for proof, level in taken}, table)

    def __bool__(self) -> bool:
        return bool(self.known)


@dataclass(frozen=True, slots=True)
class Found:
    """What a claim came to: the account, the role the person has now, whether others have the account too."""

    account: AccountRef
    role: str
    joined: bool


def prove(db: Session, proof: ClaimProof, brand: str, number: str, typed: str) -> AccountRef:
    """Return the account of a number that `typed` proves. Raises NotProved, after the same work whatever is wrong.

    What proves once is spent in this unit: it must be rolled back when NotProved comes.
    """
    row = db.execute(_BY_NUMBER, {"number": number, "at": brand}).first()
    some = int(db.execute(_SOME).scalar() or 0)
    fits = proof.check(db, row.id if row else some, typed)
    if row is None or not fits:
        raise NotProved
    return AccountRef(**row._asdict())


def claim(
    database: Database, here: UnitContext, proofs: Proofs, name: str, brand: str, number: str, typed: str
) -> Found:
    """Give the unit's actor the account of a number that they prove. Limits are the caller's. Raises NotProved."""
    proof, level = proofs.known[name]
    try:
        with open_unit(database, here) as db:
            account = prove(db, proof, brand, number, typed)
            return _take(db, account, proof.name, level, proofs.table)
    except NotProved:
        refused(database, here, number, brand)
        raise


def refused(database: Database, here: UnitContext, number: str, brand: str) -> None:
    """Write down that a proof failed: for the company to see, and for the history of the account when it is one."""
    with open_unit(database, here) as db:
        log = port(db, AuditLog)  # type: ignore[type-abstract]
        log.record(db, "accounts.claimed", account=by_number(db, number, brand), outcome="refused")


def by_number(db: Session, number: str, brand: str) -> AccountRef | None:
    """Return the open account of a number as the system sees it, or None."""
    row = db.execute(_BY_NUMBER, {"number": number, "at": brand}).first()
    return AccountRef(**row._asdict()) if row else None


def _take(db: Session, account: AccountRef, proof: str, level: int, table: ClaimTable) -> Found:
    who = db.info["unit"].actor.id
    values = {"of": account.id, "who": who, "least": level, "now": now(db)}
    # Two who claim at once wait for each other here: only one of them finds nobody before.
    db.connection().execute(_HOLD, values)
    joined = db.execute(_ANYBODY, values).first() is not None
    role = table.next_role if db.execute(_OWNERS, values).first() is not None else table.first_role
    held = _held(db, values)
    if not role and not held:
        raise NotProved
    db.connection().execute(_RAISE.values(level=level), values)
    if role and role not in held and "owner" not in held:
        membership = service.grant(db, who, account, cast(Role, role), level=level)
        _tell(db, account, membership, role, proof, level, refuse_days=table.refuse_days if joined else 0)
    else:
        service.audit(db, "accounts.level_raised", account=account, level=level, proof=proof)
    return Found(account, role or held[0], joined)


def _held(db: Session, values: Mapping[str, Any]) -> Sequence[str]:
    mine = select(Membership.role).where(_HERE, Membership.identity_id == bindparam("who"))
    return db.scalars(mine, values).all()


def _tell(
    db: Session, account: AccountRef, membership: str, role: str, proof: str, level: int, *, refuse_days: int
) -> None:
    moment, made = now(db), public_id()
    row = {
        "public_id": made,
        "identity_id": db.info["unit"].actor.id,
        "account_id": account.id,
        "membership": membership,
        "role": role,
        "proof": proof,
        "level": level,
        "created_at": moment,
        "refuse_until": moment + timedelta(days=refuse_days) if refuse_days else None,
    }
    db.execute(insert(Claim), row)
    emit(db, AccountClaimed(made, membership, role, proof, level, bool(refuse_days)), account=account)
    service.audit(db, "accounts.claimed", account=account, proof=proof, level=level, role=role)


def newcomers(connection: Connection, account_id: int, moment: Any) -> Sequence[Row[Any]]:
    """Return who came to an account by a claim lately and may still be refused, newest first."""
    return connection.execute(NEWCOMERS, {"of": account_id, "now": moment}).all()


def refuse(db: Session, account: AccountRef, claim_id: str) -> None:
    """Refuse a newcomer: their right ends with this act. Raises NotHere when their time is over or they are not here."""
    values = {"public": claim_id, "of": account.id, "now": now(db)}
    membership = db.connection().execute(_REFUSE, values).scalar()
    if membership is None:
        raise NotHere
    service.revoke(db, membership, account)
    emit(db, ClaimRefused(claim_id, membership), account=account)
    service.audit(db, "accounts.newcomer_refused", account=account)
