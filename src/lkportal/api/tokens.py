"""Tokens: of systems, made by staff, and of customers, made by themselves; shown once, stored hashed. And the port by which the
guard knows whose call it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, Protocol

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from lkportal.api.models import Token
from lkportal.auth.models import Identity
from lkportal.core.clock import Clock
from lkportal.core.db import Database
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.policy import Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.unit import context, now
from lkportal.web import Request
from lkportal.web.trust.guard import NoToken

FEED = "feed"
PREFIX = "lkp_"
MOST_OWN = 20
"""How many tokens a customer may have at once."""
_TOUCH_EVERY = timedelta(minutes=5)
_LONGEST = 100
_NOT_GOOD = text(
    "api.token.not_good", "This token is not good: it ran out, was revoked, or is used from a network it is not for."
)
REVOKED = text("api.token.revoked_done", "Revoked: the next call with this token is refused.")
_BY_HASH: Any = select(
    Token.id,
    Token.public_id,
    Token.name,
    Token.rights,
    Token.networks,
    Token.expires_at,
    Token.used_at,
    Token.identity_id,
    Identity.public_id.label("person_public"),
    Identity.name.label("person_name"),
    Identity.login,
).outerjoin_from(Token, Identity, Identity.id == Token.identity_id)
_BY_HASH = _BY_HASH.where(
    Token.hash == bindparam("hashed"),
    Token.revoked_at.is_(None),
    or_(Token.identity_id.is_(None), and_(Identity.kind == "customer", Identity.disabled_at.is_(None))),
)
_ALL = select(Token).where(Token.identity_id.is_(None)).order_by(Token.revoked_at.is_not(None), Token.id.desc())
_OWN = (
    select(Token)
    .where(Token.identity_id == bindparam("person"), Token.revoked_at.is_(None))
    .order_by(Token.id.desc())
    .limit(MOST_OWN)
)
_TOUCH = (
    update(Token.__table__)  # type: ignore[arg-type]
    .where(Token.id == bindparam("token_id"))
    .values(used_at=bindparam("moment"))
)


class NoNetwork(PortalError):
    """What was written is no network."""

    def __init__(self, written: str) -> None:
        self.words = text(
            "api.network.not", "%(written)s is no network. Write one such as 10.0.0.0/8.", written=written[:60]
        )
        super().__init__("api.network", self.words, 422)


class Portal(Protocol):
    """What the reader of tokens needs of the portal."""

    @property
    def clock(self) -> Clock: ...
    @property
    def database(self) -> Database: ...


def right_of(kind: str) -> str:
    """Return the right to push rows of an import kind: "feed.charges"."""
    return f"{FEED}.{kind}"


def add(
    db: Session,
    name: str,
    kinds: Sequence[str] = (),
    *,
    days: int,
    networks: Sequence[str] = (),
    scopes: Sequence[str] = (),
) -> tuple[str, str]:
    """Make a token for the system called `name`; return (the secret, its public id). Nobody sees the secret again.

    `kinds` are the import kinds it may push, `scopes` the calls of the API it is good for, `networks` where it may be used from
    (empty: anywhere), `days` how long it lives. Raises NoNetwork.
    """
    found = [_network(each) for each in networks]
    secret, row = _made(db, name, [*(right_of(kind) for kind in kinds), *scopes], days, networks=found)
    port(db, AuditLog).record(db, "api.token_added", target=row.public_id, detail={"name": name})  # type: ignore[type-abstract]
    return secret, row.public_id


def add_own(db: Session, identity_id: int, name: str, scopes: Sequence[str], *, days: int) -> str:
    """Make a token for a program of the customer `identity_id`; return the secret. Raises PortalError when they have too many."""
    living = select(func.count()).where(Token.identity_id == identity_id, Token.revoked_at.is_(None))
    if (db.scalar(living.where(Token.expires_at > now(db))) or 0) >= MOST_OWN:
        words = text("api.keys.too_many", "You have %(most)s keys. Revoke one that you need no more.", most=MOST_OWN)
        raise PortalError("api.too_many_keys", words, 422)
    secret, row = _made(db, name, list(scopes), days, identity_id=identity_id)
    port(db, AuditLog).record(db, "api.key_made", target=row.public_id)  # type: ignore[type-abstract]
    return secret


def revoke(db: Session, public_id: str, *, identity_id: int | None = None) -> None:
    """Take a token back, of a system or of the customer `identity_id`: its next call is refused. Raises NotFound; one revoked
    already stays as it is."""
    of = Token.identity_id.is_(None) if identity_id is None else Token.identity_id == identity_id
    done = update(Token).where(Token.public_id == public_id, of, Token.revoked_at.is_(None))
    changed = db.execute(done.values(revoked_at=now(db), revoked_by=context(db).actor.label))
    if changed.rowcount:  # type: ignore[attr-defined]
        action = "api.token_revoked" if identity_id is None else "api.key_revoked"
        port(db, AuditLog).record(db, action, target=public_id)  # type: ignore[type-abstract]
    elif db.scalar(select(Token.id).where(Token.public_id == public_id, of)) is None:
        raise NotFound


def own(connection: Connection, identity_id: int) -> Sequence[Row[Any]]:
    """Return the tokens of a customer that were not revoked, newest first."""
    return connection.execute(_OWN, {"person": identity_id}).all()


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """Return all tokens of systems, those that were not revoked first."""
    return connection.execute(_ALL).all()


class SystemTokens:
    """Fills the port TokenReader."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def read(self, request: Request) -> Actor:
        """Return the system or customer that calls. Raises NoToken."""
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            raise NoToken
        row = request.db.execute(_BY_HASH, {"hashed": token_hash(secret)}).first() if len(secret) <= _LONGEST else None
        moment = self._portal.clock.now()
        if row is None or row.expires_at <= moment or not _is_from(request, row.networks):
            raise NoToken(_NOT_GOOD)
        if row.used_at is None or moment - row.used_at >= _TOUCH_EVERY:
            request.after_answer(partial(_touch, self._portal.database, row.id, moment))
        if row.identity_id is not None:
            person = (row.identity_id, row.person_public, row.person_name, row.login)
            return Actor("customer", *person, permissions=frozenset(row.rights))
        rights = frozenset(row.rights) | ({FEED} if any(each.startswith(f"{FEED}.") for each in row.rights) else set())
        return Actor("system", row.id, row.public_id, row.name, permissions=rights)


def _made(
    db: Session,
    name: str,
    rights: list[str],
    days: int,
    *,
    networks: Sequence[str] = (),
    identity_id: int | None = None,
) -> tuple[str, Token]:
    secret, moment = PREFIX + secret_token(), now(db)
    row = Token(
        identity_id=identity_id,
        name=name,
        hash=token_hash(secret),
        ending=secret[-4:],
        rights=rights,
        networks=list(networks),
        created_at=moment,
        created_by=context(db).actor.label,
        expires_at=moment + timedelta(days=days),
    )
    db.add(row)
    db.flush()
    return secret, row


def _touch(database: Database, token_id: int, moment: datetime) -> None:
    with database.unit() as db:
        db.execute(_TOUCH, {"token_id": token_id, "moment": moment})


def _is_from(request: Request, networks: Sequence[str]) -> bool:
    if not networks:
        return True
    try:
        here = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return any(here in ip_network(each) for each in networks)


def _network(written: str) -> str:
    try:
        return str(ip_network(written.strip(), strict=False))
    except ValueError:
        raise NoNetwork(written) from None
