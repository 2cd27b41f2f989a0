"""A brand book proposed from nothing but a logo: its leading colours become the fills, its name is taken from the picture."""

import re
from dataclasses import dataclass
from pathlib import Path

from lkportal.theming.brand.book import BrandBook, Colours, Identity, Sections
from lkportal.theming.brand.file import FILE
from lkportal.theming.brand.named_files import LOGO_KINDS
from lkportal.theming.colour.oklch import Lab, lab, lab_distance, lch
from lkportal.theming.errors import BrandError
from lkportal.theming.marks.logos import read_picture
from lkportal.theming.marks.raster import inks, raster

_SIDE = 320
_GREY = 0.045
"""Chroma under which a colour is ink, paper or shade, and no company's colour."""
_SAME, _OTHER = 0.09, 0.16
"""deltaE OK up to which two inks are one colour (edges are blended), and from which a second colour is worth being an accent."""
_LEAST = 0.08
"""The part of all that has a hue, from which on a second colour is one of the brand's."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour of a logo and its part 0..1 of what is drawn. `grey` tells that it has no hue to speak of."""

    colour: str
    share: float
    grey: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a logo says of a brand. `accent` is empty when there is no second colour; `square` pictures serve as the mark."""

    name: str
    inks: tuple[Ink, ...]
    primary: str
    accent: str
    square: bool
    file: Path

    @property
    def neutral(self) -> bool:
        """Whether the logo has no hue: neutrals then take no trace of one."""
        return not any(not ink.grey for ink in self.inks)

    def book(self) -> BrandBook:
        """The brand this would be, without its pictures: enough to compute and check its colours."""
        colours = Colours(
            primary=self.primary, accent=self.accent or None, surface="neutral" if self.neutral else "tinted"
        )
        return BrandBook(key="proposed", sections=Sections(brand=Identity(name=self.name), color=colours))

    def text(self) -> str:
        """The `brand.toml`, with a comment for each choice."""
        found = "\n".join(f"#   {ink.colour}  {ink.share:4.0%}{'  no hue' if ink.grey else ''}" for ink in self.inks)
        use = "mark" if self.square else "light"
        lines = [
            f"# Proposed from {self.file.name}. Its colours and how much of it each one takes:", found, "[brand]",
            f'name = "{_quoted(self.name)}"', "", "[color]", f'primary = "{self.primary}"',
            f'accent = "{self.accent}"' if self.accent else "", 'surface = "neutral"' if self.neutral else "", "", "[logo]",
            f'{use} = "assets/{self.file.name}"',
        ]  # fmt: skip
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"

    def write(self, folder: Path) -> list[Path]:
        """Write brand.toml and a copy of the logo. Raises BrandError rather than overwrite a brand."""
        target, copy = folder / FILE, folder / "assets" / self.file.name
        if target.exists():
            raise BrandError(
                f"{target} is there already: choose another folder, or take the colours out of what is printed."
            )
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(self.file.read_bytes())
        target.write_text(self.text(), "utf-8")
        return [target, copy]


def propose(file: Path) -> Proposal:
    """Look at a logo (SVG, PNG or WebP). Raises BrandError when it cannot be read or has nothing drawn in it."""
    if file.suffix.lower() not in LOGO_KINDS:
        raise BrandError(f"{file} is not a picture the portal can show: save it as {' or '.join(LOGO_KINDS)}.")
    if not file.is_file():
        raise BrandError(f"{file} does not exist: name the file of a logo.")
    picture = read_picture(file)
    image = raster(picture, _SIDE)
    drawn = sorted(inks(image), key=lambda ink: -ink[1]) if image else []
    if image is None or not drawn:
        raise BrandError(f"{file} draws nothing: export the logo once more, with its outlines.")
    found = _grouped(drawn)
    coloured = [ink for ink in found if not ink.grey]
    primary = coloured[0] if coloured else min(found, key=lambda ink: lch(ink.colour)[0])
    enough = _LEAST * sum(ink.share for ink in coloured)
    seconds = (ink.colour for ink in coloured[1:] if _apart(ink.colour, primary.colour) and ink.share >= enough)
    square = 0.8 <= image.width / image.height <= 1.25
    name = _name(file, picture.body if picture.suffix == ".svg" else b"")
    return Proposal(name, found, primary.colour, next(seconds, ""), square, file)


def _grouped(drawn: list[tuple[str, int]]) -> tuple[Ink, ...]:
    """Colours that are alike go to the most frequent of them, which stays exact; what is left of blended edges is dropped."""
    total = sum(count for _, count in drawn)
    groups: list[tuple[str, Lab, int]] = []
    for colour, count in drawn:
        seen = lab(colour)
        near = min(range(len(groups)), key=lambda place: lab_distance(groups[place][1], seen), default=-1)
        if near >= 0 and lab_distance(groups[near][1], seen) <= _SAME:
            leader, where, many = groups[near]
            groups[near] = (leader, where, many + count)
        else:
            groups.append((colour, seen, count))
    groups.sort(key=lambda group: -group[2])
    made = [Ink(colour, many / total, lch(colour)[1] < _GREY) for colour, _, many in groups if many / total >= 0.02]
    return tuple(made[:6])


def _apart(one: str, other: str) -> bool:
    return lab_distance(lab(one), lab(other)) >= _OTHER


def _name(file: Path, svg: bytes) -> str:
    title = re.search(r"<title[^>]*>([^<]{1,60})</title>", svg.decode()) if svg else None
    words = title[1].strip() if title else ""
    if words:
        return words
    plain = re.sub(r"(?i)[-_ .]*(logo|mark|sign|icon|rgb|color|colour|\d+)(?=$|[-_ .])", "", file.stem)
    return re.sub(r"[-_.]+", " ", plain).strip().capitalize() or "Your company"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
