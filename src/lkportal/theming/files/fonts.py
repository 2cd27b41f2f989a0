"""A brand's font files as faces of its stylesheet, and beside each family stand-ins of the same measure: a font that every
computer has, stretched so that words are as wide and lines as high, so that nothing moves when the real one arrives."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont, TTLibError

from lkportal.theming.brand.book import BrandFont
from lkportal.theming.errors import BrandError

_WIDTHS = Path(__file__).parents[1] / "letters" / "fallback-widths.json"
"""Advances of Arial (and all fonts of its measure), Roboto and DejaVu Sans at 400 and 700, in thousandths of the em."""
_LOCAL = {
    "Arial": (
        ("Arial", "Liberation Sans", "Arimo"),
        ("Arial Bold", "Arial-BoldMT", "Liberation Sans Bold", "Arimo Bold"),
    ),
    "Roboto": (("Roboto", "Roboto Regular"), ("Roboto Bold", "Roboto-Bold")),
    "DejaVu": (("DejaVu Sans",), ("DejaVu Sans Bold", "DejaVuSans-Bold")),
}
"""Stand-in -> names of its plain and its bold file: Windows, Apple and most of Linux; Android; what is left of Linux."""
_FORMATS = {".woff2": "woff2", ".woff": "woff", ".ttf": "truetype", ".otf": "opentype"}
_MEDIUM = "100 550", "551 1000"
_PLAIN, _BOLD = 400, 600
_SAMPLES = (
    "Due for October, by 30 November. Send the readings of your hot and cold water meters, "
    "see past bills, requests and the contract; sums as of the 12th, it is safe to pay.",
    "КоплатезаоктябрьдоноябряПередайтепоказаниясчётчиковгорячейихолоднойводы"
    "посмотритепрошлыесчетазаявкиидоговорсуммыначислоплатитьможно",
)
"""Texts by whose width a stand-in is chosen: Latin with all that both scripts share, and Cyrillic letters alone."""
_SPREADS = "", ";unicode-range:U+400-52F"
_MOST = 1_000_000
_TYPO = 1 << 7


@dataclass(frozen=True, slots=True)
class Face:
    """One font file ready to serve: `name` in the brand's folder of static files, `signs` are the code points it draws."""

    name: str
    family: str
    weight: str
    style: str
    body: bytes
    signs: frozenset[int]

    def draws(self, letters: str) -> bool:
        """Whether all of `letters` are in the file."""
        return all(ord(letter) in self.signs for letter in letters)

    @property
    def plain(self) -> bool:
        """Whether ordinary text is set in it."""
        first, _, last = self.weight.partition(" ")
        return self.style == "normal" and int(first) <= _PLAIN <= int(last or first)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The faces of a brand, the `@font-face` rules that bring them, and stand-ins by family, best first."""

    faces: tuple[Face, ...] = ()
    css: str = ""
    stand_ins: Mapping[str, tuple[str, ...]] | None = None

    def named(self, families: Iterable[str]) -> Iterator[str]:
        """Yield families with the stand-ins of those that come as files after them."""
        for family in families:
            yield family
            yield from (self.stand_ins or {}).get(family, ())


def read_fonts(fonts: Sequence[BrandFont], key: str) -> Fonts:
    """Read the font files of brand `key`. Raises BrandError for a file that is no font, or too heavy to send to a phone."""
    faces: list[Face] = []
    rules: list[str] = []
    stand_ins: dict[str, tuple[str, ...]] = {}
    for family, group in groupby(
        sorted(enumerate(fonts), key=lambda pair: (pair[1].family, pair[0])), lambda pair: pair[1].family
    ):
        found = [_face(font, f"brand/{key}-font-{place}{font.path.suffix.lower()}") for place, font in group]
        faces += [face for face, _ in found]
        rules += [_rule(face, [each for each, _ in found]) for face, _ in found]
        stood = fallback_faces(family, [(face, opened) for face, opened in found if face.style == "normal"])
        stand_ins[family] = tuple(dict.fromkeys(name for name, _ in stood))
        rules += [rule for _, rule in stood]
    return Fonts(tuple(faces), "\n".join(rules), stand_ins)


@dataclass(frozen=True, slots=True)
class Measure:
    """What a stand-in must match, in ems: advances of signs by weight, and `lines`: ascent, descent, line-gap."""

    widths: Mapping[int, Mapping[str, float]]
    lines: Mapping[str, float]


def fallback_faces(family: str, files: Sequence[tuple[Face, Measure]]) -> list[tuple[str, str]]:
    """Return pairs of a stand-in's name and an `@font-face` rule for a family: each local font at two weights, and apart for
    Cyrillic where that has another width."""
    made = []
    for local, weights in _known_widths().items() if files else ():
        for place, weight in enumerate((_PLAIN, _BOLD)):
            known, advances = weights["400" if weight == _PLAIN else "700"], _advances(files, weight)
            lines = _nearest(files, weight)[0][1].lines
            for spread, sample in zip(_SPREADS, _SAMPLES, strict=True):
                ratio = _ratio(sample, advances, known)
                if ratio:
                    name, source = f"{family} {local}", _LOCAL[local][place]
                    made.append((name, _stand_in(name, source, f"{_MEDIUM[place]}{spread}", ratio, lines)))
    return made


def _stand_in(name: str, local: Sequence[str], weight: str, ratio: float, lines: Mapping[str, float]) -> str:
    source = ",".join(f'local("{each}")' for each in local)
    over = ";".join(f"{line}-override:{_share(value / ratio)}" for line, value in lines.items())
    return f'@font-face{{font-family:"{name}";src:{source};font-weight:{weight};size-adjust:{_share(ratio)};{over}}}'


def _share(value: float) -> str:
    return f"{value * 100:.1f}".removesuffix(".0") + "%"


def _ratio(sample: str, advances: Mapping[str, float], stand_in: Mapping[str, float]) -> float:
    """How much wider a font sets a sample than a stand-in does; 0 when it cannot set it."""
    wanted = [sign for sign in sample if sign in stand_in]
    drawn = [sign for sign in wanted if sign in advances]
    if len(drawn) < len(wanted) * 0.9:
        return 0.0
    return sum(advances[sign] for sign in drawn) / sum(stand_in[sign] / 1000 for sign in drawn)


def _advances(files: Sequence[tuple[Face, Measure]], weight: int) -> dict[str, float]:
    """Sign -> advance in ems at the weight nearest to `weight`; the first file that has a sign gives it."""
    found: dict[str, float] = {}
    for _, measure in _nearest(files, weight):
        for sign, advance in measure.widths[weight].items():
            found.setdefault(sign, advance)
    return found


def _nearest(files: Sequence[tuple[Face, Measure]], weight: int) -> list[tuple[Face, Measure]]:
    away = {id(face): _distance(face.weight, weight) for face, _ in files}
    least = min(away.values())
    return [(face, measure) for face, measure in files if away[id(face)] == least]


def _distance(span: str, weight: int) -> int:
    first, _, last = span.partition(" ")
    low, high = int(first), int(last or first)
    return 0 if low <= weight <= high else min(abs(low - weight), abs(high - weight))


def _rule(face: Face, family: Sequence[Face]) -> str:
    """The `@font-face` of a file. Files of one weight share the work: each is fetched only for the signs it draws."""
    twins = [each for each in family if (each.weight, each.style) == (face.weight, face.style)]
    spread = f";unicode-range:{_ranges(face.signs)}" if len(twins) > 1 else ""
    file = face.name.rpartition("/")[2]
    kind = _FORMATS[Path(file).suffix]
    return (
        f'@font-face{{font-family:"{face.family}";src:url("{file}") format("{kind}");font-weight:{face.weight};'
        f"font-style:{face.style};font-display:swap{spread}}}"
    )


def _ranges(signs: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for sign in sorted(signs):
        if runs and sign == runs[-1][1] + 1:
            runs[-1][1] = sign
        else:
            runs.append([sign, sign])
    return ",".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in runs)


def _face(font: BrandFont, name: str) -> tuple[Face, Measure]:
    stat = font.path.stat()
    if stat.st_size > _MOST:
        raise BrandError(
            f"{font.path} has {stat.st_size:,} bytes: a font may have {_MOST:,}. Leave only the signs you need in it, as woff2."
        )
    signs, measure = _opened(font.path, stat.st_mtime_ns, stat.st_size)
    return Face(name, font.family, font.weight, font.style, font.path.read_bytes(), signs), measure


@lru_cache(maxsize=64)
def _opened(path: Path, _changed: int, _size: int) -> tuple[frozenset[int], Measure]:
    """The code points a font file draws, and its measure."""
    try:
        font = TTFont(path)
        signs = font.getBestCmap() or {}
        em = font["head"].unitsPerEm
        widths = {weight: _widths(font, signs, weight, em) for weight in (_PLAIN, _BOLD)}
        lines = _lines(font, em)
    except (TTLibError, KeyError, AttributeError, ValueError, OSError, EOFError, AssertionError, IndexError) as wrong:
        raise BrandError(f"{path} is not a font that can be read ({wrong}): export it again as woff2.") from None
    if not signs:
        raise BrandError(f"{path} has no letters in it: export it again with a character map.")
    return frozenset(signs), Measure(widths, lines)


def _widths(font: Any, signs: Mapping[int, str], weight: int, em: int) -> dict[str, float]:
    axes = {axis.axisTag: axis for axis in font["fvar"].axes} if "fvar" in font else {}
    wght = axes.get("wght")
    location = {"wght": min(max(weight, wght.minValue), wght.maxValue)} if wght else {}
    glyphs = font.getGlyphSet(location=location or None)
    wanted = {sign for sample in _SAMPLES for sign in sample}
    return {sign: glyphs[signs[ord(sign)]].width / em for sign in sorted(wanted) if ord(sign) in signs}


def _lines(font: Any, em: int) -> Mapping[str, float]:
    """Ascent, descent and gap as browsers take them: of OS/2 when the font says so, else of hhea."""
    os2, hhea = font["OS/2"], font["hhea"]
    if os2.fsSelection & _TYPO:
        found = os2.sTypoAscender, -os2.sTypoDescender, os2.sTypoLineGap
    else:
        found = hhea.ascent, -hhea.descent, hhea.lineGap
    return {line: value / em for line, value in zip(("ascent", "descent", "line-gap"), found, strict=True)}


@cache
def _known_widths() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    found: Mapping[str, Mapping[str, Mapping[str, float]]] = json.loads(_WIDTHS.read_text("utf-8"))
    return found
