"""A brand folder written for one test, and the brands every law of colour is tried on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lkportal.core.i18n import Catalogue
from lkportal.core.language.formats import Locale

BRANDS = {
    "red": "#E30611", "yellow": "#FFCC00", "green": "#00B956", "violet": "#7700FF", "ink": "#1F2229", "blue": "#0079C2",
    "orange": "#FE5815", "teal": "#1EA2B1", "magenta": "#E20074", "amber": "#FF7900", "sky": "#00AAFF", "lime": "#B4FF00",
}  # fmt: skip
"""Twelve brand colours from all round the wheel, the hard ones among them."""

FOUR_LINES = '[brand]\nname = "Аква"\n[color]\nprimary = "#0B3F86"\n'

WriteBrand = Callable[..., Path]


@pytest.fixture
def brand(tmp_path: Path) -> WriteBrand:
    """Write a brand folder: `brand(text, name="aqua", files={"assets/logo.svg": "<svg .../>"})` returns the folder."""

    def write(text: str = FOUR_LINES, name: str = "aqua", files: Mapping[str, str | bytes] | None = None) -> Path:
        folder = tmp_path / name
        put(folder, {"brand.toml": text, **(files or {})})
        return folder

    return write


def put(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files ({path: content}) under a folder and return it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def locale(folder: Path, code: str, words: Mapping[str, tuple[str, str]] | None = None) -> Locale:
    """A real locale with a catalogue of its own: `words` is {key: (English, translation)}."""
    entries = [
        f'msgctxt "{key}"\nmsgid "{english}"\nmsgstr "{said}"\n' for key, (english, said) in (words or {}).items()
    ]
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    put(folder, {f"{code}/LC_MESSAGES/messages.po": head + "\n".join(entries)})
    return Locale(Catalogue.load(code, [folder]))
