"""Samples of what a brand sends: a letter and a paper with invented values, made by the very templates of the real ones.
The brand editor shows them beside a page, with a draft brand too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lkportal.core.language.formats import Locale
from lkportal.theming.faces import Faces
from lkportal.theming.papers.letters import letter_html, letter_look
from lkportal.theming.papers.pdf import Press

_HOME = "https://example.org/"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample tells of: an account and a bill. Sums are in minor units; words stand in the templates."""

    account: str = "0412778215"
    period: date = date(2026, 10, 1)
    due_on: date = date(2026, 11, 30)
    total: int = 148_260
    lines: tuple[int, ...] = (85_176, 40_038, 30_370, -7_324)


def sample_letter(faces: Faces, key: str, locale: Locale) -> str:
    """Return a letter of the brand `key` as one HTML document that loads nothing: its picture is inside."""
    theme = faces.face(key).theme
    look = letter_look(theme, theme.letterhead.data_uri)
    values = {
        **look,
        "brand": theme.book.sheet,
        "home_url": theme.book.public_url or _HOME,
        "locale_code": locale.code,
        "sample": Sample(),
    }
    rendered = faces.environment(key, locale).get_template("email/sample.html").render(values)
    return letter_html(rendered, faces.environment(key, locale, html=False), look)


def sample_paper(faces: Faces, key: str, locale: Locale) -> bytes:
    """Return a bill of the brand `key` as PDF. Raises NoPress when the extra `pdf` is not installed."""
    face = faces.face(key)
    press = Press(face.theme, faces.environment(key, locale), faces.assets, locale)
    return press.pdf("paper/sample.html", {"sample": Sample()})
