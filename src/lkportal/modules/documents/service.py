"""The rules of documents: published, sent, agreed, remarked, declined. Each step is one conditional change of the document that names the
event it follows; its event, version, audit and news are of the same unit. Which steps there are stands in states, signing in signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.core.work.states import changed
from lkportal.modules.documents import states
from lkportal.modules.documents.contract import DocumentMoved, DocumentPublished, DocumentReturned, DocumentSent
from lkportal.modules.documents.evidence import chain
from lkportal.modules.documents.files.keeping import Kept
from lkportal.modules.documents.models import Document, Happening, Picture, Signature, Version

MOVED_ON = text("documents.moved_on", "The document changed meanwhile. Look at how it stands now.")
_NEW = insert_if_new(Document.__table__)  # type: ignore[arg-type]
_BY_TOKEN = select(Document).where(Document.account_id == bindparam("of"), Document.token == bindparam("token"))
_BY_PUBLIC = select(Document).where(Document.public_id == bindparam("document"))
_VERSION = select(Version).where(Version.document_id == bindparam("of"), Version.number == bindparam("number"))
_COMPANYS = (
    select(Version.number)
    .where(Version.document_id == bindparam("of"), Version.side == "company")
    .order_by(Version.number.desc())
    .limit(1)
)
_TOKENS = select(Happening.id).where(Happening.document_id == bindparam("of"), Happening.token == bindparam("token"))
PUBLISHING, SENDING = "publish", "send"


class MovedOn(PortalError):
    """The document does not stand any more as the step wants it."""

    words = MOVED_ON

    def __init__(self) -> None:
        super().__init__("documents_moved_on", MOVED_ON, 409)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document to be made: see models.Document. `token` is of the form, `kept` its bytes, `sealed` who sealed them: name, serial number."""

    kind: str
    title: str
    token: str
    kept: Kept
    number: str = ""
    asks: str = ""
    due_at: datetime | None = None
    remark: str = ""
    sealed: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does to a document. `who` is customer, company or portal; `seen` the version they looked at, 0 for any.

    `kept` are bytes of a new version, `restores` the number of the version that comes back. `facts` and `private` go into the
    event besides what every event has; `private` is what names people.
    """

    who: str
    act: str
    identity_id: int | None = None
    token: str = ""
    seen: int = 0
    remark: str = ""
    kept: Kept | None = None
    restores: int = 0
    due_at: datetime | None = None
    sealed: tuple[str, str] = ("", "")
    facts: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)


def publish(db: Session, account: AccountRef, identity_id: int | None, draft: Draft) -> tuple[Document, bool]:
    """Publish a document for an account; return it and whether it is new: the same form sent twice is one document."""
    made, is_new = _make(db, account, draft, "company", states.first(draft.asks))
    if is_new:
        step = Step(
            "company", PUBLISHING, identity_id, draft.token, remark=draft.remark, kept=draft.kept, sealed=draft.sealed
        )
        version = _begin(db, account, made, step)
        emit(db, DocumentPublished(made.public_id, made.kind, made.asks, version.sha256), account=account)
    return made, is_new


def send(db: Session, account: AccountRef, identity_id: int, draft: Draft) -> tuple[Document, bool]:
    """Send a document to the company; return it and whether it is new."""
    made, is_new = _make(db, account, draft, "customer", states.REVIEW)
    if is_new:
        step = Step("customer", SENDING, identity_id, draft.token, remark=draft.remark, kept=draft.kept)
        version = _begin(db, account, made, step)
        emit(db, DocumentSent(made.public_id, made.kind, version.sha256), account=account)
    return made, is_new


def take(db: Session, account: AccountRef, document: str, step: Step) -> Happening | None:
    """Take a step; return its event, None when the same form took it already. Raises MovedOn when it may not be taken now."""
    row = known(db, document)
    if step.token and db.execute(_TOKENS, {"of": row.id, "token": step.token}).first() is not None:
        return None
    open_to = states.may(step.who, row.state, row.asks, approved=row.approved)
    if step.act not in open_to or (step.seen and step.seen != row.version):
        raise MovedOn
    after = states.after(step.who, step.act, row.state, row.asks)
    version = _version_of(db, row, step)
    event, values = _linked(db, row, step, version, after)
    if step.due_at or after not in states.ALIVE or row.state == states.EXPIRED:
        values["due_at"] = step.due_at
    _move(db, row, values)
    db.add(event)
    _record(db, step.who, step.act, row, account)
    emit(db, DocumentMoved(row.public_id, step.act, step.who, row.state, after), account=account)
    if step.who == "company":
        emit(db, DocumentReturned(row.public_id, step.act, row.seq + 1, after), account=account)
    return event


def known(db: Session, document: str) -> Document:
    """Return a document by public id. Raises NotFound."""
    found = db.execute(_BY_PUBLIC, {"document": document}).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def version(db: Session, row: Document, number: int) -> Version:
    """Return a version of a document. Raises NotFound."""
    found = db.execute(_VERSION, {"of": row.id, "number": number}).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def note(db: Session, account: AccountRef, row: Document, step: Step) -> Happening | None:
    """Put something into the history that changes neither state nor version: a signature file. None when the same form did it already.

    Raises MovedOn.
    """
    if step.token and db.execute(_TOKENS, {"of": row.id, "token": step.token}).first() is not None:
        return None
    event, values = _linked(db, row, step, version(db, row, step.seen or row.version), row.state)
    _move(db, row, {**values, "version": row.version, "approved": row.approved})
    db.add(event)
    _record(db, step.who, step.act, row, account)
    return event


def _make(db: Session, account: AccountRef, draft: Draft, side: str, state: str) -> tuple[Document, bool]:
    moment = now(db)
    row = {
        "public_id": public_id(), "account_id": account.id, "token": draft.token, "kind": draft.kind,
        "number": draft.number, "title": draft.title, "asks": draft.asks, "state": state, "version": 1, "versions": 0,
        "approved": side == "company", "seq": 0, "head": chain.START, "due_at": draft.due_at, "waits_since": moment,
        "created_at": moment, "changed_at": moment,
    }  # fmt: skip
    is_new = changed(db.execute(_NEW[db.get_bind().dialect.name], row)) == 1
    return db.execute(_BY_TOKEN, {"of": account.id, "token": draft.token}).scalar_one(), is_new


def _begin(db: Session, account: AccountRef, made: Document, step: Step) -> Version:
    """Write the first version and event of a document that was made in this unit."""
    first = _version_of(db, made, step)
    told = {"kind": made.kind, "number": made.number, "title": made.title, "account": account.number, "asks": made.asks}
    event, values = _linked(db, made, replace(step, facts=told), first, made.state)
    _move(db, made, values)
    db.add(event)
    _record(db, step.who, step.act, made, account)
    return first


def _version_of(db: Session, row: Document, step: Step) -> Version:
    """Return the version that is on the table after a step, made when the step brings one."""
    if step.kept is not None:
        kept = step.kept
        made = _write_version(db, row, step.who, kept.title, kept.media_type, kept.stored, 0)
        if kept.pictures:
            rows = [
                {
                    "public_id": public_id(),
                    "version_id": made.id,
                    "number": at,
                    "width": width,
                    "height": height,
                    "file_key": key,
                }
                for at, (width, height, key) in enumerate(kept.pictures, 1)
            ]
            db.execute(insert(Picture), rows)
        if step.sealed[0]:
            db.add(_seal_of(db, row, made, step.sealed))
        kept.used = True
        return made
    if step.restores:
        of = version(db, row, step.restores)
        return _write_version(db, row, step.who, of.title, of.media_type, of, of.of_version or of.number)
    if step.act == "answer" and not row.approved:
        own = db.execute(_COMPANYS, {"of": row.id}).scalar()
        return version(db, row, own or row.version)
    return version(db, row, row.version)


def _seal_of(db: Session, row: Document, made: Version, sealed: tuple[str, str]) -> Signature:
    return Signature(
        public_id=public_id(), document_id=row.id, version_id=made.id, seq=row.seq + 1, way="seal", side="company",
        signer=sealed[0], serial=sealed[1], verdict="valid", sha256=made.sha256, signed_at=now(db),
    )  # fmt: skip


def _write_version(
    db: Session, row: Document, side: str, title: str, media_type: str, bytes_of: Any, of_version: int
) -> Version:
    made = Version(
        document_id=row.id,
        number=row.versions + 1,
        side=side,
        title=title,
        media_type=media_type,
        size=bytes_of.size,
        sha256=bytes_of.sha256,
        file_key=bytes_of.file_key if of_version else bytes_of.key,
        of_version=of_version,
        made_at=now(db),
    )
    db.add(made)
    db.flush()
    return made


def _linked(db: Session, row: Document, step: Step, on_table: Version, after: str) -> tuple[Happening, dict[str, Any]]:
    """Return the event of a step, linked to the one before, and how the document stands after it."""
    moment, actor = now(db), context(db).actor
    name = actor.name if step.who == "customer" else ""
    private = chain.salted({"name": name, "actor": actor.label, "remark": step.remark, **step.private})
    facts = {
        "document": row.public_id, "seq": row.seq + 1, "act": step.act, "side": step.who, "before": row.state,
        "after": after, "version": on_table.number, "sha256": on_table.sha256, "size": on_table.size,
        "media_type": on_table.media_type, "at": moment.isoformat(timespec="milliseconds"),
        "private": chain.sha256(chain.canonical(private)), **({"seal": step.sealed[1]} if step.sealed[0] else {}),
        **step.facts,
    }  # fmt: skip
    linked = chain.linked(row.head, facts)
    event = Happening(
        document_id=row.id, seq=row.seq + 1, act=step.act, side=step.who, identity_id=step.identity_id,
        token=step.token, facts=facts, private=private, hash=linked, at=moment,
    )  # fmt: skip
    stands = on_table.side == "company" or step.act == "accept" or (step.act == "answer" and row.approved)
    values: dict[str, Any] = {
        "state": after, "seq": row.seq + 1, "head": linked, "version": on_table.number, "approved": stands,
        "versions": max(row.versions, on_table.number), "changed_at": moment,
    }  # fmt: skip
    if after != row.state or step.who == "company":
        values["waits_since"] = moment
    return event, values


def _move(db: Session, row: Document, values: Mapping[str, Any]) -> None:
    """Change a document that still stands as it was read: of two steps at once one is too late."""
    statement = update(Document).where(Document.id == row.id, Document.seq == row.seq, Document.state == row.state)
    moved = statement.values(**values).execution_options(synchronize_session=False)
    if changed(db.execute(moved)) != 1:
        raise MovedOn


def _record(db: Session, who: str, act: str, row: Document, account: AccountRef) -> None:
    log = port(db, AuditLog)  # type: ignore[type-abstract]
    log.record(db, f"documents.{act if who != 'company' else 'company_' + act}", target=row.public_id, account=account)
