"""Prepared reads of a customer's documents. Every one is bound to an account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, String, bindparam, literal_column, or_, select

from lkportal.auth.models import Identity
from lkportal.core.search import matching
from lkportal.modules.documents.models import Document, Happening, Picture, Signature, Version
from lkportal.modules.documents.states import ALIVE, WAITING

Found = Sequence[Row[*tuple[Any, ...]]]
DOCUMENT = (
    Document.id,
    Document.public_id,
    Document.account_id,
    Document.kind,
    Document.number,
    Document.title,
    Document.asks,
    Document.state,
    Document.version,
    Document.versions,
    Document.approved,
    Document.seq,
    Document.head,
    Document.due_at,
    Document.waits_since,
    Document.created_at,
    Document.changed_at,
)
_MINE: Select[*tuple[Any, ...]] = select(*DOCUMENT).where(Document.account_id == bindparam("account_id"))
_ONE = _MINE.where(Document.public_id == bindparam("document"))
_KIND: Any = bindparam("kind", type_=String())
_BY_KIND = or_(literal_column("''") == _KIND, Document.kind == _KIND)
_NEWEST = _MINE.where(_BY_KIND).order_by(Document.id.desc()).limit(bindparam("limit"))
_LAST_SEEN = (
    select(Document.id)
    .where(Document.public_id == bindparam("after"), Document.account_id == bindparam("account_id"))
    .scalar_subquery()
)
_OLDER = _NEWEST.where(Document.id < _LAST_SEEN)
CARD: Select[*tuple[Any, ...]] = (
    select(Document.public_id, Document.title, Document.kind, Document.asks, Document.due_at)
    .where(Document.account_id == bindparam("account_id"), Document.state == WAITING)
    .order_by(Document.due_at.is_(None), Document.due_at, Document.id)
    .limit(3)
)
"""What waits for the customer on the account :account_id."""
VERSIONS: Select[*tuple[Any, ...]] = (
    select(
        Version.id,
        Version.public_id,
        Version.number,
        Version.side,
        Version.title,
        Version.media_type,
        Version.size,
        Version.sha256,
        Version.file_key,
        Version.of_version,
        Version.made_at,
    )
    .where(Version.document_id == bindparam("document_id"))
    .order_by(Version.number.desc())
)
_VERSION = VERSIONS.where(Version.public_id == bindparam("version"))
PICTURES: Select[*tuple[Any, ...]] = (
    select(Picture.public_id, Picture.number, Picture.width, Picture.height, Picture.file_key)
    .join(Version, Version.id == Picture.version_id)
    .where(Version.document_id == bindparam("document_id"))
    .order_by(Picture.number)
)
_SHOWN = PICTURES.where(Version.file_key == bindparam("file_key"))
_PICTURE = PICTURES.where(Picture.public_id == bindparam("picture"))
HISTORY: Select[*tuple[Any, ...]] = (
    select(
        Happening.seq,
        Happening.act,
        Happening.side,
        Happening.facts,
        Happening.private,
        Happening.hash,
        Happening.at,
        Identity.name.label("who"),
    )
    .outerjoin(Identity, Identity.id == Happening.identity_id)
    .where(Happening.document_id == bindparam("document_id"))
    .order_by(Happening.seq)
)
SIGNATURES: Select[*tuple[Any, ...]] = (
    select(
        Signature.public_id,
        Signature.way,
        Signature.side,
        Signature.signer,
        Signature.serial,
        Signature.verdict,
        Signature.sha256,
        Signature.file_key,
        Signature.signed_at,
        Signature.seq,
        Version.number,
    )
    .join(Version, Version.id == Signature.version_id)
    .where(Signature.document_id == bindparam("document_id"))
    .order_by(Signature.id)
)
_SIGNATURE = SIGNATURES.where(Signature.public_id == bindparam("signature"))


def recent(connection: Connection, account_id: int, kind: str, typed: str, limit: int, offset: int) -> Found:
    """Return the documents of an account, those that wait first; `kind` and words of the title or number narrow them."""
    statement = _MINE
    if kind:
        statement = statement.where(Document.kind == kind)
    found = matching(typed, Document.title, Document.number)
    if found is not None:
        statement = statement.where(found)
    ordered = statement.order_by(
        (Document.state == WAITING).desc(),
        Document.state.in_(ALIVE).desc(),
        Document.changed_at.desc(),
        Document.id.desc(),
    )
    return connection.execute(ordered.limit(limit).offset(offset), {"account_id": account_id}).all()


def behind(connection: Connection, account_id: int, kind: str, limit: int, after: str) -> Found:
    """Return the documents of an account, newest first, of a kind ("": of all), behind the one of the public id `after`."""
    values = {"account_id": account_id, "kind": kind, "limit": limit, "after": after}
    return connection.execute(_OLDER if after else _NEWEST, values).all()


def one(connection: Connection, account_id: int, document: str) -> Row[*tuple[Any, ...]] | None:
    """Return a document of an account, or None."""
    return connection.execute(_ONE, {"account_id": account_id, "document": document}).first()


def versions(connection: Connection, document_id: int) -> Found:
    """Return the versions of a document, the newest first."""
    return connection.execute(VERSIONS, {"document_id": document_id}).all()


def version(connection: Connection, document_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a version of a document by its public id, or None."""
    return connection.execute(_VERSION, {"document_id": document_id, "version": public}).first()


def pictures(connection: Connection, document_id: int, file_key: str) -> Found:
    """Return the pages of the bytes behind `file_key` as pictures, in order: versions that came back show those of the first."""
    return connection.execute(_SHOWN, {"document_id": document_id, "file_key": file_key}).all()


def picture(connection: Connection, document_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a picture of a document, or None."""
    return connection.execute(_PICTURE, {"document_id": document_id, "picture": public}).first()


def history(connection: Connection, document_id: int) -> Found:
    """Return what happened to a document, the oldest first."""
    return connection.execute(HISTORY, {"document_id": document_id}).all()


def signatures(connection: Connection, document_id: int) -> Found:
    """Return the signatures under a document."""
    return connection.execute(SIGNATURES, {"document_id": document_id}).all()


def signature(connection: Connection, document_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a signature under a document, or None."""
    return connection.execute(_SIGNATURE, {"document_id": document_id, "signature": public}).first()
