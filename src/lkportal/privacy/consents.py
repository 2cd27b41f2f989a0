"""Decisions about documents: written with their evidence, asked by pages and modules. Fills the ports Consents and Duties.
The documents themselves are read in texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from lkportal.auth.sessions import Origin
from lkportal.core.errors import Forbidden
from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.policy import Actor, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import context, now
from lkportal.privacy.contract import ConsentDecided, Decided
from lkportal.privacy.models import Decision, KeptText, Standing
from lkportal.privacy.texts import Document, Documents, Wording

How = Literal["gate", "card", "page"]
_KEEP_TEXT = insert_if_new(cast(Table, KeptText.__table__))
_FIRST = insert_if_new(cast(Table, Standing.__table__))
_WHO = (Standing.identity_id == bindparam("person"), Standing.document == bindparam("about"))
_NEXT = update(Standing).where(*_WHO).execution_options(synchronize_session=False)
STANDINGS = select(Standing.document, Standing.version, Standing.decision, Standing.at).where(
    Standing.identity_id == bindparam("person_id")
)
EVIDENCE: Select[*tuple[Any, ...]] = (
    select(
        Decision.public_id,
        Decision.document,
        Decision.version,
        Decision.locale,
        Decision.decision,
        Decision.how,
        Decision.at,
        Decision.network,
        Decision.device,
        Decision.request_id,
        Decision.text_hash,
        KeptText.body,
    )
    .outerjoin(KeptText, KeptText.hash == Decision.text_hash)
    .where(Decision.identity_id == bindparam("person_id"))
    .order_by(Decision.id.desc())
    .limit(200)
)


@dataclass(frozen=True, slots=True)
class Stand:
    """How a person stands to a document. `decision` is "" before the first; `asks`: the present version is not decided."""

    document: Document
    decision: str = ""
    version: str = ""
    at: Any = None

    @property
    def agreed(self) -> bool:
        """Whether an agreement counts now."""
        return self.decision == "agreed" and self.version in self.document.good

    @property
    def asks(self) -> bool:
        """Whether the person is to be asked: about a required document until they agree, else once a version."""
        if self.agreed:
            return False
        return self.document.required or self.version != self.document.version


def stands(connection: Session | Connection, documents: Documents, identity_id: int) -> list[Stand]:
    """Return how a person stands to every document."""
    rows = connection.execute(STANDINGS, {"person_id": identity_id}).all()
    return stands_of(documents, rows)


def stands_of(documents: Documents, rows: Iterable[Any]) -> list[Stand]:
    """Return stands from rows of STANDINGS."""
    known = {row.document: row for row in rows}
    found = []
    for each in documents.all:
        row = known.get(each.name)
        found.append(Stand(each, row.decision, row.version, row.at) if row else Stand(each))
    return found


def decide(
    db: Session, actor: Actor, document: Document, wording: Wording, decision: Decided, how: How, origin: Origin
) -> None:
    """Write what a person decided over the text they saw, with its evidence, audit and event.

    Raises Forbidden for anybody but the person: nobody of the company agrees in a customer's place.
    """
    if actor.kind != "customer" or actor.id is None or actor.on_behalf_of or context(db).on_behalf_of:
        raise Forbidden
    moment, dialect = now(db), db.get_bind().dialect.name
    text = {"hash": wording.hash, "document": document.name, "version": document.version, "locale": wording.locale}
    db.execute(_KEEP_TEXT[dialect], {**text, "body": wording.body, "kept_at": moment})
    made = public_id()
    evidence = {
        "public_id": made,
        "identity_id": actor.id,
        "document": document.name,
        "version": document.version,
        "locale": wording.locale,
        "text_hash": wording.hash,
        "purpose": document.purpose,
        "decision": decision,
        "how": how,
        "at": moment,
        "network": origin.network,
        "device": origin.device,
        "request_id": context(db).request_id,
    }
    db.execute(insert(Decision), evidence)
    stand = {"version": document.version, "decision": decision, "at": moment}
    first = {"identity_id": actor.id, "document": document.name, **stand}
    if not cast(Any, db.execute(_FIRST[dialect], first)).rowcount:
        db.connection().execute(_NEXT.values(**stand), {"person": actor.id, "about": document.name})
    detail: dict[str, str | int] = {"document": document.name, "version": document.version, "decision": decision}
    port(db, AuditLog).record(db, "privacy.consent_decided", target=made, detail=detail)  # type: ignore[type-abstract]
    emit(db, ConsentDecided(actor.public_id, document.name, document.version, document.purpose, decision))


def evidence(connection: Connection, identity_id: int) -> Sequence[Row[Any]]:
    """Return all decisions of a person with the texts they were made over, the newest first."""
    return connection.execute(EVIDENCE, {"person_id": identity_id}).all()


def _agreed(document: Document) -> ColumnElement[bool]:
    return (Standing.document == document.name) & Standing.version.in_(document.good) & (Standing.decision == "agreed")


class Given:
    """Fills the port Consents: one indexed read an answer."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def given(self, db: Session | Connection, identity_id: int, purpose: str) -> bool:
        """Return whether one person agreed."""
        return bool(self.among(db, [identity_id], purpose))

    def among(self, db: Session | Connection, identity_ids: Iterable[int], purpose: str) -> set[int]:
        """Return who of these people agreed."""
        about = self._documents.of_purpose(purpose)
        ids = list(identity_ids)
        if not about or not ids:
            return set()
        # Two documents of one purpose: agreeing to one of them is not agreeing to the other.
        rows = db.execute(
            select(Standing.identity_id)
            .where(Standing.identity_id.in_(ids), or_(*(_agreed(each) for each in about)))
            .group_by(Standing.identity_id)
            .having(func.count() == len(about))
        )
        return set(rows.scalars())


class Required:
    """Fills the port Duties: how many of the required documents a person agreed to, as a part of the session's statement."""

    route = "privacy:gate"

    def __init__(self, documents: Documents) -> None:
        self._required = documents.required

    def column(self, identity_id: ColumnElement[int]) -> ScalarSelect[int] | None:
        """Return the count as a subquery, or None when there is nothing to agree to."""
        if not self._required:
            return None
        return (
            select(func.count(Standing.id))
            .where(Standing.identity_id == identity_id, or_(*(_agreed(each) for each in self._required)))
            .scalar_subquery()
        )

    def due(self, count: int) -> bool:
        """Return whether something is still to be agreed to."""
        return count < len(self._required)


def by_document(rows: Sequence[Row[Any]]) -> Mapping[str, list[Row[Any]]]:
    """Return decisions by document, in their order."""
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.document, []).append(row)
    return found
