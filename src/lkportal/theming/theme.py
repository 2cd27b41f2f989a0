"""A brand's theme: everything computed from its book, by one pure function. Files on disk and reports live in build.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from lkportal.theming.brand.book import BrandBook
from lkportal.theming.brand.named_files import read_text
from lkportal.theming.colour.palette import Palette, Seed, palette
from lkportal.theming.errors import BrandError
from lkportal.theming.files.css import brand_css
from lkportal.theming.files.fonts import Fonts, read_fonts
from lkportal.theming.marks.letterhead import Letterhead, letterhead
from lkportal.theming.marks.logos import Logos, read_logos


@dataclass(frozen=True)
class Theme:
    """The computed look of one brand. `css_hash` is the start of the stylesheet's SHA-256."""

    book: BrandBook
    palette: Palette
    css: str
    css_hash: str
    logos: Logos
    fonts: Fonts = field(default_factory=Fonts)

    def roles(self, mode: str = "light") -> Mapping[str, str]:
        """Role -> `#RRGGBB` in `light`, `dark`, `light-more` or `dark-more`; letters and PDF use `light`."""
        return self.palette.modes[mode]

    @cached_property
    def letterhead(self) -> Letterhead:
        """The head of this brand's letters; drawn once, when the first letter wants it."""
        own_mark = "mark" in self.book.logos
        return letterhead(self.logos, self.book.name, self.roles()["page"], own_mark=own_mark)

    @property
    def density(self) -> str:
        """`comfortable` or `compact`: the `data-density` of customers' pages until a person chooses."""
        return self.book.sections.shape.density


def build_theme(book: BrandBook) -> Theme:
    """Compute the theme of a book. Raises BrandError for a logo or a font that cannot be used and under `on_fail = "refuse"`."""
    sections = book.sections
    grown = palette(
        Seed(
            sections.color.primary,
            sections.color.accent or "",
            tinted=sections.color.surface == "tinted",
            strict=sections.policy.contrast == "AAA",
        )
    )
    if sections.policy.on_fail == "refuse":
        _refuse_unreadable(book, grown)
    fonts = read_fonts(book.fonts, book.key)
    css = brand_css(sections, grown, _own_css(book), fonts)
    return Theme(book, grown, css, sha256(css.encode()).hexdigest()[:16], read_logos(book, grown), fonts)


def _refuse_unreadable(book: BrandBook, grown: Palette) -> None:
    """`on_fail = "refuse"`: the primary must read as text on light pages just as it is."""
    for move in grown.moves:
        if (move.mode, move.role) == ("light", "link"):
            raise BrandError(
                f'{book.origins.get("color.primary", "brand.toml")}: [color] primary = "{move.before}" does not read as text '
                f'on light pages, and [policy] on_fail is "refuse". {move.after} would read; or write on_fail = "repair".'
            )


def _own_css(book: BrandBook) -> str:
    texts = []
    for folder in reversed(book.folders):
        path = folder / "brand.css"
        if path.is_file():
            texts.append(read_text(path))
    return "\n".join(texts)
