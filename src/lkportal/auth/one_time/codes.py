"""One-time codes and links: asked for by a browser, sent by a job, spent once by one conditional statement. What they open stands
in routes and own.contacts; how often letters go out in limits.

A typed code belongs to the browser that asked and to five guesses. The link of the same letter has 256 bits, no guesses and no
browser: it signs in where it is opened, so that who may not type any more still gets in by the mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, bindparam, case, delete, insert, null, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.auth.models import Code
from lkportal.auth.one_time.minting import Mint
from lkportal.auth.sessions import Origin
from lkportal.core.columns import UTCDateTime
from lkportal.core.ids import public_id, secret_token, token_hash
from lkportal.core.jobs import enqueue
from lkportal.core.unit import now

SEND = "auth.send_code"
LASTS = timedelta(minutes=10)
GUESSES = 5
SENT_MOST = 4
AGAIN_AFTER = timedelta(seconds=60)
Channel = Literal["email", "sms"]
Purpose = Literal["entry", "email", "phone"]

_OPEN = (Code.used_at.is_(None), Code.expires_at > bindparam("now"))
_TRY: ReturningUpdate[*tuple[Any, ...]] = (
    update(Code)
    .where(
        Code.browser_hash == bindparam("browser"),
        Code.purpose == bindparam("wanted_for"),
        Code.guesses < GUESSES,
        *_OPEN,
    )
    .values(
        guesses=Code.guesses + 1,
        used_at=case((Code.code_hash == bindparam("typed"), bindparam("now", type_=UTCDateTime())), else_=null()),
    )
    .returning(Code.id, Code.identity_id, Code.used_at, Code.channel)
)
_FOLLOW: ReturningUpdate[*tuple[Any, ...]] = (
    update(Code)
    .where(Code.link_hash == bindparam("link"), Code.purpose == "entry", *_OPEN)
    .values(used_at=bindparam("now"))
    .returning(Code.identity_id, Code.channel)
)
_LOOK: Select[*tuple[Any, ...]] = select(
    Code.identity_id, Code.browser_hash, Code.device, Code.network, Code.created_at
).where(Code.link_hash == bindparam("link"), Code.purpose == "entry", *_OPEN)
_AGAIN: ReturningUpdate[*tuple[Any, ...]] = (
    update(Code)
    .where(
        Code.browser_hash == bindparam("browser"),
        Code.purpose == bindparam("wanted_for"),
        Code.sent < SENT_MOST,
        Code.sent_at <= bindparam("before"),
        *_OPEN,
    )
    .values(sent=Code.sent + 1, sent_at=bindparam("now"), channel=bindparam("by"))
    .returning(Code.public_id, Code.sent)
)
_ROW: Select[*tuple[Any, ...]] = select(
    Code.public_id,
    Code.identity_id,
    Code.purpose,
    Code.channel,
    Code.target,
    Code.locale,
    Code.brand,
    Code.device,
    Code.network,
    Code.created_at,
).where(Code.public_id == bindparam("public"), *_OPEN)
_TARGET = select(Code.target).where(Code.id == bindparam("code"))
_VOID = update(Code).where(Code.identity_id == bindparam("person"), *_OPEN).values(used_at=bindparam("now"))
_OLD = delete(Code).where(Code.expires_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Asking:
    """What a code is asked for: by whom (None: nobody has this login), by which way, for which new contact."""

    purpose: Purpose
    identity_id: int | None
    channel: Channel
    origin: Origin
    locale: str
    brand: str
    target: str | None = None


def ask(db: Session, mint: Mint, asking: Asking, *, quiet: bool = False) -> str:
    """Write down that a code is asked for, queue what sends it, and return the secret of the browser's cookie.

    `quiet`: enough letters went out; the row is like any other and nothing can be typed into it.
    """
    browser, public, moment = secret_token(), public_id(), now(db)
    kept = mint.kept(browser, mint.code(public))
    row = {
        "public_id": public,
        "browser_hash": token_hash(browser),
        "purpose": asking.purpose,
        "identity_id": asking.identity_id,
        "channel": asking.channel,
        "target": asking.target,
        "code_hash": "" if quiet else kept,
        "link_hash": token_hash(mint.link(public)),
        "device": asking.origin.device,
        "network": asking.origin.network,
        "locale": asking.locale,
        "brand": asking.brand,
        "created_at": moment,
        "sent_at": moment,
        "expires_at": moment + LASTS,
    }
    db.execute(insert(Code), row)
    if not quiet:
        enqueue(db, SEND, {"code": public, "sent": 1})
    return browser


def again(db: Session, browser: str, purpose: Purpose, channel: Channel) -> bool:
    """Send the same code once more, at the earliest a minute later; say whether it is on its way."""
    moment = now(db)
    values = {
        "browser": token_hash(browser),
        "wanted_for": purpose,
        "by": channel,
        "now": moment,
        "before": moment - AGAIN_AFTER,
    }
    row = db.connection().execute(_AGAIN, values).first()
    if row is not None:
        enqueue(db, SEND, {"code": row.public_id, "sent": row.sent})
    return row is not None


def guess(db: Session, mint: Mint, browser: str, purpose: Purpose, code: str) -> Row[Any] | None:
    """Count a guess and spend the code when it fits, in one statement; return its row, None for a wrong, old or used one."""
    values = {
        "browser": token_hash(browser),
        "wanted_for": purpose,
        "typed": mint.kept(browser, code),
        "now": now(db),
    }
    row = db.connection().execute(_TRY, values).first()
    return row if row is not None and row.used_at is not None else None


def target_of(db: Session, code_id: int) -> str:
    """Return the new contact that a spent code proves."""
    return str(db.connection().execute(_TARGET, {"code": code_id}).scalar() or "")


def look(connection: Connection, link: str, moment: datetime) -> Row[Any] | None:
    """Return the row behind a link that may still be followed, without spending it."""
    return connection.execute(_LOOK, {"link": token_hash(link), "now": moment}).first()


def follow(db: Session, link: str) -> Row[Any] | None:
    """Spend a link and return its row; None when it is old, used, or somebody was quicker."""
    return db.connection().execute(_FOLLOW, {"link": token_hash(link), "now": now(db)}).first()


def to_send(connection: Connection, public: str, moment: datetime) -> Row[Any] | None:
    """Return the row of a code that is still worth sending."""
    return connection.execute(_ROW, {"public": public, "now": moment}).first()


def void(db: Session, identity_id: int) -> None:
    """Let no code of a person open anything: their contacts or their password changed."""
    db.connection().execute(_VOID, {"person": identity_id, "now": now(db)})


def forget_old(db: Session, before: datetime) -> None:
    """Delete codes that ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})
