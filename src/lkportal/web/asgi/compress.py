"""Compression of answers, done in the worker thread where it holds up nobody. Static files are compressed when the portal starts."""

from __future__ import annotations

import zlib

from starlette.responses import Response

_SMALLEST = 1024
_LEVEL = 4
_GZIP = 16 + zlib.MAX_WBITS
_WORDS = ("text/", "application/json", "application/problem+json", "image/svg+xml", "application/xml")


def compress(response: Response, accepted: str) -> None:
    """Gzip the body of an answer of words over 1 KB for a browser that takes it. Streams and packed files stay as they are.

    Pages that hold a token and reflect input may be compressed because the token is masked anew each time (see csrf).
    """
    body = getattr(response, "body", b"")
    headers = response.headers
    if len(body) < _SMALLEST or "content-encoding" in headers or response.status_code == 206:
        return
    if not headers.get("content-type", "").startswith(_WORDS):
        return
    headers.add_vary_header("Accept-Encoding")
    if not takes_gzip(accepted):
        return
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    response.body = packer.compress(body) + packer.flush()
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(len(response.body))


def takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip: named and not at quality 0."""
    if "gzip" not in accepted:
        return False
    for part in accepted.split(","):
        coding, _, quality = part.partition(";")
        if coding.strip().lower() == "gzip":
            return quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
