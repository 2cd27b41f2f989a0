"""Text with stable keys. `text()` makes a lazy text; a Locale renders it. Number and date formats live in formats."""

from __future__ import annotations

import gettext as std_gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lkportal.core.language.catalogues import Library, Voice, compose

LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that waits for its reader's language: a stable key, the English wording and the values put into it."""

    key: str
    english: str
    params: tuple[tuple[str, Any], ...] = ()
    plural: str = ""
    count: int = 0

    def __str__(self) -> str:
        wording = self.plural if self.plural and self.count != 1 else self.english
        return wording % dict(self.params) if self.params else wording


def text(key: str, english: str, **params: Any) -> Text:
    """Return a lazy text. `key` is its gettext context, unique and part of the contract; params fill `%(name)s`."""
    return Text(key, english, tuple(params.items()))


def ntext(key: str, one: str, many: str, n: int, **params: Any) -> Text:
    """Return a lazy text that depends on a count `n`, also given as `%(n)s`."""
    return Text(key, one, (("n", n), *params.items()), many, n)


class Catalogue:
    """All messages of one language as one brand says them; see catalogues for what is merged and in which order."""

    def __init__(self, language: str, translations: std_gettext.NullTranslations, digest: str) -> None:
        self.language = language
        self.translations = translations
        self.digest = digest

    @classmethod
    def load(cls, language: str, folders: Iterable[Path]) -> Catalogue:
        """Return the catalogue of `language` from `<folder>/<language>/LC_MESSAGES/messages.po` of every folder."""
        return cls.of(language, Library(folders), Voice())

    @classmethod
    def of(cls, language: str, library: Library, voice: Voice, english: Voice | None = None) -> Catalogue:
        """Return what a brand says in a language; `english` is its voice where a text is untranslated."""
        words = compose(language, library, voice, english)
        return cls(language, words, words.digest)


def render(value: Text | str, translations: std_gettext.NullTranslations, show: Mapping[type, Any]) -> str:
    """Return `value` in the language of `translations`; params of a type in `show` are formatted by it."""
    if isinstance(value, str):
        return value
    if value.plural:
        wording = translations.npgettext(value.key, value.english, value.plural, value.count)
    else:
        wording = translations.pgettext(value.key, value.english)
    if not value.params:
        return wording
    values = {name: _shown(item, translations, show) for name, item in value.params}
    return wording % values


def _shown(item: Any, translations: std_gettext.NullTranslations, show: Mapping[type, Any]) -> Any:
    if isinstance(item, Text):
        return render(item, translations, show)
    formatter = show.get(type(item))
    return formatter(item) if formatter is not None else item
