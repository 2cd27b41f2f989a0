"""Pages of the desk about a brand: its form with a live preview, publishing and going back, drafts by signed link.
Wording has its own page in routes_words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.policy import staff
from lkportal.staff.brand import desk as office
from lkportal.staff.brand.desk import Edited
from lkportal.staff.brand.form import LOGOS, BackForm, BrandForm, DraftForm, moved, refuse, shown, typed
from lkportal.staff.brand.previews import previews
from lkportal.staff.brand.store import ChangedMeanwhile
from lkportal.staff.frame import desk_page
from lkportal.theming import BrandError, installed_themes
from lkportal.theming.brand.changes import Changes
from lkportal.theming.making.report import report
from lkportal.web import Form, Request, empty_form, fragment, read_form, redirect, route

_MOST_MOVES = 8
_PICTURES = 640 * 1024


def brands(request: Request) -> Response:
    """List the brands of the portal; a single one opens at once."""
    faces = office.desk(request).live.faces.faces
    if len(faces) == 1:
        return redirect(request, "staff:brand", brand=faces[0].key)
    return desk_page(request, "staff/brands.html", brands=[face.theme.book for face in faces])


def brand(request: Request) -> Response:
    """Show the form of a brand beside what it makes of pages, letters and papers."""
    found = _edited(request)
    values = {**shown(found.base, found.changes.values), "seen": found.seen}
    return _editor(request, found, empty_form(BrandForm, values))


def save(request: Request) -> Response:
    """Save the draft. What cannot be built is refused, field by field, and changes nothing."""
    found = _edited(request)
    form = read_form(request, BrandForm)
    live = request.wants_fragment
    if not form.valid:
        return _refreshed(request, list(form.errors.values())) if live else _editor(request, found, form, 422)
    changes = typed(form.data, found.base, found.changes)
    pictures = {
        each.field: (each.body, Path(each.name).suffix.lower())
        for each in request.files
        if each.field in LOGOS and each.body
    }
    try:
        office.guise(request, found, changes)
        office.keep(request, found, changes, form.data.seen, pictures)
    except BrandError as wrong:
        refuse(form, wrong)
        return _refreshed(request, list(form.errors.values())) if live else _editor(request, found, form, 422)
    except ChangedMeanwhile as error:
        return redirect(request, "staff:brand", error.words, "bad", brand=found.key)
    if live:
        return _refreshed(request, [])
    saved = text("staff.brand.saved", "The draft is saved. Customers see it only once it is published.")
    return redirect(request, "staff:brand", saved, brand=found.key)


def publish(request: Request) -> Response:
    """Publish the draft to every process."""
    found, form = _edited(request), read_form(request, DraftForm)
    if not form.valid or not found.is_draft or form.data.seen != found.seen:
        return redirect(request, "staff:brand", ChangedMeanwhile().words, "bad", brand=found.key)
    return _published(request, found, found.changes, form.data.published, found.seen)


def back(request: Request) -> Response:
    """Publish an earlier publication anew; the draft stays."""
    found, form = _edited(request), read_form(request, BackForm)
    if not form.valid:
        raise NotFound
    earlier = {row.number: Changes.of(row.changes) for row in found.versions} | {0: Changes()}
    if form.data.number not in earlier:
        raise NotFound
    return _published(request, found, earlier[form.data.number], form.data.published, 0)


def discard(request: Request) -> Response:
    """Throw the draft away."""
    found, form = _edited(request), read_form(request, DraftForm)
    gone = text("staff.brand.discarded", "The draft is gone. What customers see did not change.")
    try:
        office.discard(request, found, form.data.seen if form.valid else 0)
    except ChangedMeanwhile as error:
        return redirect(request, "staff:brand", error.words, "bad", brand=found.key)
    return redirect(request, "staff:brand", gone, brand=found.key)


def _published(request: Request, found: Edited, changes: Changes, after: int, seen: int) -> Response:
    try:
        office.guise(request, found, changes)
        number = office.publish(request, found, changes, after, seen)
    except BrandError as wrong:
        refused = text("staff.brand.refused", "Nothing was published. %(why)s", why=" ".join(wrong.problems))
        return redirect(request, "staff:brand", refused, "bad", brand=found.key)
    except ChangedMeanwhile as error:
        return redirect(request, "staff:brand", error.words, "bad", brand=found.key)
    done = text("staff.brand.published", "Published as number %(n)s: every page, letter and paper follows.", n=number)
    return redirect(request, "staff:brand", done, brand=found.key)


def _edited(request: Request) -> Edited:
    return office.edited(request, str(request.path_params["brand"]))


def _editor(request: Request, found: Edited, form: Form[Any], status: int = 200) -> Response:
    themes = [(each.name, each.title) for each in installed_themes().values()]
    return desk_page(
        request,
        "staff/brand.html",
        status=status,
        form=form,
        themes=[("", text("staff.brand.theme_of_settings", "As in portal.toml")), *themes],
        logos=[(use, f"logo.{use}" in found.changes.files) for use in LOGOS],
        **_looks(request, found),
    )


def _refreshed(request: Request, problems: list[Text]) -> Response:
    """Answer a form that was saved while one types: the previews and the state of the brand, in place of the old ones."""
    found = _edited(request)
    return fragment(request, "staff/brand_fresh.html", problems=problems, swapped=True, **_looks(request, found))


def _looks(request: Request, found: Edited) -> dict[str, Any]:
    """Return what the check says of a brand as it stands, its previews and its publications."""
    request.visit.frames = "shows"
    moves: list[Text] = []
    notes: list[Text | str] = []
    pairs = 0
    try:
        checked = report(office.guise(request, found).faces.faces[0].theme)
        moves, pairs = [moved(each) for each in checked.moves[:_MOST_MOVES]], checked.pairs
        notes += checked.notes
    except BrandError as wrong:
        notes += wrong.problems
    return {
        "edited": found,
        "pairs": pairs,
        "moves": moves,
        "notes": notes,
        "peeks": previews(request, found) if found.is_draft else [],
        "versions": found.versions,
        "zone": request.portal.settings.portal.time_zone,
    }


_EDIT, _PUBLISH = staff("staff.brand"), staff("staff.brand", step_up=True)
BRAND_PAGES = [
    route("/brands", brands, name="brands", policy=_EDIT),
    route("/brands/{brand}", brand, name="brand", policy=_EDIT),
    route("/brands/{brand}", save, name="brand_save", policy=_EDIT, methods=("POST",), body=_PICTURES),
    route("/brands/{brand}/publish", publish, name="brand_publish", policy=_PUBLISH, methods=("POST",)),
    route("/brands/{brand}/back", back, name="brand_back", policy=_PUBLISH, methods=("POST",)),
    route("/brands/{brand}/discard", discard, name="brand_discard", policy=_EDIT, methods=("POST",)),
]
