"""Calls of the API about documents: the list, one with its versions and history, bytes, agreeing, remarks. Signing is done on pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import Field, StringConstraints
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.datastructures import MultiDict

from lkportal.api.rest.reading import misfits
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.rest import PUBLIC_ID, ApiFile, ApiModel, ApiRoute, ApiScope, ListPage
from lkportal.core.storage import Storage
from lkportal.modules.documents import queries, service, states, views
from lkportal.modules.documents.forms import DeclineForm
from lkportal.modules.documents.office import Office
from lkportal.web import Request, read_fields

_SEE = ApiScope("documents.read", text("documents.scope.read", "See documents"), "documents.view")
_AGREE = ApiScope(
    "documents.agree",
    text("documents.scope.agree", "Agree on documents, send remarks, decline"),
    "documents.agree",
    systems=False,
)
_ON_PAGES = frozenset({"sign", "certify", "propose"})
"""Steps that need a code, a certificate or a file: they are taken on the pages."""
Side = Literal["customer", "company", "portal"]
Number = Annotated[int, Field(ge=1, le=100_000)]
Words = Annotated[str, StringConstraints(pattern=r"\S", max_length=4000)]


class DocumentOut(ApiModel):
    """A document. `asks` is what it wants of the customer, `version` the number of the version on the table; `approved`: the company
    stands behind that version. `due_at` is until when an answer is waited for."""

    id: str = Field(pattern=PUBLIC_ID)
    kind: str
    kind_title: str
    title: str
    number: str
    asks: Literal["", "agree", "sign"]
    state: Literal["issued", "waiting", "review", "agreed", "signed", "declined", "expired", "withdrawn"]
    version: int
    approved: bool
    due_at: datetime | None
    created_at: datetime
    changed_at: datetime


class VersionOut(ApiModel):
    """A version: bytes that never change, proved by `sha256`. `kept` is false once their time is over."""

    id: str = Field(pattern=PUBLIC_ID)
    number: int
    side: Side
    title: str
    media_type: str
    size: int
    sha256: str
    made_at: datetime
    kept: bool


class HappeningOut(ApiModel):
    """Something that happened to a document; `note` are words written with it, `version` the number of the version it was about."""

    act: str
    side: Side
    title: str
    note: str
    version: int
    at: datetime


class SignatureOut(ApiModel):
    """A signature under a version: `way` is simple (by a code), detached (a file) or seal (of the company)."""

    id: str = Field(pattern=PUBLIC_ID)
    way: Literal["simple", "detached", "seal"]
    side: Side
    signer: str
    verdict: str
    version: int
    signed_at: datetime


class WholeDocumentOut(DocumentOut):
    """A document with its versions and history, newest first. `may` are the steps open to a customer here: agree, remark, decline."""

    may: list[str]
    versions: list[VersionOut]
    history: list[HappeningOut]
    signatures: list[SignatureOut]


class Asked(ApiModel):
    """Only documents of this kind."""

    kind: Annotated[str, StringConstraints(max_length=60)] = ""


class AgreeIn(ApiModel):
    """Agreement with the version of this number, which was read."""

    version: Number


class RemarkIn(ApiModel):
    """Remarks on the version of this number."""

    version: Number
    remark: Words


class DeclineIn(ApiModel):
    """Why a document is declined."""

    reason: Words


def documents(request: Request, asked: Asked, page: ListPage) -> list[DocumentOut]:
    """Return the documents, newest first."""
    rows = queries.behind(request.db, request.own_account.id, asked.kind, page.wanted, page.after)
    return [DocumentOut(**_document(request, row)) for row in rows]


def document(request: Request, _asked: None) -> WholeDocumentOut:
    """Return one document with its versions, history and signatures. Raises NotFound."""
    row = _row(request, request.db)
    found = queries.history(request.db, row.id)
    told = views.history(found, request.actor.label)
    say = request.locale.render
    history = [
        HappeningOut(
            act=kept.act,
            side=cast(Side, shown.side),
            title=say(shown.text),
            note=shown.note,
            version=shown.version,
            at=shown.when,
        )
        for kept, shown in zip(reversed(found), told, strict=True)
    ]
    return WholeDocumentOut(
        **_document(request, row),
        may=_may(request, row),
        versions=[_version(each) for each in queries.versions(request.db, row.id)],
        history=history,
        signatures=[_signature(each) for each in queries.signatures(request.db, row.id)],
    )


def give_version(request: Request, _asked: None) -> ApiFile:
    """Return the bytes of a version. Raises NotFound; so it is with bytes whose time is over."""
    row = queries.version(request.db, _row(request, request.db).id, request.path_params["version"])
    if row is None or not row.file_key:
        raise NotFound
    storage = request.portal.ports.get(Storage)  # type: ignore[type-abstract]
    return ApiFile(row.title, row.media_type, row.sha256, lambda: storage.get(row.file_key))


def agree(request: Request, db: Session, data: AgreeIn) -> DocumentOut:
    """Agree with the version that was read. Raises MovedOn when another is on the table."""
    return _take(request, db, service.Step("customer", "agree", request.actor.id, seen=data.version))


def remark(request: Request, db: Session, data: RemarkIn) -> DocumentOut:
    """Write remarks on the version that was read. Raises MovedOn."""
    words = _said(data.remark, "#/remark")
    return _take(request, db, service.Step("customer", "remark", request.actor.id, seen=data.version, remark=words))


def decline(request: Request, db: Session, data: DeclineIn) -> DocumentOut:
    """Decline a document, with the reason. Raises MovedOn."""
    words = _said(data.reason, "#/reason")
    return _take(request, db, service.Step("customer", "decline", request.actor.id, remark=words))


def _take(request: Request, db: Session, step: service.Step) -> DocumentOut:
    row = _row(request, db.connection())
    service.take(db, request.own_account, row.public_id, step)
    db.flush()
    return DocumentOut(**_document(request, _row(request, db.connection())))


def _said(words: str, pointer: str) -> str:
    """Return words as the form of a refusal takes them. Raises Problem 422."""
    form = read_fields(MultiDict({"reason": words, "token": public_id()}), DeclineForm)
    if not form.valid:
        raise misfits([(pointer, each) for each in form.errors.values()])
    return form.data.reason


def _row(request: Request, connection: Connection) -> Any:
    found = queries.one(connection, request.own_account.id, request.path_params["document"])
    if found is None:
        raise NotFound
    return found


def _may(request: Request, row: Any) -> list[str]:
    if request.actor.kind != "customer" or "documents.agree" not in request.own_account.rights:
        return []
    return sorted(states.may("customer", row.state, row.asks, approved=row.approved) - _ON_PAGES)


def _document(request: Request, row: Any) -> dict[str, Any]:
    kind = request.portal.ports.get(Office).any_kind(row.kind)
    return {
        "id": row.public_id,
        "kind": row.kind,
        "kind_title": request.locale.render(kind.title) if kind else "",
        "title": row.title,
        "number": row.number,
        "asks": row.asks,
        "state": row.state,
        "version": row.version,
        "approved": row.approved,
        "due_at": row.due_at,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }


def _version(row: Any) -> VersionOut:
    return VersionOut(
        id=row.public_id,
        number=row.number,
        side=row.side,
        title=row.title,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        made_at=row.made_at,
        kept=bool(row.file_key),
    )


def _signature(row: Any) -> SignatureOut:
    return SignatureOut(
        id=row.public_id,
        way=row.way,
        side=row.side,
        signer=row.signer,
        verdict=row.verdict,
        version=row.number,
        signed_at=row.signed_at,
    )


_AT = "2026-11-20T09:00:00Z"
_DOCUMENT = {
    "id": "Dc7mK4pR2sT9vW3x",
    "kind": "documents.act",
    "kind_title": "Act",
    "title": "Act of work done, October",
    "number": "417",
    "asks": "agree",
    "state": "waiting",
    "version": 1,
    "approved": True,
    "due_at": "2026-11-30T20:59:59Z",
    "created_at": _AT,
    "changed_at": _AT,
}
_VERSION = {
    "id": "Vr5nL8qS1tU6wX2y",
    "number": 1,
    "side": "company",
    "title": "act-417.pdf",
    "media_type": "application/pdf",
    "size": 48_213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "made_at": _AT,
    "kept": True,
}
_PUBLISHED = {"act": "publish", "side": "company", "title": "Published", "note": "", "version": 1, "at": _AT}
_WHOLE = {
    **_DOCUMENT,
    "may": ["agree", "decline", "remark"],
    "versions": [_VERSION],
    "history": [_PUBLISHED],
    "signatures": [],
}
_ALL = "/accounts/{account}/documents"
_ONE = _ALL + "/{document}"
_AGREED, _REVIEW, _DECLINED = ({**_DOCUMENT, "state": state} for state in ("agreed", "review", "declined"))
_REMARK = {"version": 1, "remark": "The second line names another month."}
CALLS = [
    ApiRoute(
        "GET",
        _ALL,
        "documents",
        text("documents.call.documents", "Documents, newest first"),
        _SEE,
        documents,
        DocumentOut,
        _DOCUMENT,
        Asked,
        {"kind": "documents.act"},
        listed=True,
    ),
    ApiRoute(
        "GET",
        _ONE,
        "document",
        text("documents.call.document", "A document with its versions and history"),
        _SEE,
        document,
        WholeDocumentOut,
        _WHOLE,
    ),
    ApiRoute(
        "GET",
        _ONE + "/versions/{version}",
        "version",
        text("documents.call.version", "The bytes of a version"),
        _SEE,
        give_version,
        ApiFile,
        {},
        limiter="files",
    ),
    ApiRoute(
        "POST",
        _ONE + "/agree",
        "agree",
        text("documents.call.agree", "Agree with a version"),
        _AGREE,
        agree,
        DocumentOut,
        _AGREED,
        AgreeIn,
        {"version": 1},
    ),
    ApiRoute(
        "POST",
        _ONE + "/remarks",
        "remark",
        text("documents.call.remark", "Send remarks on a version"),
        _AGREE,
        remark,
        DocumentOut,
        _REVIEW,
        RemarkIn,
        _REMARK,
    ),
    ApiRoute(
        "POST",
        _ONE + "/decline",
        "decline",
        text("documents.call.decline", "Decline a document"),
        _AGREE,
        decline,
        DocumentOut,
        _DECLINED,
        DeclineIn,
        {"reason": "The work was not done."},
    ),
]
