"""What other rooms may know of privacy: its events, and the port that answers "may we?"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text

Decided = Literal["agreed", "refused", "withdrawn"]


@dataclass(frozen=True)
class ConsentDecided(Event):
    """A person agreed to a document, refused it or took their agreement back. `identity` is their public id."""

    name: ClassVar[str] = "privacy.consent_decided"
    title: ClassVar[Text | str] = text("privacy.event.consent_decided", "Consent decided on")
    identity: str
    document: str
    of_version: str
    purpose: str
    decision: str


@dataclass(frozen=True)
class ExportAsked(Event):
    """A person asked for their data."""

    name: ClassVar[str] = "privacy.export_asked"
    identity: str
    export: str


@dataclass(frozen=True)
class ExportReady(Event):
    """The data a person asked for can be downloaded."""

    name: ClassVar[str] = "privacy.export_ready"
    title: ClassVar[Text | str] = text("privacy.event.export_ready", "Copy of data made")
    identity: str
    export: str


@dataclass(frozen=True)
class ErasureAsked(Event):
    """A person wants to be erased; they may take it back for some days."""

    name: ClassVar[str] = "privacy.erasure_asked"
    title: ClassVar[Text | str] = text("privacy.event.erasure_asked", "Erasure asked for")
    identity: str
    erasure: str


@dataclass(frozen=True)
class ErasureCancelled(Event):
    """A person took back the wish to be erased."""

    name: ClassVar[str] = "privacy.erasure_cancelled"
    identity: str
    erasure: str


@dataclass(frozen=True)
class Erased(Event):
    """A person was erased: connectors let go of what they keep under this public id."""

    name: ClassVar[str] = "privacy.erased"
    identity: str
    erasure: str


class Consents(Protocol):
    """Port filled by privacy: whether people agreed to what a module is about to do.

        if port(db, Consents).given(db, person_id, "marketing"): ...

    True only while the agreement is to the present version of the text, or to one that the settings say still holds, and
    was not withdrawn. A purpose that no document speaks of is never agreed to.
    """

    def given(self, db: Session | Connection, identity_id: int, purpose: str) -> bool:
        """Return whether one person agreed."""
        ...

    def among(self, db: Session | Connection, identity_ids: Iterable[int], purpose: str) -> set[int]:
        """Return who of these people agreed."""
        ...
