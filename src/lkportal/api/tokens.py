"""Tokens of systems: made by staff, shown once, stored hashed; and the port by which the guard knows whose call it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, Protocol

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.api.models import Token
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
_TOUCH_EVERY = timedelta(minutes=5)
_LONGEST = 100
_NOT_GOOD = text(
    "api.token.not_good", "This token is not good: it ran out, was revoked, or is used from a network it is not for."
)
REVOKED = text("api.token.revoked_done", "Revoked: the next call with this token is refused.")
_BY_HASH = select(
    Token.id, Token.public_id, Token.name, Token.rights, Token.networks, Token.expires_at, Token.used_at
).where(Token.hash == bindparam("hashed"), Token.revoked_at.is_(None))
_ALL = select(Token).order_by(Token.revoked_at.is_not(None), Token.id.desc())
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


def add(db: Session, name: str, kinds: Sequence[str], *, days: int, networks: Sequence[str] = ()) -> tuple[str, str]:
    """Make a token for the system called `name`; return (the secret, its public id). Nobody sees the secret again.

    `kinds` are the import kinds it may push, `networks` where it may be used from (empty: anywhere), `days` how long it lives.
    Raises NoNetwork.
    """
    secret = PREFIX + secret_token()
    moment = now(db)
    row = Token(
        name=name,
        hash=token_hash(secret),
        ending=secret[-4:],
        rights=[right_of(kind) for kind in kinds],
        networks=[_network(each) for each in networks],
        created_at=moment,
        created_by=context(db).actor.label,
        expires_at=moment + timedelta(days=days),
    )
    db.add(row)
    db.flush()
    port(db, AuditLog).record(db, "api.token_added", target=row.public_id, detail={"name": name})  # type: ignore[type-abstract]
    return secret, row.public_id


def revoke(db: Session, public_id: str) -> None:
    """Take a token back: its next call is refused. Raises NotFound; one revoked already stays as it is."""
    done = update(Token).where(Token.public_id == public_id, Token.revoked_at.is_(None))
    changed = db.execute(done.values(revoked_at=now(db), revoked_by=context(db).actor.label))
    if changed.rowcount:  # type: ignore[attr-defined]
        port(db, AuditLog).record(db, "api.token_revoked", target=public_id)  # type: ignore[type-abstract]
    elif db.scalar(select(Token.id).where(Token.public_id == public_id)) is None:
        raise NotFound


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """Return all tokens, those that were not revoked first."""
    return connection.execute(_ALL).all()


class SystemTokens:
    """Fills the port TokenReader."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal

    def read(self, request: Request) -> Actor:
        """Return the system that calls. Raises NoToken."""
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
        rights = frozenset(row.rights) | ({FEED} if any(each.startswith(f"{FEED}.") for each in row.rights) else set())
        return Actor("system", row.id, row.public_id, row.name, permissions=rights)


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
