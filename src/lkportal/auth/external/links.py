"""Who is known elsewhere: links between a person's name at an issuer and an identity here. Rules of meeting stand in meeting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lkportal.auth.external.models import External, LogoutToken, SignedInThere, Stranger
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.models import Identity
from lkportal.auth.models import Session as Entered
from lkportal.core.ids import public_id, token_hash
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

_BY_SUBJECT: Select[*tuple[Any, ...]] = select(External.id, External.identity_id).where(
    External.issuer == bindparam("by"), External.subject == bindparam("who")
)
_OF_PERSON: Select[*tuple[Any, ...]] = (
    select(External.public_id, External.provider, External.label, External.linked_at, External.used_at)
    .where(External.identity_id == bindparam("person"))
    .order_by(External.id)
)
_INSERT = insert_if_new(External.__table__)  # type: ignore[arg-type]
_USED = update(External).where(External.id == bindparam("link")).values(used_at=bindparam("moment"))
_LINK = select(External.id).where(
    External.identity_id == bindparam("person"), External.public_id == bindparam("public")
)
_BY_MAILBOX = select(Identity.id).where(
    Identity.email == bindparam("mailbox"), Identity.email_confirmed_at.is_not(None), Identity.disabled_at.is_(None)
)
_STRANGER: Select[*tuple[Any, ...]] = select(
    Stranger.id,
    Stranger.issuer,
    Stranger.subject,
    Stranger.provider,
    Stranger.identity_id,
    Stranger.name,
    Stranger.email,
    Stranger.label,
    Stranger.two,
    Stranger.wanted,
).where(Stranger.browser_hash == bindparam("browser"), Stranger.expires_at > bindparam("now"))
_TAKE = (
    delete(Stranger)
    .where(
        Stranger.id == bindparam("stranger"),
        Stranger.browser_hash == bindparam("browser"),
        Stranger.expires_at > bindparam("now"),
    )
    .returning(Stranger.id)
)
_LOGOUT = insert_if_new(LogoutToken.__table__)  # type: ignore[arg-type]


def by_subject(connection: Connection, issuer: str, subject: str) -> Row[Any] | None:
    """Return the link of a person as an issuer names them, or None."""
    return connection.execute(_BY_SUBJECT, {"by": issuer, "who": subject}).first()


def of_person(connection: Connection, identity_id: int) -> Sequence[Row[Any]]:
    """Return the links of a person, the oldest first."""
    return connection.execute(_OF_PERSON, {"person": identity_id}).all()


def with_mailbox(connection: Connection, email: str) -> int | None:
    """Return the key of the person whose confirmed mailbox this is, or None."""
    return connection.execute(_BY_MAILBOX, {"mailbox": email}).scalars().first()


def link(db: Session, vouched: Vouched, identity_id: int) -> bool:
    """Link a person elsewhere to an identity; False when that person is linked already, to whomever. One of many racers wins."""
    row = {
        "public_id": public_id(),
        "identity_id": identity_id,
        "issuer": vouched.issuer,
        "subject": vouched.subject,
        "provider": vouched.provider,
        "label": vouched.label,
        "linked_at": now(db),
        "used_at": None,
    }
    return bool(db.connection().execute(_INSERT[db.get_bind().dialect.name], row).rowcount)


def used(db: Session, link_id: int) -> None:
    """Note that a link let its person in now."""
    db.connection().execute(_USED, {"link": link_id, "moment": now(db)})


def unlink(db: Session, identity_id: int, public: str) -> bool:
    """Take a link of a person away; False when it is not theirs."""
    found = db.connection().execute(_LINK, {"person": identity_id, "public": public}).scalar()
    if found is None:
        return False
    db.execute(delete(SignedInThere).where(SignedInThere.external_id == found))
    db.execute(delete(External).where(External.id == found))
    return True


def keep_stranger(db: Session, browser: str, vouched: Vouched, known: int | None, wanted: str, until: datetime) -> None:
    """Let a person nobody knows yet wait in this browser; one who waited there before is forgotten."""
    db.execute(delete(Stranger).where(Stranger.browser_hash == token_hash(browser)))
    row = {
        "browser_hash": token_hash(browser),
        "issuer": vouched.issuer,
        "subject": vouched.subject,
        "provider": vouched.provider,
        "identity_id": known,
        "name": vouched.name,
        "email": vouched.email,
        "label": vouched.label,
        "two": vouched.two,
        "wanted": wanted,
        "expires_at": until,
    }
    db.execute(insert(Stranger), row)


def stranger(connection: Connection, browser: str, moment: datetime) -> Row[Any] | None:
    """Return who waits in this browser, or None."""
    if not browser:
        return None
    return connection.execute(_STRANGER, {"browser": token_hash(browser), "now": moment}).first()


def take_stranger(db: Session, stranger_id: int, browser: str) -> bool:
    """Take up the one who waits in this browser; False when somebody was quicker, or the wait is over."""
    values = {"stranger": stranger_id, "browser": token_hash(browser), "now": now(db)}
    return db.connection().execute(_TAKE, values).first() is not None


def remember_session(db: Session, link_id: int, session_token: str, sid: str) -> None:
    """Note which session a sign-in elsewhere began, and the provider's own number of its session."""
    found = db.connection().execute(select(Entered.id).where(Entered.token_hash == token_hash(session_token)))
    row = {"external_id": link_id, "session_id": found.scalar_one(), "sid_hash": token_hash(sid) if sid else ""}
    db.execute(insert(SignedInThere), row)


def sessions_of(db: Session, issuer: str, subject: str, sid: str) -> list[Row[Any]]:
    """Return the living sessions that began at an issuer: all of a person's, or those of the provider's session `sid`."""
    wanted = (
        select(Entered.public_id, Identity.public_id.label("identity"), Entered.id)
        .join(Identity, Identity.id == Entered.identity_id)
        .join(SignedInThere, SignedInThere.session_id == Entered.id)
        .join(External, External.id == SignedInThere.external_id)
        .where(External.issuer == issuer, Entered.revoked_at.is_(None), Entered.expires_at > now(db))
    )
    if subject:
        wanted = wanted.where(External.subject == subject)
    if sid:
        wanted = wanted.where(SignedInThere.sid_hash == token_hash(sid))
    return list(db.connection().execute(wanted))


def end_session(db: Session, session_id: int, moment: datetime) -> None:
    """End a session that was ended at its provider, with those that crossed from it to other hosts."""
    family = or_(Entered.id == session_id, Entered.origin_id == session_id)
    db.connection().execute(update(Entered).where(family, Entered.revoked_at.is_(None)).values(revoked_at=moment))


def first_use(db: Session, issuer: str, jti: str, until: datetime) -> bool:
    """Note a logout token; False when it came before. One of many racers wins."""
    row = {"token_hash": token_hash(f"{issuer} {jti}"), "expires_at": until}
    return bool(db.connection().execute(_LOGOUT[db.get_bind().dialect.name], row).rowcount)


def providers_of(connection: Connection, identity_id: int) -> set[str]:
    """Return the providers a person may come in by."""
    return set(connection.scalars(select(External.provider).where(External.identity_id == identity_id)))


def forget_old(db: Session, before: datetime) -> None:
    """Delete strangers who went, logout tokens that ran out, and what is told of sessions that are no more."""
    connection = db.connection()
    connection.execute(delete(Stranger).where(Stranger.expires_at < before))
    connection.execute(delete(LogoutToken).where(LogoutToken.expires_at < before))
    gone = select(func.count()).where(Entered.id == SignedInThere.session_id).scalar_subquery()
    connection.execute(delete(SignedInThere).where(gone == 0))
