"""The voices of one portal: what each brand says in each language, merged once and shared where brands say the same.
What a company may write is judged in wording; what is merged, in core/catalogues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lkportal.core.errors import StartupError
from lkportal.core.i18n import Catalogue
from lkportal.core.language.catalogues import ENGLISH, Library, Voice
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.module import Module
from lkportal.theming.brand.book import BrandBook
from lkportal.theming.brand.wording import read_wording
from lkportal.theming.templates.layers import Layer
from lkportal.theming.templates.packages import package_folder

ROOMS = ("core", "theming", "web")
INFORMAL = "ты"


@dataclass(frozen=True)
class Speech:
    """What all brands of a portal share: its languages, the default first, its country and its library of messages."""

    languages: tuple[str, ...]
    country: str
    library: Library

    def locales(self, book: BrandBook, layers: Sequence[Layer] = ()) -> Locales:
        """Return the languages of one brand. Raises BrandError with a sentence for every wording that cannot be used."""
        voices = {code: self._voice(code, book, layers) for code in {*self.languages, ENGLISH}}
        made = {
            code: Locale(Catalogue.of(code, self.library, voices[code], voices[ENGLISH]), self.country)
            for code in self.languages
        }
        return Locales(made, self.languages[0])

    def _voice(self, language: str, book: BrandBook, layers: Sequence[Layer]) -> Voice:
        given = book.term_cases if language == self.languages[0] else {}
        texts, said = read_wording(book.folders, language, self.library, given)
        terms = {**given, **said}
        return Voice(book.sections.voice.formality == INFORMAL, terms, texts, _folders(book, layers))


def load_speech(languages: Sequence[str], modules: Iterable[Module], country: str = "") -> Speech:
    """Return the speech of a portal: words of the rooms, then of its modules in order."""
    root = Path(__file__).parents[1]
    folders = [root / room / "locale" for room in ROOMS]
    folders += [package_folder(module.package) / "locale" for module in modules]
    return Speech(tuple(languages), country, Library(folders))


def voices(
    speech: Speech,
    brands: Iterable[tuple[BrandBook, Sequence[Layer]]],
    keep: Mapping[str, Locales] | None = None,
    refuse: Callable[[str, str], object] | None = None,
) -> Mapping[str, Locales]:
    """Return the languages of every brand by its key. Brands that say the same share them.

    A brand whose words cannot be read goes on with those of `keep`, and `refuse` is told its key and why; one that is not there raises
    StartupError.
    """
    found: dict[str, Locales] = {}
    shared: dict[tuple[str, ...], Locales] = {}
    for book, layers in brands:
        try:
            made = speech.locales(book, layers)
        except StartupError as error:
            if not keep or book.key not in keep or refuse is None:
                raise
            made = keep[book.key]
            refuse(book.key, str(error.message))
        digests = tuple(locale.catalogue.digest for locale in made)
        found[book.key] = shared.setdefault(digests, made)
    return found


def _folders(book: BrandBook, layers: Sequence[Layer]) -> tuple[Path, ...]:
    """Return the catalogues of themes, then of brands, the strongest last."""
    themes = [layer.templates or layer.static for layer in layers if layer.kind == "theme"]
    owners = [folder.parent for folder in reversed(themes) if folder is not None]
    return tuple(folder / "locale" for folder in (*owners, *reversed(book.folders)))
