"""What people are told of documents: one came, one waits for them, its term ends soon. No word of a document goes into a push."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.core.notices import Due, no_event
from lkportal.core.ports import port
from lkportal.modules.documents.contract import DocumentPublished, DocumentReturned, DocumentSigned
from lkportal.modules.documents.models import Document, Signature
from lkportal.modules.documents.office import Office
from lkportal.modules.documents.states import WAITING

_FACTS = select(Document.title, Document.asks, Document.due_at, Document.seq, Document.state).where(
    Document.public_id == bindparam("document")
)

_SIGNED = (
    select(Document.title, Signature.signer)
    .join(Signature, Signature.document_id == Document.id)
    .where(Signature.public_id == bindparam("signature"))
)


def to_keep(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told of a document that asks for nothing, None for the others."""
    return None if envelope.body["asks"] else _told(db, envelope, 1)


def to_answer(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told of a new document that asks for something."""
    return _told(db, envelope, 1) if envelope.body["asks"] else None


def returned(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told when it is the customer's turn again."""
    return _told(db, envelope, envelope.body["seq"]) if envelope.body["state"] == WAITING else None


def signed(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what is told of a signature: with these hashes anybody checks the evidence later."""
    body = envelope.body
    row = db.execute(_SIGNED, {"signature": body["signature"]}).first()
    if row is None:
        return None
    return {
        "about": body["signature"],
        "title": row.title,
        "signer": row.signer,
        "head": body["head"],
        "sha256": body["sha256"],
        "link_params": {"document": body["document"]},
    }


def still_waits(connection: Connection, due: Due) -> bool:
    """Whether nothing happened to the document since: whoever acted, the customer or the company, knows better."""
    document, _, seq = due.about.partition("/")
    row = connection.execute(_FACTS, {"document": document}).first()
    return row is not None and row.state == WAITING and (not seq.isdecimal() or row.seq == int(seq))


def facts_of(document: str, row: Any, about: str, office: Office) -> dict[str, Any]:
    """Return the values of a letter about a document."""
    return {
        "about": about,
        "title": row.title,
        "asks": row.asks,
        "due": office.today(row.due_at) if row.due_at else None,
        "link_params": {"document": document},
    }


def _told(db: Session, envelope: Envelope, seq: int) -> Mapping[str, Any] | None:
    document = envelope.body["document"]
    row = db.execute(_FACTS, {"document": document}).first()
    return facts_of(document, row, f"{document}/{seq}", port(db, Office)) if row is not None else None


def _notice(name: str, event: str, topic: str, template: str, facts: Any, still_due: Any = None) -> Notice:
    return Notice(
        name, event, topic, template, facts, action="documents.view", route="documents:document", still_due=still_due
    )


REMINDER = "documents.reminder"
NOTICES = (
    _notice(
        "documents.published", DocumentPublished.name, "documents.published", "documents/notices/published", to_keep
    ),
    _notice(
        "documents.asked",
        DocumentPublished.name,
        "documents.waiting",
        "documents/notices/waits",
        to_answer,
        still_waits,
    ),
    _notice(
        "documents.returned",
        DocumentReturned.name,
        "documents.waiting",
        "documents/notices/waits",
        returned,
        still_waits,
    ),
    _notice("documents.signed", DocumentSigned.name, "documents.signed", "documents/notices/signed", signed),
    _notice(REMINDER, "", "documents.waiting", "documents/notices/soon", no_event, still_waits),
)
