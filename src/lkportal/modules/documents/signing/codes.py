"""One-time codes for signing: asked for, sent by a job that works them out anew, spent once by one conditional statement. A code is
bound to the person, their session, the document and the SHA-256 of its bytes: for other bytes it is another code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, insert, null, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from lkportal.auth.models import Identity
from lkportal.auth.one_time.minting import Mint, spoken
from lkportal.core.asked.letters import Mailer, TextMessages
from lkportal.core.columns import UTCDateTime
from lkportal.core.ids import public_id
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.documents.models import Document, SigningCode

SEND = "documents.send_code"
GUESSES = 5
_OPEN = (SigningCode.used_at.is_(None), SigningCode.expires_at > bindparam("now", type_=UTCDateTime()))
_MINE = (
    SigningCode.identity_id == bindparam("person"),
    SigningCode.document_id == bindparam("of"),
    SigningCode.session_id == bindparam("session"),
)
_ALIVE: Select[*tuple[Any, ...]] = (
    select(SigningCode.id, SigningCode.public_id, SigningCode.channel, SigningCode.address, SigningCode.asked_at)
    .where(*_MINE, SigningCode.sha256 == bindparam("sha256"), SigningCode.guesses < GUESSES, *_OPEN)
    .order_by(SigningCode.id.desc())
    .limit(1)
)
_TRY: ReturningUpdate[*tuple[Any, ...]] = (
    update(SigningCode)
    .where(SigningCode.id == bindparam("code"), SigningCode.guesses < GUESSES, *_OPEN)
    .values(
        guesses=SigningCode.guesses + 1,
        used_at=case(
            (SigningCode.code_hash == bindparam("typed"), bindparam("now", type_=UTCDateTime())), else_=null()
        ),
    )
    .returning(
        SigningCode.id,
        SigningCode.public_id,
        SigningCode.code_hash,
        SigningCode.channel,
        SigningCode.address,
        SigningCode.guesses,
        SigningCode.asked_at,
        SigningCode.sent_at,
        SigningCode.expires_at,
        SigningCode.used_at,
    )
)
_VOID = (
    update(SigningCode)
    .where(
        SigningCode.identity_id == bindparam("person"),
        SigningCode.document_id == bindparam("of"),
        SigningCode.used_at.is_(None),
    )
    .values(expires_at=bindparam("now", type_=UTCDateTime()))
)
_ROW: Select[*tuple[Any, ...]] = (
    select(
        SigningCode.id,
        SigningCode.public_id,
        SigningCode.channel,
        SigningCode.address,
        SigningCode.locale,
        SigningCode.brand,
        SigningCode.sha256,
        SigningCode.expires_at,
        Document.title,
        Document.number,
        Identity.name,
    )
    .join(Document, Document.id == SigningCode.document_id)
    .join(Identity, Identity.id == SigningCode.identity_id)
    .where(SigningCode.public_id == bindparam("public"), *_OPEN)
)
_SENT = (
    update(SigningCode)
    .where(SigningCode.id == bindparam("code"), SigningCode.sent_at.is_(None))
    .values(sent_at=bindparam("now", type_=UTCDateTime()))
)
_CONTACTS: Select[*tuple[Any, ...]] = select(
    Identity.email, Identity.email_confirmed_at, Identity.phone, Identity.phone_confirmed_at
).where(Identity.id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Whose:
    """What a code is bound to."""

    identity_id: int
    session_id: int
    document_id: int
    sha256: str

    def values(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        return {
            "person": self.identity_id,
            "session": self.session_id,
            "of": self.document_id,
            "sha256": self.sha256,
        }


def address_of(db: Session | Connection, identity_id: int, *, texts: bool) -> tuple[str, str]:
    """Return by which way a code goes and where: a confirmed phone where text messages are on, else a confirmed e-mail, else ("", "")."""
    row = db.execute(_CONTACTS, {"person": identity_id}).one()
    if texts and row.phone and row.phone_confirmed_at is not None:
        return "sms", row.phone
    return ("email", row.email) if row.email and row.email_confirmed_at is not None else ("", "")


def ask(db: Session, whose: Whose, way: tuple[str, str], locale: str, brand: str, minutes: int) -> None:
    """Write a code down in place of earlier ones and queue what sends it."""
    mint, public, moment = port(db, Mint), public_id(), now(db)
    db.execute(_VOID, {"person": whose.identity_id, "of": whose.document_id, "now": moment})
    row = {
        "public_id": public,
        "identity_id": whose.identity_id,
        "document_id": whose.document_id,
        "session_id": whose.session_id,
        "sha256": whose.sha256,
        "code_hash": _kept(mint, public, whose.sha256, mint.code(_seed(public, whose.sha256))),
        "channel": way[0],
        "address": way[1],
        "locale": locale,
        "brand": brand,
        "asked_at": moment,
        "expires_at": moment + timedelta(minutes=minutes),
    }
    db.execute(insert(SigningCode), row)
    enqueue(db, SEND, {"code": public})


def alive(db: Session | Connection, whose: Whose, moment: datetime) -> Row[Any] | None:
    """Return the code that may be typed now, or None."""
    return db.execute(_ALIVE, {**whose.values(), "now": moment}).first()


def guess(db: Session, whose: Whose, typed: str) -> Row[Any] | None:
    """Count a guess and spend the code when it fits; return its row, None for a wrong, old or used one."""
    found = alive(db, whose, now(db))
    if found is None:
        return None
    kept = _kept(port(db, Mint), found.public_id, whose.sha256, typed)
    row = db.execute(_TRY, {"code": found.id, "typed": kept, "now": now(db)}).first()
    return row if row is not None and row.used_at is not None else None


def send(ctx: JobContext, *, code: str) -> None:
    """Send a code where its row says. Tried again it is the same code; what is too late is not sent."""
    with ctx.reading() as connection:
        row = connection.execute(_ROW, {"public": code, "now": ctx.clock.now()}).first()
    if row is None:
        return
    typed = ctx.ports.get(Mint).code(_seed(row.public_id, row.sha256))
    values = {
        "name": row.name,
        "shown": spoken(typed),
        "title": row.title,
        "tail": row.sha256[-8:],
        "minutes": max(1, int((row.expires_at - ctx.clock.now()).total_seconds()) // 60),
    }
    number = message_id(row.public_id)
    if row.channel == "sms":
        texts = ctx.ports.get(TextMessages)  # type: ignore[type-abstract]
        template = "documents/texts/code"
        texts.deliver(
            to=row.address, template=template, values=values, locale=row.locale, brand=row.brand, message_id=number
        )
    else:
        mailer = ctx.ports.get(Mailer)  # type: ignore[type-abstract]
        template = "documents/letters/code"
        mailer.deliver(
            to=row.address, template=template, values=values, locale=row.locale, brand=row.brand, message_id=number
        )
    with ctx.unit() as db:
        db.execute(_SENT, {"code": row.id, "now": ctx.clock.now()})


def message_id(public: str) -> str:
    """Return the id of the message that carried a code."""
    return f"documents-code-{public}"


def _seed(public: str, sha256: str) -> str:
    return f"documents.sign {public} {sha256}"


def _kept(mint: Mint, public: str, sha256: str, code: str) -> str:
    return mint.kept(_seed(public, sha256), code)
