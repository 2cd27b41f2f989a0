"""Form bodies: from bytes to fields and uploads, in the worker thread and within limits. What fields mean is in forms."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header
from starlette.datastructures import MultiDict

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text

MAX_FIELDS = 500
MAX_FILES = 20
MAX_FIELD_BYTES = 64 * 1024
_BROKEN = text("web.form.broken", "The form arrived damaged. Go back, reload the page and send it again.")
_TOO_MANY = text("web.form.too_many", "The form has too many fields. Send it in parts.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as sent: `name` and `content_type` are the sender's word and prove nothing."""

    field: str
    name: str
    content_type: str
    body: bytes


def parse_form(content_type: str, body: bytes) -> tuple[MultiDict, list[Upload]]:
    """Return fields and uploads of a form body; an unknown content type has neither.

    Raises PortalError("form_broken") 400 for bytes that are not such a form, text that is not UTF-8 or holds NUL,
    and more fields or files than any form of ours has.
    """
    kind, options = parse_options_header(content_type)
    if kind == b"application/x-www-form-urlencoded":
        pairs, uploads = _urlencoded(body), list[Upload]()
    elif kind == b"multipart/form-data":
        pairs, uploads = _multipart(body, options.get(b"boundary", b""))
    else:
        return MultiDict(), []
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise _refusal(_BROKEN)
    return MultiDict(pairs), uploads


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    if body.count(b"&") >= MAX_FIELDS:
        raise _refusal(_TOO_MANY)
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise _refusal(_BROKEN) from None


def _multipart(body: bytes, boundary: bytes) -> tuple[list[tuple[str, str]], list[Upload]]:
    pairs: list[tuple[str, str]] = []
    uploads: list[Upload] = []
    ended: list[bool] = []

    def on_field(field: Field) -> None:
        value = field.value or b""
        if len(value) > MAX_FIELD_BYTES or len(pairs) >= MAX_FIELDS:
            raise FormParserError("too many or too long fields")
        pairs.append(((field.field_name or b"").decode("utf-8"), value.decode("utf-8")))

    def on_file(file: File) -> None:
        if len(uploads) >= MAX_FILES:
            raise FormParserError("too many files")
        if file.file_name or file.size:
            uploads.append(_upload(file))

    config: dict[Any, Any] = {"MAX_MEMORY_FILE_SIZE": len(body) + 1, "UPLOAD_ERROR_ON_BAD_CTE": True}
    try:
        parser = FormParser(
            "multipart/form-data", on_field, on_file, lambda: ended.append(True), boundary, config=config
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError):
        raise _refusal(_BROKEN) from None
    if not ended:
        raise _refusal(_BROKEN)
    return pairs, uploads


def _upload(file: File) -> Upload:
    content = file.file_object
    body = content.getvalue() if isinstance(content, BytesIO) else b""
    name = (file.file_name or b"").decode("utf-8").replace("\\", "/").rpartition("/")[2]
    return Upload((file.field_name or b"").decode("utf-8"), name[:255], (file.content_type or "")[:255], body)


def _refusal(message: Text) -> PortalError:
    return PortalError("form_broken", message, 400)
