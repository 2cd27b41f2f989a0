"""What other rooms may know of documents: the events. They carry ids and codes; titles, words and bytes stay in the tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


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
