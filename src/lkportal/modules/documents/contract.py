"""What other rooms may know of documents: the port by which a module publishes its own, and the events. Events carry ids and codes;
titles, words and bytes stay in the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from sqlalchemy import Connection

from lkportal.accounts.contract import AccountRef
from lkportal.core.events import Event
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import JobContext


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that a module writes: the paper `template` of its own (it extends layouts/paper.html) with its `values`.

    `key` names the fact for ever ("insurance:Xk3..."): of an account it is published once. `kind` is the name of a DocumentKind, what it
    asks of the customer is asked here too. `title` and `number` are what people call it by (200 and 60 characters).
    """

    key: str
    kind: str
    title: Text | str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""


class Publishing(Protocol):
    """Port filled by documents, for modules whose things have papers: they become documents of the account, to read, sign and keep."""

    def publish(self, ctx: JobContext, account: AccountRef, paper: Paper) -> str:
        """Print a paper in the brand and first language of an account and publish it; return the public id of the document.

        Called by a job, between its units: printing takes up to a second. The same key again prints nothing and returns the same
        document. "" where the portal cannot print papers (the extra `pdf` is missing); LookupError for a kind that no module brings.
        """
        ...

    def published(self, connection: Connection, account: AccountRef, keys: Iterable[str]) -> Mapping[str, str]:
        """Return the public ids of the documents of an account by key, in one statement; what was never published is absent."""
        ...


@dataclass(frozen=True)
class DocumentPublished(Event):
    """The company published a document for an account. `asks` is what it wants of the customer: "", "agree", "sign"."""

    name: ClassVar[str] = "documents.published"
    title: ClassVar[Text | str] = text("documents.event.published", "Document published")
    document: str
    kind: str
    asks: str
    sha256: str


@dataclass(frozen=True)
class DocumentSent(Event):
    """A customer sent a document to the company."""

    name: ClassVar[str] = "documents.sent"
    title: ClassVar[Text | str] = text("documents.event.sent", "Document sent by a customer")
    document: str
    kind: str
    sha256: str


@dataclass(frozen=True)
class DocumentReturned(Event):
    """The company did something about a document and it is the customer's turn again, or theirs to know: a version, an answer."""

    name: ClassVar[str] = "documents.returned"
    title: ClassVar[Text | str] = text("documents.event.returned", "Document returned to the customer")
    document: str
    act: str
    seq: int
    state: str


@dataclass(frozen=True)
class DocumentMoved(Event):
    """A step was taken on a document. `act` and `side` as in its history, `before` and `after` are its states."""

    name: ClassVar[str] = "documents.moved"
    title: ClassVar[Text | str] = text("documents.event.moved", "Document changed its state")
    document: str
    act: str
    side: str
    before: str
    after: str


@dataclass(frozen=True)
class DocumentSigned(Event):
    """A customer signed a version of a document by a simple signature; `head` is the hash of its history from then on."""

    name: ClassVar[str] = "documents.signed"
    title: ClassVar[Text | str] = text("documents.event.signed", "Document signed")
    document: str
    signature: str
    version_number: int
    sha256: str
    head: str
