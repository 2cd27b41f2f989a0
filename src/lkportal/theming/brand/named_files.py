"""Files of a brand: the logos and fonts its book names, looked for inside its folder, and the text of any file of it.

What is inside a logo is judged in logos.py, inside a font where faces are emitted.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lkportal.theming.brand.book import BrandFont, Sections
from lkportal.theming.errors import BrandError

LOGO_KINDS = (".svg", ".png", ".webp")
FONT_KINDS = (".woff2", ".woff", ".ttf", ".otf")


def read_text(path: Path) -> str:
    """The text of a file. Raises BrandError when it cannot be read or is not UTF-8; what a missing one means is the caller's to
    say: FileNotFoundError and NotADirectoryError go through."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as wrong:
        raise BrandError(
            f"{path} cannot be read: {wrong.strerror}. Check that it is a file this user may read."
        ) from None
    except UnicodeDecodeError:
        raise BrandError(f"{path} is not UTF-8. Save it as UTF-8 and try again.") from None


def named_files(sections: Sections, origins: Mapping[str, Path]) -> tuple[Mapping[str, Path], tuple[BrandFont, ...]]:
    """The logos by use and the fonts in order. Raises BrandError naming every file that is missing, outside or of another kind."""
    problems: list[str] = []
    logos: dict[str, Path] = {}
    for use in ("light", "dark", "mark"):
        value = getattr(sections.logo, use)
        if value is not None:
            origin = origins[f"logo.{use}"]
            place = f'{origin}: [logo] {use} = "{value}"'
            logos[use] = _found(origin, value, place, _LOGO, problems)
    fonts: list[BrandFont] = []
    for font in sections.type.fonts:
        origin = origins["type.fonts"]
        place = f'{origin}: [[type.fonts]] file = "{font.file}"'
        path = _found(origin, font.file, place, _FONT, problems)
        fonts.append(BrandFont(font.family, path, font.weight, font.style))
    if problems:
        raise BrandError(problems)
    return MappingProxyType(logos), tuple(fonts)


_LOGO = (LOGO_KINDS, "a picture the portal can show", "take the key out for a computed mark")
_FONT = (FONT_KINDS, "a font file", "take the table out: a family that is installed needs none")


def _found(origin: Path, value: str, place: str, kind: tuple[tuple[str, ...], str, str], problems: list[str]) -> Path:
    kinds, what, instead = kind
    folder = origin.parent.resolve()
    path = (folder / value).resolve()
    if not path.is_relative_to(folder):
        problems.append(f"{place} leaves the brand's folder: copy the file into it.")
    elif path.suffix.lower() not in kinds:
        problems.append(f"{place} is not {what}: save it as {' or '.join(kinds)}.")
    elif not path.is_file():
        problems.append(f"{place} does not exist: put the file there, or {instead}.")
    return path
