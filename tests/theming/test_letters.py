"""Letters: tables that mail programs agree on, in the brand's colours, light first and safe in the dark; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from lkportal.core.language.formats import Locale
from lkportal.theming.faces import Faces, assemble, load_locales
from lkportal.theming.papers.letters import letter_html, letter_look
from lkportal.theming.papers.samples import sample_letter

Brand = Callable[..., Faces]
WORDMARK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 30"><path d="M0 0h20v30H0zM40 0h20v30H40z" fill="#101418"/></svg>'
TILE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 34 34"><rect width="34" height="34" rx="10" fill="#123"/></svg>'


@pytest.fixture
def brand(tmp_path: Path) -> Brand:
    """A brand folder made of what a test says, as faces."""

    def made(toml: str = "", *, files: dict[str, bytes] | None = None, key: str = "main") -> Faces:
        folder = tmp_path / key
        folder.mkdir()
        for name, body in (files or {}).items():
            (folder / name).write_bytes(body)
        book = toml if "[brand]" in toml else f'[brand]\nname = "Аква"\n[color]\nprimary = "#0B3F86"\n{toml}'
        (folder / "brand.toml").write_text(book, "utf-8")
        return assemble({key: folder}, "default", [], {})

    return made


class Tags(HTMLParser):
    """Which elements and texts a browser finds in a letter."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def words(faces: Faces, code: str = "ru") -> Locale:
    """A language of the portal these faces belong to."""
    return load_locales(["ru", "en"], [], faces.faces[0].layers).get(code)


def ground(picture: bytes) -> set[tuple[int, ...]]:
    """The colours of the middle of each edge: what a picture stands on."""
    image = Image.open(BytesIO(picture)).convert("RGBA")
    wide, high = image.width - 1, image.height - 1
    found = {
        image.getpixel(place)
        for place in ((wide // 2, 1), (wide // 2, high - 1), (1, high // 2), (wide - 1, high // 2))
    }
    return {pixel for pixel in found if isinstance(pixel, tuple)}


def test_a_letter_has_only_colours_of_its_brand_and_fetches_nothing(brand: Brand) -> None:
    faces = brand()
    letter = sample_letter(faces, "main", words(faces))
    theme = faces.face("main").theme
    allowed = {colour.upper() for mode in ("light", "dark") for colour in theme.roles(mode).values()}

    hidden = "color:#ffffff;line-height:1px"  # of the preview line, which is never shown
    assert {colour.upper() for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", letter.replace(hidden, ""))} <= allowed
    assert theme.roles()["brand"].upper() in letter.upper()
    assert "@import" not in letter
    assert "var(" not in letter
    assert set(re.findall(r"https?://[^/\"' )]+", letter)) <= {"https://example.org", "http://www.w3.org"}


def test_every_role_of_the_dark_is_said_three_times_for_those_who_follow_it(brand: Brand) -> None:
    faces = brand()
    letter = sample_letter(faces, "main", words(faces))
    dark = faces.face("main").theme.roles("dark")

    assert '<meta name="color-scheme" content="light dark">' in letter
    media = letter[letter.index("@media (prefers-color-scheme: dark)") :]
    for selector, role in ((".page", "page"), (".card", "card"), (".slip", "brand")):
        assert re.search(rf"(?m)^{re.escape(selector)}, .*background-color: {dark[role]} !important", media)
        assert re.search(
            rf"(?m)^\[data-ogsb\] {re.escape(selector)}, .*background-color: {dark[role]} !important", media
        )
    assert re.search(rf"(?m)^\[data-ogsc\] .*color: {dark['text']} !important", media)


def test_a_logo_with_holes_stands_on_a_plate_of_the_light_page(brand: Brand) -> None:
    faces = brand('[logo]\nlight = "logo.svg"', files={"logo.svg": WORDMARK.encode()})
    theme = faces.face("main").theme
    page = tuple(bytes.fromhex(theme.roles()["page"][1:]))

    assert theme.letterhead.wide
    assert ground(theme.letterhead.png) == {(*page, 255)}
    assert 'alt="Аква"' in sample_letter(faces, "main", words(faces))


def test_a_mark_that_is_a_tile_needs_no_plate_and_stands_beside_the_name(brand: Brand) -> None:
    faces = brand('[logo]\nmark = "mark.svg"', files={"mark.svg": TILE.encode()})
    head = faces.face("main").theme.letterhead

    assert (head.width, head.height, head.wide) == (34, 34, False)
    assert ground(head.png) == {(0x11, 0x22, 0x33, 255)}


def test_without_a_picture_the_initials_stand_on_the_brands_fill(brand: Brand) -> None:
    faces = brand()
    letter = sample_letter(faces, "main", words(faces))

    assert "<img" not in letter
    assert re.search(r'<span class="tile" style="[^"]*background: #0B3F86[^"]*">А</span>', letter)


def test_a_photograph_as_a_logo_becomes_small(brand: Brand) -> None:
    photo = BytesIO()
    drawn = Image.new("RGB", (2400, 900), "#fff")
    ImageDraw.Draw(drawn).ellipse((200, 100, 900, 800), fill="#c00")
    drawn.save(photo, "PNG")
    head = brand('[logo]\nlight = "logo.png"', files={"logo.png": photo.getvalue()}).face("main").theme.letterhead

    assert head.width <= 240
    assert head.height <= 34
    assert len(head.png) < 6_000


def test_the_font_of_the_brand_is_named_before_arial(brand: Brand) -> None:
    faces = brand('[type]\nbody = ["PT Sans", "system-ui"]')

    assert "font-family:'PT Sans', Arial, sans-serif" in sample_letter(faces, "main", words(faces)).replace(": ", ":")


def test_what_a_customer_typed_stays_text(brand: Brand) -> None:
    faces = brand()
    look = letter_look(faces.face("main").theme)
    locale = words(faces)
    env = faces.environment("main", locale)
    given = {
        **look,
        "brand": faces.face("main").theme.book.sheet,
        "home_url": "https://lk.example",
        "locale_code": "ru",
    }
    typed = "</mj-text><mj-raw><script>1</script></mj-raw>\"&'"
    source = env.from_string(
        '{% extends "email/layout.html" %}{% import "email/parts.html" as parts %}{% block greeting %}{{ typed }}{% endblock %}'
        "{% block content %}{{ parts.slip(roles, typed, typed, typed, typed, typed) }}{{ parts.lines(roles, [(typed, typed)]) }}"
        "{{ parts.button(roles, typed, typed) }}{{ parts.code(roles, typed) }}{% endblock %}"
    ).render({**given, "typed": typed, "subject": typed})
    letter = letter_html(source, faces.environment("main", locale, html=False), look)

    page = Tags()
    page.feed(letter)
    assert "script" not in page.tags
    assert [text for text in page.texts if text == typed] == [typed] * 10


def test_a_letter_that_a_company_wrote_as_html_stays_html(brand: Brand) -> None:
    faces = brand()
    look = letter_look(faces.face("main").theme)
    letter = letter_html("<p class=t><a href=x>y</a></p>", faces.environment("main", words(faces), html=False), look)

    assert "mj-" not in letter
    assert f"color: {look['roles']['link']}" in letter  # type: ignore[index]


def test_a_broken_letter_is_an_error_and_not_half_a_letter(brand: Brand) -> None:
    faces = brand()
    look = letter_look(faces.face("main").theme)
    with pytest.raises(ValueError, match="unexpected end"):
        letter_html("<mjml><mj-body><mj-text>", faces.environment("main", words(faces), html=False), look)


def test_two_brands_get_each_their_own(tmp_path: Path) -> None:
    folders = {}
    for key, name, colour in (("one", "Южная", "#0B3F86"), ("two", "Северная", "#B4232A")):
        folders[key] = tmp_path / key
        folders[key].mkdir()
        (folders[key] / "brand.toml").write_text(f'[brand]\nname = "{name}"\n[color]\nprimary = "{colour}"\n', "utf-8")
    faces = assemble(folders, "default", [], {})
    south, north = (sample_letter(faces, key, words(faces)) for key in ("one", "two"))

    assert "Южная" in south
    assert "Южная" not in north
    assert "#B4232A" in north.upper()
    assert "#B4232A" not in south.upper()
