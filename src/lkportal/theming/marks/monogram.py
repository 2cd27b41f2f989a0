"""The mark of a company that has drawn none: its initials on the brand's fill, as outlines, so that it looks the same in a tab, on a
phone's first screen, in a letter and on paper, whatever fonts are there."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

_LETTERS = Path(__file__).parents[1] / "letters" / "onest-700.json"
"""Capitals and figures of the theme's font at weight 700: sign -> [advance, outline], a thousand units to the em, y upwards."""
_CAP = 707
_SIDE, _ROOM, _TALLEST = 64, 44.0, 28.0


def monogram(name: str, roles: Mapping[str, str]) -> str:
    """A square SVG mark: the first letters of a name on the brand's fill."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" role="img"><title>{escape(name)}</title>'
        f'<rect width="{_SIDE}" height="{_SIDE}" rx="16" fill="{roles["brand"]}"/>'
        f"{_drawn(initials(name), roles['on-brand'])}</svg>"
    )


def initials(name: str) -> str:
    """One or two capitals: of the first two words, else the first letter."""
    words = re.findall(r"[^\W_]+", name)
    return "".join(word[0] for word in words[:2]).upper() or "?"


def _drawn(letters: str, colour: str) -> str:
    known = _letters()
    if not all(letter in known for letter in letters):
        return _written(letters, colour)
    width = sum(known[letter][0] for letter in letters)
    scale = min(_ROOM / width, _TALLEST / _CAP)
    left, base = (_SIDE - width * scale) / 2, (_SIDE + _CAP * scale) / 2
    outlines = []
    for letter in letters:
        advance, outline = known[letter]
        outlines.append(f'<path transform="matrix({scale:.4f} 0 0 {-scale:.4f} {left:.2f} {base:.2f})" d="{outline}"/>')
        left += advance * scale
    return f'<g fill="{colour}">{"".join(outlines)}</g>'


def _written(letters: str, colour: str) -> str:
    """Letters of a script the theme's font does not hold: as text, in whatever font is there."""
    size = 30 if len(letters) > 1 else 36
    return (
        f'<text x="32" y="33" fill="{colour}" font-family="system-ui, sans-serif" font-size="{size}" font-weight="700" '
        f'text-anchor="middle" dominant-baseline="central">{escape(letters)}</text>'
    )


@cache
def _letters() -> Mapping[str, tuple[int, str]]:
    return {sign: (advance, outline) for sign, (advance, outline) in json.loads(_LETTERS.read_text("utf-8")).items()}
