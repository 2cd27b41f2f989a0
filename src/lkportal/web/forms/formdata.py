"""Form bodies: from what came to fields and uploads, in the worker thread and within limits. Bodies of many parts are read in
multipart; what fields mean is in reading."""

from __future__ import annotations

from io import BytesIO
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import MultiDict

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.web.forms.body import Body
from lkportal.web.forms.multipart import MAX_FIELDS, Upload, read_multipart

_BROKEN = text("web.form.broken", "The form arrived damaged. Go back, reload the page and send it again.")
_TOO_MANY = text("web.form.too_many", "The form has too many fields. Send it in parts.")


def parse_form(content_type: str, body: Body) -> tuple[MultiDict, list[Upload]]:
    """Return fields and uploads of a form body; an unknown content type has neither.

    Raises PortalError("form_broken") 400 for bytes that are not such a form, text that is not UTF-8 or holds NUL,
    and more fields or files than any form of ours has. Uploads are open: whoever asks closes them.
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
            close_uploads(uploads)
            raise _refusal(_BROKEN)
    return MultiDict(pairs), uploads


def close_uploads(uploads: list[Upload]) -> None:
    """Let go of the files of a form."""
    for upload in uploads:
        upload.file.close()


def _urlencoded(body: Body) -> list[tuple[str, str]]:
    # One that had to go to the disk is no form of ours, and its fields would take sixty times its size.
    if not isinstance(body, bytes) or body.count(b"&") >= MAX_FIELDS:
        raise _refusal(_TOO_MANY)
    try:
        return parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise _refusal(_BROKEN) from None


def _multipart(body: Body, boundary: bytes) -> tuple[list[tuple[str, str]], list[Upload]]:
    try:
        return read_multipart(BytesIO(body) if isinstance(body, bytes) else body, boundary)
    except ValueError:
        raise _refusal(_BROKEN) from None


def _refusal(message: Text) -> PortalError:
    return PortalError("form_broken", message, 400)
