"""Previews of a draft by signed link: a page, a letter and a paper in its dress. Whoever has the link sees them until it ends;
they show invented values, run no script and write nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import HTMLResponse, Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import anyone
from lkportal.notify.post.mailbox_pages import letter_as_classes
from lkportal.staff.brand import desk as office
from lkportal.staff.brand.desk import Edited
from lkportal.staff.brand.drafts import DRESS, Guise
from lkportal.theming.papers.pdf import NoPress
from lkportal.theming.papers.samples import Sample, sample_letter, sample_paper
from lkportal.web import Request, page, route

PARAMETER = "brand-draft"
WHAT: Mapping[str, Text] = {
    "page": text("staff.brand.peek.page", "A page"),
    "letter": text("staff.brand.peek.letter", "A letter"),
    "paper": text("staff.brand.peek.paper", "A paper"),
}
_DRESS = re.compile(r"[a-z0-9-]{1,90}")


@dataclass(frozen=True, slots=True)
class Peek:
    """One preview: its name, the address of its frame, and the address for a window of its own."""

    what: str
    title: Text
    url: str


def previews(request: Request, brand: Edited) -> list[Peek]:
    """Return the previews of a brand's draft, with a fresh token."""
    token = office.desk(request).drafts.link(brand.public)
    return [
        Peek(what, title, request.url("staff:brand_preview", what=what, **{PARAMETER: token}))
        for what, title in WHAT.items()
    ]


def preview(request: Request) -> Response:
    """Show a page, a letter or a paper in the dress of a draft. Without a true token there is nothing here."""
    guise = office.desk(request).drafts.find(request.site.dress) if request.site.dress else None
    what = request.path_params["what"]
    if guise is None or what not in WHAT:
        raise NotFound
    match what:
        case "letter":
            return _letter(request, guise)
        case "paper":
            return _paper(request, guise)
    return page(request, "staff/sample.html", sample=Sample(), person="", menu=[], links={}, unread=0)


def styles(request: Request) -> Response:
    """Return the styles of a letter's preview."""
    guise = office.desk(request).drafts.find(request.site.dress) if request.site.dress else None
    if guise is None:
        raise NotFound
    _, rules = letter_as_classes(_letter_html(request, guise))
    return Response(rules, media_type="text/css")


def files(request: Request) -> Response:
    """Return a file of a draft: its stylesheet, its logo. Names hold a hash, drafts are named by what they change."""
    dress, path = str(request.path_params["dress"]), str(request.path_params["file"])
    found = (
        office.desk(request).drafts.asset(dress, path) if _DRESS.fullmatch(dress) and dress.startswith(DRESS) else None
    )
    if found is None:
        raise NotFound
    headers = {"cache-control": "private, max-age=3600"}
    return Response(found.body, media_type=found.media_type, headers=headers)


def _letter(request: Request, guise: Guise) -> Response:
    html, _ = letter_as_classes(_letter_html(request, guise))
    token = request.query_params[PARAMETER]
    sheet = request.url("staff:brand_letter_css", **{PARAMETER: token})
    return HTMLResponse(html.replace("</head>", f'<link rel="stylesheet" href="{sheet}"></head>', 1))


def _letter_html(request: Request, guise: Guise) -> str:
    return sample_letter(guise.faces, guise.site.key, guise.locales.get(request.locale.code))


def _paper(request: Request, guise: Guise) -> Response:
    try:
        made: Any = sample_paper(guise.faces, guise.site.key, guise.locales.get(request.locale.code))
    except NoPress as error:
        raise NotFound("no_press", str(error.message)) from None
    return Response(made, media_type="application/pdf", headers={"content-disposition": "inline; filename=sample.pdf"})


PREVIEW_PAGES = [
    route("/brand-preview/letter.css", styles, name="brand_letter_css", policy=anyone(), kind="file"),
    route("/brand-preview/{what}", preview, name="brand_preview", policy=anyone(), kind="file"),
    route("/brand-files/{dress}/{file:path}", files, name="brand_file", policy=anyone(), kind="file"),
]
