"""Answers that are papers: a template printed as PDF in the account's brand and the reader's language."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from lkportal.core.policy import AccountRef
from lkportal.theming.papers.pdf import Press
from lkportal.web.request import Request


def paper(
    request: Request, template: str, name: str, /, *, account: AccountRef | None = None, **context: Any
) -> Response:
    """Answer with the paper `template` as a PDF called `name` (without .pdf). It wears the brand of `account`, the request's own
    unless another is given, on whatever host it was asked for.

    Everything it tells of is read before: printing takes a while, so the connection is given back first. Use it on routes with
    `kind="file", limiter="papers"`. Raises NoPress (503) where the extra `pdf` is missing.
    """
    portal = request.portal
    about = account or request.account
    brand = about.brand if about else request.brand
    request.release()
    press = Press(portal.theme(brand), portal.environment(brand, request.locale), portal.assets, request.locale)
    body = press.pdf(template, {"account": about, **context})
    return Response(body, media_type="application/pdf", headers={"content-disposition": attachment(f"{name}.pdf")})


def attachment(name: str) -> str:
    """Return the Content-Disposition of a file to keep, in any alphabet (RFC 6266; old readers get the ASCII of it)."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_. ") else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
