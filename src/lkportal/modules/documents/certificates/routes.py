"""Signature files of customers: taken, checked, given. And sealing a file that the company is about to publish."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import on_account
from lkportal.core.storage import Storage
from lkportal.modules.documents import queries, service
from lkportal.modules.documents.certificates import attaching, detached
from lkportal.modules.documents.certificates.seal import NotSealed, Seal
from lkportal.modules.documents.files.checking import Checked
from lkportal.modules.documents.files.keeping import ROOM
from lkportal.modules.documents.office import Office
from lkportal.web import Form, FormModel, PublicId, Request, attachment, read_form, redirect, route, unit_of_work

PDF = "application/pdf"


class SignatureForm(FormModel):
    """A signature file for the version that was shown."""

    token: PublicId
    seen: Annotated[int, Field(ge=1, le=100_000)]


def add_signature(request: Request) -> Response:
    """Take a signature file: what it says is checked, then it stands under the document."""
    row, form = _row(request), read_form(request, SignatureForm)
    upload = next((each for each in request.files if each.field == "signature" and each.size), None)
    if not form.valid or upload is None or not detached.available():
        return _back(request, row, text("documents.cms.choose", "Choose the signature file."), "warn")
    on_table = next(each for each in queries.versions(request.db, row.id) if each.number == row.version)
    storage = request.portal.ports.get(Storage)  # type: ignore[type-abstract]
    office = request.portal.ports.get(Office)
    request.release()
    try:
        if upload.size > detached.MOST_BYTES:
            raise detached.NotASignature(text("documents.cms.large", "This file is too large for a signature."))
        told = detached.certified(upload.body, storage.get(on_table.file_key), office.trusted)
    except detached.NotASignature as refused:
        return _back(request, row, refused.words, "bad")
    kept, used = storage.put(ROOM, told.body), False
    try:
        with unit_of_work(request) as db:
            data = form.data
            used = attaching.attach(
                db, request.own_account, request.actor, row.public_id, told, kept, data.token, data.seen
            )
    except service.MovedOn as error:
        return _back(request, row, error.words, "warn")
    finally:
        if not used:
            storage.delete(kept.key)
    return _back(request, row, text("documents.cms.taken", "The signature is added."), "ok")


def give_signature(request: Request) -> Response:
    """Give a signature file, to keep."""
    row = queries.signature(request.db, _row(request).id, request.path_params["signature"])
    if row is None or not row.file_key:
        raise NotFound
    body = request.portal.ports.get(Storage).get(row.file_key)  # type: ignore[type-abstract]
    headers = {"cache-control": "private, no-store", "content-disposition": attachment(f"{row.public_id}.p7s")}
    return Response(body, media_type="application/pkcs7-signature", headers=headers)


def sealed(request: Request, form: Form[Any], file: Checked | None) -> tuple[Checked | None, tuple[str, str]]:
    """Return a file with the company's seal and whose it is, where the form asks for it; else the file as it is."""
    seal = request.portal.ports.get(Seal)
    if file is None or not form.valid or not form.data.seal or not seal.on or file.media_type != PDF:
        return file, ("", "")
    try:
        made = seal.seal(file.file.read())
    except NotSealed as refused:
        form.add_error("file", refused.words)
        return None, ("", "")
    return replace(file, file=BytesIO(made.body)), (made.signer, made.serial)


def _back(request: Request, row: Any, said: Any, kind: Any) -> Response:
    return redirect(request, "documents:document", said, kind, document=row.public_id)


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.own_account.id, request.path_params["document"])
    if found is None:
        raise NotFound
    return found


CERTIFICATE_ROUTES = [
    route(
        "/{account}/{document}/signature",
        add_signature,
        name="add_signature",
        policy=on_account("documents.sign", private=True),
        methods=("POST",),
        kind="action",
        body=1024 * 1024,
        limiter="files",
    ),
    route(
        "/{account}/{document}/signature/{signature}",
        give_signature,
        name="signature",
        policy=on_account("documents.view"),
        kind="file",
        limiter="files",
    ),
]
