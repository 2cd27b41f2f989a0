"""Tables of documents: documents, their versions and pictures of pages, the chained history, codes, signatures, agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Document(Base):
    """A document of an account. `kind` is the name of its DocumentKind, `asks` what it wants of the customer.

    `version` is the number of the version on the table, `approved` whether the company stands behind it, `versions` how many
    there are. `seq` and `head` are the number and hash of the last event: every step names the one it follows. `token` is of the
    form it was sent by. `waits_since` is since when the side whose turn it is has it.
    """

    __tablename__ = "documents_documents"
    __table_args__ = (
        UniqueConstraint("account_id", "token"),
        Index(None, "account_id", "changed_at"),
        Index(None, "state", "waits_since"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    kind: Mapped[str] = mapped_column(String(60), nullable=False)
    number: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    title: Mapped[str] = mapped_column(String(200), nullable=False)
    asks: Mapped[str] = mapped_column(String(8), nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)
    versions: Mapped[int] = mapped_column(Integer, nullable=False)
    approved: Mapped[bool] = mapped_column(Boolean, nullable=False)
    seq: Mapped[int] = mapped_column(Integer, nullable=False)
    head: Mapped[str] = mapped_column(String(64), nullable=False)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    waits_since: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Version(Base):
    """Bytes of a document, which never change: `file_key` finds them, `sha256` proves them. `side` is who brought them.

    `of_version` is the number of the earlier version that this one brought back, 0 for new bytes.
    """

    __tablename__ = "documents_versions"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    document_id: Mapped[int] = mapped_column(big_key(), ForeignKey("documents_documents.id"), nullable=False)
    number: Mapped[int] = mapped_column(Integer, nullable=False)
    side: Mapped[str] = mapped_column(String(12), nullable=False)
    title: Mapped[str] = mapped_column(String(120), nullable=False)
    media_type: Mapped[str] = mapped_column(String(80), nullable=False)
    size: Mapped[int] = mapped_column(Integer, nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    file_key: Mapped[str] = mapped_column(String(80), nullable=False)
    of_version: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Picture(Base):
    """A page of a version as a picture, drawn once from its bytes when they came: width and height in pixels."""

    __tablename__ = "documents_pictures"
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    version_id: Mapped[int] = mapped_column(big_key(), ForeignKey("documents_versions.id"), nullable=False)
    number: Mapped[int] = mapped_column(Integer, nullable=False)
    width: Mapped[int] = mapped_column(Integer, nullable=False)
    height: Mapped[int] = mapped_column(Integer, nullable=False)
    file_key: Mapped[str] = mapped_column(String(80), nullable=False)


class Happening(Base):
    """One link of a document's history. `facts` are what is hashed, with the hash of `private`; `hash` follows from them and the hash
    before (evidence.chain). `private` holds who, from where and in which words, and may be let go of without breaking the chain.
    """

    __tablename__ = "documents_events"
    __table_args__ = (UniqueConstraint("document_id", "seq"), Index(None, "identity_id"))

    id: Mapped[int] = pk()
    document_id: Mapped[int] = mapped_column(big_key(), ForeignKey("documents_documents.id"), nullable=False)
    seq: Mapped[int] = mapped_column(Integer, nullable=False)
    act: Mapped[str] = mapped_column(String(12), nullable=False)
    side: Mapped[str] = mapped_column(String(12), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    token: Mapped[str] = mapped_column(String(16), default="", nullable=False)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    private: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    hash: Mapped[str] = mapped_column(String(64), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class SigningCode(Base):
    """A one-time code for signing one version: bound to its SHA-256, to the person and their session, to five guesses.

    `code_hash` is worth nothing without the portal's secret. `channel` and `address` are where it goes; `message_id` is the letter.
    """

    __tablename__ = "documents_codes"
    __table_args__ = (Index(None, "identity_id", "document_id"), Index(None, "expires_at"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    document_id: Mapped[int] = mapped_column(big_key(), ForeignKey("documents_documents.id"), nullable=False)
    session_id: Mapped[int] = mapped_column(big_key(), nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    code_hash: Mapped[str] = mapped_column(String(64), nullable=False)
    channel: Mapped[str] = mapped_column(String(8), nullable=False)
    address: Mapped[str] = mapped_column(String(254), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    brand: Mapped[str] = mapped_column(String(60), nullable=False)
    guesses: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Signature(Base):
    """A signature under one version. `way` is simple (a code), detached (a CMS file) or seal (of the company, inside the PDF).

    `signer` is the name in the certificate or of the person, `serial` the certificate's. `verdict` is what checking it told:
    "valid", "unknown_issuer". `file_key` holds the CMS file, "" for a simple one, whose evidence is its event.
    """

    __tablename__ = "documents_signatures"
    __table_args__ = (UniqueConstraint("version_id", "sha256"), Index(None, "identity_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    document_id: Mapped[int] = mapped_column(
        big_key(), ForeignKey("documents_documents.id"), nullable=False, index=True
    )
    version_id: Mapped[int] = mapped_column(big_key(), ForeignKey("documents_versions.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    seq: Mapped[int] = mapped_column(Integer, nullable=False)
    way: Mapped[str] = mapped_column(String(12), nullable=False)
    side: Mapped[str] = mapped_column(String(12), nullable=False)
    signer: Mapped[str] = mapped_column(String(200), nullable=False)
    serial: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    verdict: Mapped[str] = mapped_column(String(20), nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    file_key: Mapped[str] = mapped_column(String(80), default="", nullable=False)
    signed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class KeptText(Base):
    """A text as it was shown to who signed, found by its SHA-256: agreements and the words above the button."""

    __tablename__ = "documents_texts"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text(), nullable=False)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Agreement(Base):
    """A person agreed that their simple signature counts like one by hand: over which text, when, from where."""

    __tablename__ = "documents_agreements"
    __table_args__ = (UniqueConstraint("identity_id", "text_hash"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    version: Mapped[str] = mapped_column(String(20), nullable=False)
    locale: Mapped[str] = mapped_column(String(12), nullable=False)
    text_hash: Mapped[str] = mapped_column(String(64), nullable=False)
    agreed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    network: Mapped[str] = mapped_column(String(64), nullable=False)
    device: Mapped[str] = mapped_column(String(200), nullable=False)
    request_id: Mapped[str] = mapped_column(String(64), nullable=False)
