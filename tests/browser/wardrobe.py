"""What an example can wear: its own brand book, the other brands it comes with, and its own under each installed theme."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from lkportal.theming import installed_themes
from tests.browser.stage import ROOT

EXAMPLES = tuple(sorted(file.parent.name for file in (ROOT / "examples").glob("*/portal.toml")))
_THEME = re.compile(r"^theme *=.*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outfit:
    """An example in a brand book. `theme` replaces the theme it names, "" leaves it."""

    example: str
    book: Path
    theme: str = ""

    def __str__(self) -> str:
        return f"{self.example}-{self.theme or self.book.name}"

    def cut(self, folder: Path) -> Path:
        """Return the brand book to serve: the example's, or a copy in `folder` that names the theme."""
        if not self.theme:
            return self.book
        made = folder / f"{self.example}-{self.theme}"
        shutil.copytree(self.book, made, dirs_exist_ok=True)
        text = _THEME.sub("", (self.book / "brand.toml").read_text("utf-8"))
        dressed = text.replace("[brand]\n", f'[brand]\ntheme = "{self.theme}"\n', 1)
        (made / "brand.toml").write_text(dressed, encoding="utf-8")
        return made


def outfits(example: str) -> list[Outfit]:
    """Return everything an example is to be seen in: its own book first, then its other brands, then the other themes."""
    home = ROOT / "examples" / example
    own = Outfit(example, home / "brand")
    text = (own.book / "brand.toml").read_text("utf-8")
    worn = re.search(r'^theme *= *"([^"]*)"', text, re.MULTILINE)
    others = sorted(set(installed_themes()) - {worn[1] if worn else "default"})
    more = [Outfit(example, file.parent) for file in sorted(home.glob("brands/*/brand.toml"))]
    return [own, *more, *(Outfit(example, own.book, theme) for theme in others)]
