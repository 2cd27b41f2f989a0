"""A company's own wording: `wording/<lang>.toml` of a brand's folder, by stable key, checked against what the portal says.
How wordings are merged with catalogues stands in core/catalogues."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lkportal.core.language.catalogues import CASES, INFORMAL, TERM, Forms, Library, Terms, plural_count, terms_in
from lkportal.theming.brand.named_files import read_text
from lkportal.theming.errors import BrandError

FOLDER = "wording"
TERMS = "terms"
_PARAMETER = re.compile(r"%(?:\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|(%)|(.?))", re.DOTALL)


def read_wording(
    folders: Iterable[Path], language: str, library: Library, given: Terms = MappingProxyType({})
) -> tuple[dict[str, Forms], dict[str, dict[str, str]]]:
    """Return (wordings by key, terms) of the files of a chain of brands, strongest folder first. `given` are terms that
    a wording may ask for besides the files' own: those of brand.toml.

    Raises BrandError with a sentence for each key nobody says, each wrong value and each wrong placeholder.
    """
    texts: dict[str, Forms] = {}
    terms: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for folder in reversed(tuple(folders)):
        path = folder / FOLDER / f"{language}.toml"
        if path.is_file():
            said = _read(path)
            terms.update(_terms(said.pop(TERMS, {}), path, problems))
            texts.update(checked(flat(said), language, library, {**given, **terms}, str(path), problems))
    if problems:
        raise BrandError(problems)
    return texts, terms


def flat(said: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as dotted keys: `home.title = "..."` under [accounts] is `accounts.home.title`."""
    found: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            found.update(flat(value, f"{prefix}{name}."))
        else:
            found[f"{prefix}{name}"] = value
    return found


def checked(
    said: Mapping[str, Any], language: str, library: Library, terms: Terms, where: str, problems: list[str]
) -> dict[str, Forms]:
    """Return the wordings that may be used; what is wrong with others is added to `problems`, one sentence each."""
    good: dict[str, Forms] = {}
    known_terms = {*terms, *(key.removeprefix(TERM).split(".")[0] for key in library.english if key.startswith(TERM))}
    for key, value in said.items():
        english = library.english.get(key.removesuffix(INFORMAL))
        if english is None:
            problems.append(f"{where}: {unknown_text(key, library)}")
            continue
        wrong = _wrong(value, english, plural_count(language), known_terms)
        if wrong:
            problems.append(f"{where}: {key}: {wrong}")
        else:
            good[key] = (value,) if isinstance(value, str) else tuple(value)
    return good


def unknown_text(key: str, library: Library) -> str:
    """Return the sentence about a key that no text of the portal has."""
    close = get_close_matches(key.removesuffix(INFORMAL), library.english, n=1, cutoff=0.5)
    return f"there is no text {key}. " + (
        f"Did you mean {close[0]}?" if close else "Look the key up with `lkportal texts`."
    )


def _wrong(value: Any, english: Forms, count: int, terms: set[str]) -> str:
    """Return what is wrong with a wording of a text, or ""."""
    if len(english) == 2:
        if not (isinstance(value, list) and len(value) == count and all(isinstance(form, str) for form in value)):
            return f"this text depends on a count: write a list of {count} forms, such as those of 1, 2 and 5"
        forms = value
    elif isinstance(value, str):
        forms = [value]
    else:
        return 'write the text in quotes, as "..."'
    if any(not form.strip() for form in forms):
        return "the text is empty: take the line out to have the portal's own wording"
    return next(filter(None, (_placeholders(form, english, terms, counted=len(english) == 2) for form in forms)), "")


def _placeholders(form: str, english: Forms, terms: set[str], *, counted: bool) -> str:
    expected = {name for each in english for name, _, _ in _PARAMETER.findall(each) if name}
    found = _PARAMETER.findall(form)
    given = {name for name, _, _ in found if name}
    if expected and any(not name and not percent for name, percent, _ in found):
        return "a percent sign that is no placeholder is written twice: %%"
    optional = {"n", "num"} if counted else set()
    foreign, missing = sorted(given - expected - optional), sorted(expected - given - optional)
    if foreign:
        own = f"this text has {_listed(expected)}" if expected else "this text has no placeholders"
        return f"{_listed(foreign)} is not a value of this text; {own}"
    if missing:
        return f"{_listed(missing)} is missing: the value must be said somewhere in the text"
    for term, case in terms_in(form):
        if term not in terms:
            close = get_close_matches(term, terms, n=1)
            return f"there is no term {{{term}}}. " + (
                f"Did you mean {{{close[0]}}}?" if close else f"Known: {', '.join(sorted(terms)) or 'none'}."
            )
        if case and case not in CASES:
            return f"{{{term}.{case}}}: there is no case {case}. Known: {', '.join(CASES)}"
    return ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"%({name})s" for name in sorted(names))


def _terms(said: Any, path: Path, problems: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in said.items() if isinstance(said, Mapping) else ():
        cases = {CASES[0]: value} if isinstance(value, str) else value
        if not isinstance(cases, Mapping) or CASES[0] not in cases or not set(cases) <= set(CASES):
            problems.append(
                f'{path}: [terms] {name}: write a word, as {name} = "account", or its cases with nom among '
                f"{', '.join(CASES)}."
            )
        else:
            found[name] = dict(cases)
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as wrong:
        raise BrandError(f'{path} is not TOML: {wrong}. A line is: "readings.form.hint" = "Your text".') from None
