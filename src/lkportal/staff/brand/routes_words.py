"""The page where staff reword texts of a brand: found by key or words, the original beside the field, kept in the brand's draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.language.catalogues import INFORMAL, Library, plural_count
from lkportal.core.language.formats import Locale
from lkportal.core.policy import staff
from lkportal.staff.brand import desk as office
from lkportal.staff.brand.desk import Edited
from lkportal.staff.brand.form import WordForm
from lkportal.staff.brand.store import ChangedMeanwhile
from lkportal.staff.frame import desk_page
from lkportal.theming import BrandError
from lkportal.theming.brand.changes import Changes
from lkportal.theming.brand.wording import checked
from lkportal.web import Request, read_form, redirect, route

_SHOWN = 20
_WORDING = text("staff.words_of.wording", "The company's wording")
_FORM = text("staff.words_of.form", "The company's wording, form %(n)s")


@dataclass(frozen=True, slots=True)
class Found:
    """One text: its key, what it says, its English, and the fields of the company's wording (name, label, value)."""

    key: str
    said: str
    english: str
    fields: tuple[tuple[str, Text, str], ...]

    @property
    def id(self) -> str:
        """The id of its part of the page."""
        return "text-" + self.key.replace(".", "-").replace("@", "-")


def words(request: Request) -> Response:
    """Find texts of a brand in one language."""
    return _page(request, _edited(request), request.query_params.get("q", ""), _language(request), {})


def save(request: Request) -> Response:
    """Keep one text in the draft. A wrong placeholder is told beside the field; an empty field brings ours back."""
    found, form = _edited(request), read_form(request, WordForm)
    if not form.valid or form.data.language not in request.portal.locales:
        raise NotFound
    data, library = form.data, office.desk(request).live.speech.library
    english = library.english.get(data.key)
    if english is None:
        raise NotFound
    value = [data.forms[name] for name in sorted(data.forms)] if len(english) == 2 else data.text.strip()
    empty = not "".join(value).strip()
    problems: list[str] = []
    if not empty:
        checked({data.key: value}, data.language, library, {}, "", problems)
    if problems:
        wrong = text("staff.brand.wrong", "%(why)s", why=problems[0].partition(f"{data.key}: ")[2] or problems[0])
        return _page(request, found, data.query, data.language, {data.key: wrong}, {data.key: value}, 422)
    changes = _reworded(found.changes, data.language, data.key, None if empty else value)
    try:
        office.guise(request, found, changes)
        office.keep(request, found, changes, data.seen, {})
    except BrandError as error:
        wrong = text("staff.brand.wrong", "%(why)s", why=" ".join(error.problems))
        return _page(request, found, data.query, data.language, {data.key: wrong}, {data.key: value}, 422)
    except ChangedMeanwhile as error:
        return redirect(request, "staff:words", error.words, "bad", brand=found.key, q=data.query)
    kept = text("staff.words_of.saved", "Kept in the draft. Publish it on the page of the look.")
    return redirect(request, "staff:words", kept, brand=found.key, q=data.query, language=data.language)


def _reworded(changes: Changes, language: str, key: str, value: str | list[str] | None) -> Changes:
    said = {name: each for name, each in changes.wording.get(language, {}).items() if name != key}
    if value is not None:
        said[key] = value
    return replace(changes, wording={**changes.wording, language: said})


def _page(
    request: Request,
    found: Edited,
    query: str,
    language: str,
    errors: Mapping[str, Text],
    typed: Mapping[str, str | list[str]] | None = None,
    status: int = 200,
) -> Response:
    speech, locales = office.desk(request).live.speech, request.portal.locales_of(found.key)
    own = {**found.changes.wording.get(language, {}), **(typed or {})}
    matching = list(islice(_matching(speech.library, locales.get(language), query, own), _SHOWN + 1))
    return desk_page(
        request,
        "staff/words_brand.html",
        status=status,
        edited=found,
        query=query,
        language=language,
        languages=locales.named,
        found=matching[:_SHOWN],
        more=len(matching) > _SHOWN,
        errors=errors,
    )


def _matching(library: Library, locale: Locale, query: str, own: Mapping[str, Any]) -> Iterator[Found]:
    """Yield the texts whose key, English, wording or changed wording holds the query; without one, what was changed."""
    wanted = query.casefold().strip()
    for key, english in sorted(library.english.items()):
        changed = own.get(key)
        if key.endswith(INFORMAL) or (not wanted and changed is None):
            continue
        said = (
            locale.pgettext(key, english[0]) if len(english) == 1 else locale.npgettext(key, english[0], english[1], 5)
        )
        haystack = f"{key}\n{said}\n{' '.join(english)}\n{changed or ''}".casefold()
        if wanted in haystack:
            yield Found(key, said, " / ".join(english), _fields(english, locale.code, changed))


def _fields(english: tuple[str, ...], language: str, changed: Any) -> tuple[tuple[str, Text, str], ...]:
    if len(english) == 1:
        return (("text", _WORDING, str(changed or "")),)
    forms = list(changed or [])
    return tuple(
        (f"forms[{place}]", replace(_FORM, params=(("n", place + 1),)), forms[place] if place < len(forms) else "")
        for place in range(plural_count(language))
    )


def _language(request: Request) -> str:
    asked = request.query_params.get("language", "")
    return asked if asked in request.portal.locales else request.portal.locales.default


def _edited(request: Request) -> Edited:
    return office.edited(request, str(request.path_params["brand"]))


WORD_PAGES = [
    route("/brands/{brand}/words", words, name="words", policy=staff("staff.brand")),
    route("/brands/{brand}/words", save, name="word_save", policy=staff("staff.brand"), methods=("POST",)),
]
