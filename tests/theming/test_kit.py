"""The interface kit keeps its promises: no inline style, no colour of its own, every field labelled, every icon and class known."""

import gzip
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lkportal.core.i18n import Catalogue
from lkportal.theming.files.smaller import smaller
from lkportal.theming.templates import pieces
from tests.theming import gallery

STATIC = gallery.THEME / "static"
TEMPLATES = gallery.THEME / "templates"
PAGES = gallery.names()
FIRST, REST = ((STATIC / name).read_text("utf-8") for name in ("portal.css", "more.css"))
STYLES = FIRST + REST
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class Page(HTMLParser):
    """What the laws ask of a page: its elements with their parents, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.unclosed: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.unclosed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.unclosed.append(f"</{tag}> in {self._open[-3:]}")

    def ids(self) -> Counter[str]:
        return Counter(attrs["id"] for _, attrs, _ in self.elements if "id" in attrs)

    def classes(self) -> set[str]:
        return {name for _, attrs, _ in self.elements for name in attrs.get("class", "").split()}


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(gallery.render(request.param))


def test_elements_nest_and_close(page: Page) -> None:
    assert page.unclosed == []


def test_nothing_is_styled_in_place(page: Page) -> None:
    assert [tag for tag, attrs, _ in page.elements if "style" in attrs or tag == "style"] == []
    assert [attrs for _, attrs, _ in page.elements if any(name.startswith("on") for name in attrs)] == []


def test_no_drawing_brings_its_own_colour_but_the_qr_code(page: Page) -> None:
    named = {"currentColor", "none", ""}
    painted = [
        (tag, attrs)
        for tag, attrs, _ in page.elements
        if tag != "meta" and any(attrs.get(key, "") not in named for key in ("fill", "stroke", "color", "bgcolor"))
    ]
    assert {attrs["fill"] for _, attrs in painted} <= {"#fff", "#000"}


def test_ids_are_unique_and_references_lead_somewhere(page: Page) -> None:
    ids = page.ids()
    assert [name for name, count in ids.items() if count > 1] == []
    for key in ("aria-describedby", "aria-labelledby", "aria-controls", "for", "data-output", "data-dialog"):
        asked = [name for _, attrs, _ in page.elements for name in attrs.get(key, "").split()]
        assert [name for name in asked if name not in ids] == [], key


def test_every_field_has_a_label(page: Page) -> None:
    labelled = {attrs["for"] for tag, attrs, _ in page.elements if tag == "label" and "for" in attrs}
    for tag, attrs, parents in page.elements:
        if tag in ("input", "select", "textarea") and attrs.get("type") != "hidden":
            assert attrs.get("id") in labelled or "label" in parents or attrs.get("aria-label"), attrs


def test_every_posted_form_carries_the_token(page: Page) -> None:
    posts = sum(tag == "form" and attrs.get("method") == "post" for tag, attrs, _ in page.elements)
    assert posts == sum(attrs.get("name") == "csrf_token" for _, attrs, _ in page.elements)


def test_every_button_says_its_type_or_sends_a_form(page: Page) -> None:
    stray = [attrs for tag, attrs, up in page.elements if tag == "button" and "type" not in attrs and "form" not in up]
    assert stray == []


def test_every_icon_is_in_the_sprite(page: Page) -> None:
    known = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text("utf-8")))
    used = {attrs["href"].partition("#")[2] for tag, attrs, _ in page.elements if tag == "use"}
    assert used - known == set()


def test_every_class_is_in_the_style_sheet(page: Page) -> None:
    own = (Path(gallery.__file__).parent / "gallery.css").read_text() + (STATIC / "kit.css").read_text()
    known = set(re.findall(r"\.(-?[_a-zA-Z][\w-]*)", STYLES + own))
    assert page.classes() - known - NAMED_ONLY == set()


def test_a_lean_page_needs_the_first_sheet_alone() -> None:
    first, rest = (set(re.findall(r"\.([a-z][\w-]*)", sheet)) for sheet in (FIRST, REST))
    page = Page(gallery.render("dashboard.html"))
    sheets = [attrs["href"] for tag, attrs, _ in page.elements if attrs.get("rel") == "stylesheet"]
    assert sheets == ["static/portal.css", "brand.css"]
    assert page.classes() & (rest - first) == set()


NAMED_ONLY = {"chart-box", "sum-figures", "chart-key"}
"""Classes without rules of their own: places for a theme to take hold of."""


def shelf() -> tuple[tuple[pieces.Piece, ...], dict[str, pieces.Parameters]]:
    env = gallery.environment()
    return pieces.pieces(env), pieces.macros(env)


def test_every_macro_stands_in_a_component_of_the_gallery_and_is_asked_for_there() -> None:
    shown, macros = shelf()
    assert len(shown) >= 40
    assert len(macros) > 90
    assert set(macros) - {name for piece in shown for name in piece.macros} == set()
    for piece in shown:
        if piece.key not in ("page-frames", "language-and-mode"):  # the layouts themselves show these
            source = "".join(state.source for state in piece.states)
            assert [name for name in piece.macros if f"{name}(" not in source] == [], piece.key


def test_every_component_says_its_pattern_its_keys_and_its_states() -> None:
    for piece in shelf()[0]:
        assert piece.states, piece.key
        assert len({state.name for state in piece.states}) == len(piece.states)
        assert len(piece.pattern) > 15, piece.key


def test_every_macro_is_described_where_it_is_defined() -> None:
    assert [name for name, macro in shelf()[1].items() if len(macro.about) < 10 and name not in SELF_EVIDENT] == []


SELF_EVIDENT: set[str] = set()


def test_a_component_without_its_head_is_named() -> None:
    with pytest.raises(ValueError, match=r"kit/pieces/slip\.html says nothing of pattern, keys, macros"):
        pieces.read_piece("slip", "{#- Slip\n    group: content\n-#}\n{#- state: due -#}\nx")


def test_every_macro_is_in_the_list_other_people_read() -> None:
    listed = (gallery.THEME / "KIT.md").read_text("utf-8")
    for path in (TEMPLATES / "parts").glob("*.html"):
        text = path.read_text("utf-8")
        for name, parameters in re.findall(r"{% macro ([a-z]\w*)\((.*?)\) -%}", text):
            if path.stem == "paper" or name in ("header", "foot", "phone_href"):
                continue
            defaults = re.sub(r'="[^"]*"|=\{\}|=\[\]|=[^,]*', "", parameters)
            plain = ", ".join(part.strip() for part in defaults.split(",") if part.strip())
            assert f"`{name}({plain})`" in listed, f"{path.stem}.{name}({plain})"


OF_PAPERS = {"layouts/paper.html": ["<style"], "parts/paper.html": ["style="]}
"""A paper stands by itself: its brand is in its own sheet, and its rosette is a background, for an image would be a figure (PDF/UA)."""


def test_templates_name_no_colour_and_no_style_outside_letters() -> None:
    for path in TEMPLATES.rglob("*.html"):
        if path.parent.name == "email":
            continue
        text = path.read_text("utf-8")
        found = re.findall(r"style=|<style|#[0-9a-fA-F]{3,8}\b|rgb\(|oklch\(|hsl\(", text)
        assert found == OF_PAPERS.get(path.relative_to(TEMPLATES).as_posix(), []), path.name


def test_the_style_sheet_takes_its_colours_from_roles() -> None:
    rules = re.sub(r"/\*.*?\*/|@font-face {[^}]*}", "", STYLES, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{6}\b|hsl\(|oklch\(", rules) == []
    assert set(re.findall(r"rgb\([^)]*\)", rules)) <= {"rgb(0 0 0 / .06)", "rgb(0 0 0 / .22)", "rgb(0 0 0 / .5)"}
    given = set(gallery.roles("light")) | {"rosette", "clear-space"}
    own = set(re.findall(r"--([\w-]+):", rules))
    assert set(re.findall(r"var\(--([\w-]+)", rules)) - given - own == set()


def test_the_style_sheet_does_not_assume_left_to_right() -> None:
    sided = r"(?:margin|padding|border)-(?:left|right)\b|(?<![\w-])(?:left|right)\s*:|text-align:\s*(?:left|right)"
    assert re.findall(sided, STYLES) == []


def test_weights_stay_in_budget() -> None:
    assert len(gzip.compress(smaller(FIRST).encode(), 9)) <= 8_600  # as served
    assert len(gzip.compress(STYLES.encode(), 9)) <= 16 * 1024
    assert sum(path.stat().st_size for path in (STATIC / "fonts").glob("*.woff2")) <= 30 * 1024
    assert len(gzip.compress((STATIC / "icons.svg").read_bytes(), 9)) <= 5 * 1024
    assert len(gzip.compress((STATIC / "portal.js").read_bytes(), 9)) <= 4 * 1024


@pytest.mark.parametrize("name", ["portal.js", "passkeys.js"])
def test_the_script_writes_no_markup(name: str) -> None:
    script = (STATIC / name).read_text("utf-8")
    code = re.sub(r"//[^\n]*", "", script)
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|eval\(|new Function|document\.write|\.style\b", code) == []
    )


def test_vendored_files_are_those_that_were_written_down() -> None:
    listed = {
        name: digest
        for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", (STATIC / "VENDORED.md").read_text(), re.MULTILINE)
    }
    assert len(listed) >= 6
    for name, digest in listed.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest, name
    foreign = {
        path.relative_to(STATIC).as_posix() for path in (*STATIC.glob("vendor/*.js"), *STATIC.glob("fonts/*.woff2"))
    }
    assert foreign <= set(listed)


def test_the_kit_speaks_russian_in_full_and_says_nothing_more() -> None:
    asked = set()
    for path in TEMPLATES.rglob("*.html"):
        asked |= set(re.findall(r'n?pgettext\("(kit\.[\w.]+)"', path.read_text("utf-8")))
    known = Catalogue.load("ru", [gallery.ROOT / "theming" / "locale"]).translations
    source = (gallery.ROOT / "theming" / "locale" / "ru" / "LC_MESSAGES" / "messages.po").read_text("utf-8")
    assert set(re.findall(r'^msgctxt "(kit\.[\w.]+)"', source, re.MULTILINE)) == asked
    assert known.pgettext("kit.chart.table", "As a table") == "Таблицей"
    assert "поправьте 3 поля" in known.npgettext(
        "kit.errors.title", "Not sent: correct one field", "Not sent: correct %(n)s fields", 3
    ) % {"n": 3}


def test_every_page_also_speaks_english() -> None:
    html = gallery.render("dashboard.html", language="en")
    assert 'lang="en"' in html
    assert "To the content" in html
    assert "Account 0412778215" in html
