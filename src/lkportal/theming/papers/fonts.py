"""A brand's fonts for papers: each family as two whole, static files, plain and bold. The engine of papers joins two files of one
family into one font and mixes up their signs, and it takes a variable font apart anew for every paper. Imported with the first."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from lkportal.theming.files.fonts import Face

WEIGHTS = (400, 600)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PaperFont:
    """One file a paper is set in."""

    family: str
    weight: int
    style: str
    body: bytes
    media_type: str = "font/ttf"


@lru_cache(maxsize=16)
def paper_fonts(faces: tuple[Face, ...]) -> tuple[PaperFont, ...]:
    """Return the files of a brand's families, kept by what they are made of: joining takes about a second."""
    return tuple(_made(faces))


def _made(faces: Sequence[Face]) -> Iterator[PaperFont]:
    def kin(face: Face) -> tuple[str, str]:
        return face.family, face.style

    for (family, style), group in groupby(sorted(faces, key=kin), kin):
        of_family = list(group)
        for weight in WEIGHTS:
            yield PaperFont(family, weight, style, _joined(_of_weight(of_family, weight), weight))


def _of_weight(faces: Sequence[Face], weight: int) -> list[Face]:
    """The files nearest to a weight: all that share it, for a family may come in pieces by script."""

    def away(face: Face) -> int:
        first, _, last = face.weight.partition(" ")
        low, high = int(first), int(last or first)
        return max(low - weight, weight - high, 0)

    least = min(away(face) for face in faces)
    return [face for face in faces if away(face) == least]


def _joined(pieces: Sequence[Face], weight: int) -> bytes:
    """The pieces as one static font; when they cannot be joined, the one that draws most."""
    try:
        files = [_static(piece.body, weight) for piece in pieces]
        if len(files) == 1:
            return files[0].getvalue()
        return _saved(Merger().merge(files)).getvalue()
    except Exception:  # noqa: BLE001 - a font too strange to join must not take the papers away
        largest = max(pieces, key=lambda piece: len(piece.signs))
        _log.warning("The files of the font %s cannot be joined: papers use %s alone", largest.family, largest.name)
        return largest.body


def _static(body: bytes, weight: int) -> BytesIO:
    font = TTFont(BytesIO(body))
    if "fvar" in font:
        axes = {axis.axisTag: axis for axis in font["fvar"].axes}
        place = {tag: axis.defaultValue for tag, axis in axes.items()}
        if "wght" in axes:
            place["wght"] = min(max(weight, axes["wght"].minValue), axes["wght"].maxValue)
        font = instantiateVariableFont(font, place)
    return _saved(font)


def _saved(font: TTFont) -> BytesIO:
    font.flavor = None
    font.recalcTimestamp = False
    out = BytesIO()
    font.save(out)
    out.seek(0)
    return out
