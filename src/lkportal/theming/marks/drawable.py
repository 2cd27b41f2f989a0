"""Whether a stranger's picture can be drawn at all: a few lines of SVG may hold a million shapes. It is tried once in a process of its
own, before pages, letters and icons draw it in ours. What may be in a picture is in logos."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lkportal.core.strangers import Limits, Opener
from lkportal.theming.errors import BrandError
from lkportal.theming.marks.logos import Picture

_DRAW = Path(__file__).with_name("drawn.py")
_LIMITS = Limits(memory=448 * 1024 * 1024, answer=64, cpu=2, seconds=15.0)


def demand_drawable(opener: Opener, picture: Picture, place: str) -> Picture:
    """Return a picture that can be drawn. Raises BrandError, naming `place`, for one that cannot or takes too much of a computer, and what
    the opener raises. Takes some tenths of a second: not inside a unit."""
    with tempfile.TemporaryFile() as answer:
        outcome = opener.open(_DRAW, picture.body, answer, _LIMITS, (picture.suffix,))
    if outcome != "answered":
        raise BrandError(
            f"{place} cannot be drawn, or only with too much work: simplify its paths and export it again."
        )
    return picture
