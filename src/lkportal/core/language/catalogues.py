"""Messages of a language, merged once: what rooms and modules say, then themes and brands, then a company's own wording.
Terms of the glossary are filled in here and forms of address chosen, so that showing a text costs one look-up."""

from __future__ import annotations

import gettext as std_gettext
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
INFORMAL = "@informal"
"""The end of a key under which a catalogue keeps the wording for readers who are addressed as friends (ты, du, tu)."""
TERM = "term."
CASES = ("nom", "gen", "dat", "acc", "ins", "pre")
_PLACEHOLDER = re.compile(r"\{([A-Za-z][a-z0-9_]*)(?:\.([a-z]{3}))?\}")

Forms = tuple[str, ...]
Terms = Mapping[str, Mapping[str, str]]
"""Term -> case -> word; the case "nom" is always there."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a catalogue: its key, its English forms (one, or one and many) and its forms in the language."""

    key: str
    english: Forms
    forms: Forms


@dataclass(frozen=True)
class Voice:
    """How one brand speaks one language: `texts` are wordings by key, `terms` its glossary, `folders` its own catalogues."""

    informal: bool = False
    terms: Terms = field(default_factory=dict)
    texts: Mapping[str, Forms] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()


class Library:
    """What the rooms and modules of a portal say, read once and shared by all brands."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(dict.fromkeys(folders))
        self._kept: dict[str, dict[str, Message]] = {}
        self._english: dict[str, Forms] = {}

    def messages(self, language: str) -> Mapping[str, Message]:
        """Return the messages of a language by key, as the catalogues have them."""
        found = self._kept.get(language)
        if found is None:
            found = self._kept[language] = read_messages(language, self.folders)
        return found

    @property
    def english(self) -> Mapping[str, Forms]:
        """Every known key with its English forms: from the catalogues of all languages and from `messages.pot`."""
        if not self._english:
            languages = {path.name for folder in self.folders if folder.is_dir() for path in folder.iterdir()}
            for language in sorted(languages):
                self._english.update({m.key: m.english for m in self.messages(language.removesuffix(".pot")).values()})
        return self._english


def read_messages(language: str, folders: Iterable[Path]) -> dict[str, Message]:
    """Return the messages of `<folder>/<language>/LC_MESSAGES/messages.po` of every folder; a later folder wins."""
    found: dict[str, Message] = {}
    for folder in folders:
        for path in (folder / language / "LC_MESSAGES" / "messages.po", folder / f"{language}.pot"):
            if path.is_file():
                found.update(_read(path, path.stat().st_mtime_ns))
    return found


def compose(language: str, library: Library, voice: Voice, english: Voice | None = None) -> Words:
    """Return everything a brand says in a language. What is untranslated is said as `english` (the brand's own) says it."""
    fallback = None if language == ENGLISH else compose(ENGLISH, library, english or Voice())
    messages = {**library.messages(language), **read_messages(language, voice.folders)}
    count = plural_count(language)
    texts = {key: m.forms for key, m in messages.items() if all(m.forms) and len(m.forms) == _wanted(m, count)}
    terms = {**default_terms(library, language), **voice.terms}
    if fallback is None:
        texts = {**{key: forms for key, forms in library.english.items() if "{" in "".join(forms)}, **texts}
    _choose_address(texts, voice)
    filled = {key: tuple(fill(form, terms) for form in forms) for key, forms in texts.items()}
    return Words(language, filled, terms, fallback)


def default_terms(library: Library, language: str) -> dict[str, dict[str, str]]:
    """Return the terms that the catalogues give: `term.account` and, where the language declines, `term.account.gen`."""
    terms: dict[str, dict[str, str]] = {}
    messages = library.messages(language)
    for key in sorted(key for key in library.english if key.startswith(TERM)):
        name, _, case = key.removeprefix(TERM).partition(".")
        message = messages.get(key)
        if case and message is None:
            continue
        terms.setdefault(name, {})[case or CASES[0]] = (message.forms if message else library.english[key])[0]
    return {name: cases for name, cases in terms.items() if CASES[0] in cases}


def fill(wording: str, terms: Terms) -> str:
    """Return a wording with the company's words in place of `{account}`, `{account.gen}`, `{Account}` (a capital first).

    A case the company did not give is said in the nominative; braces around no term of ours stay as they are.
    """
    if "{" not in wording:
        return wording

    def word(match: re.Match[str]) -> str:
        name, case = match[1], match[2] or CASES[0]
        cases = terms.get(name.lower())
        if cases is None:
            return match[0]
        said = cases.get(case, cases[CASES[0]])
        return said[:1].upper() + said[1:] if name[0].isupper() else said

    return _PLACEHOLDER.sub(word, wording)


def terms_in(wording: str) -> list[tuple[str, str]]:
    """Return the (term, case) pairs that a wording asks for; the case is "" where none is named."""
    return [(name.lower(), case) for name, case in _PLACEHOLDER.findall(wording)]


@lru_cache(maxsize=64)
def plural_count(language: str) -> int:
    """Return how many plural forms a language has."""
    return Catalog(language).num_plurals


class Words(std_gettext.NullTranslations):
    """The finished words of one brand in one language, found by key: rewording the English does not lose a translation."""

    def __init__(
        self,
        language: str,
        texts: Mapping[str, Forms],
        terms: Terms | None = None,
        fallback: std_gettext.NullTranslations | None = None,
    ) -> None:
        super().__init__()
        self.plural: Callable[[int], int] = _plural(language)
        self.terms: Terms = terms or {}
        self._forms = dict(texts)
        self._single = {key: forms[0] for key, forms in texts.items()}
        if fallback is not None:
            self.add_fallback(fallback)
        said = "\n".join(f"{key}\t{forms}" for key, forms in sorted(texts.items()))
        beneath = getattr(fallback, "digest", "")
        self.digest = sha256(f"{language}\n{beneath}\n{self.terms}\n{said}".encode()).hexdigest()[:16]

    def says(self, key: str) -> bool:
        """Whether this language has the text itself, instead of falling back to English."""
        return key in self._single

    def pgettext(self, context: str, message: str) -> str:
        """Return the wording of a key; `message`, its English, when nobody gave one."""
        found = self._single.get(context)
        if found is not None:
            return found
        return super().pgettext(context, message) if self._fallback else fill(message, self.terms)  # type: ignore[attr-defined]

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """Return the wording of a key for a count."""
        forms = self._forms.get(context)
        if forms is not None:
            return forms[min(self.plural(n), len(forms) - 1)]
        if self._fallback:  # type: ignore[attr-defined]
            return super().npgettext(context, msgid1, msgid2, n)
        return fill(msgid1 if n == 1 else msgid2, self.terms)


def _choose_address(texts: dict[str, Forms], voice: Voice) -> None:
    """Let a brand that speaks informally say the informal variants, then what it worded itself. Leaves no variant behind."""
    for said in (texts, voice.texts):
        plain = {key: forms for key, forms in said.items() if not key.endswith(INFORMAL)}
        friendly = {key.removesuffix(INFORMAL): forms for key, forms in said.items() if key.endswith(INFORMAL)}
        texts.update(plain)
        if voice.informal:
            texts.update(friendly)
    for key in [key for key in texts if key.endswith(INFORMAL)]:
        del texts[key]


def _wanted(message: Message, count: int) -> int:
    return count if len(message.english) == 2 else 1


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> dict[str, Message]:
    """Return the messages of a file; read anew when the file changed. Empty and fuzzy ones count as untranslated."""
    template = path.suffix == ".pot"
    found = {}
    for each in read_po(io.BytesIO(path.read_bytes()), locale=None if template else path.parents[1].name):
        if each.id and each.context:
            english = tuple(each.id) if isinstance(each.id, tuple | list) else (each.id,)
            given = tuple(each.string) if isinstance(each.string, tuple | list) else (each.string,)
            forms = ("",) * len(given) if each.fuzzy else tuple(form or "" for form in given)
            key = str(each.context)
            found[key] = Message(key, english, forms)
    return found


@lru_cache(maxsize=64)
def _plural(language: str) -> Callable[[int], int]:
    compiled = io.BytesIO()
    write_mo(compiled, Catalog(language))
    compiled.seek(0)
    return std_gettext.GNUTranslations(compiled).plural  # type: ignore[attr-defined,no-any-return]
