"""A brand book is read, inherited and refused in plain words; each of its keys is seen in what is built."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lkportal.theming import BrandError, Theme, build_theme, load_book
from lkportal.theming.brand.book import Sections
from lkportal.theming.making.report import explain, report
from tests.theming.conftest import FOUR_LINES, WriteBrand

FONT = Path(__file__).parents[2] / "src/lkportal/themes/default/static/fonts/onest-latin.woff2"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#0B3F86"/></svg>'


def test_four_lines_are_enough(brand: WriteBrand) -> None:
    """Name and colour: everything else has a default, a mark is drawn from the name."""
    theme = build_theme(load_book(brand()))
    assert theme.book.name == theme.book.legal_name == theme.book.sender == "Аква"
    assert theme.roles("light")["brand"] == "#0B3F86"
    assert "<title>Аква</title>" in theme.logos.mark.body.decode()
    assert theme.logos.light is None
    assert report(theme).ok


BROKEN: dict[str, tuple[str, list[str]]] = {
    "no name": ('[color]\nprimary = "#0B3F86"', ["[brand] is missing", 'name = "Your company"']),
    "no colour": ('[brand]\nname = "A"', ["[color] is missing", 'primary = "#0B3F86"']),
    "a colour by name": (
        '[brand]\nname = "A"\n[color]\nprimary = "blue"',
        ['[color] primary = "blue"', "six hex digits"],
    ),
    "a short hex": ('[brand]\nname = "A"\n[color]\nprimary = "#12345"', ['primary = "#12345"', "six hex digits"]),
    "a misspelt key": (FOUR_LINES + 'acent = "#FF0000"', ["[color] acent", "Did you mean `accent`?"]),
    "a misspelt section": (FOUR_LINES + "[colour]\nx = 1", ["[colour]", "Write `color` instead."]),
    "an unknown key": (FOUR_LINES + "[shape]\nshadow = 3", ["[shape] shadow", "Known here: radius, density."]),
    "another word for hosts": (
        '[brand]\nname = "A"\ndomains = ["x.org"]\n[color]\nprimary = "#0B3F86"',
        ["Write `hosts`"],
    ),
    "hosts with a scheme": (
        '[brand]\nname = "A"\nhosts = ["https://x.org"]\n[color]\nprimary = "#0B3F86"',
        ["bare host names"],
    ),
    "a radius in rem": (FOUR_LINES + '[shape]\nradius = "1rem"', ['radius = "1rem"', "whole pixels"]),
    "a huge radius": (FOUR_LINES + '[shape]\nradius = "99px"', ['radius = "99px"', "0 to 28"]),
    "a density of its own": (FOUR_LINES + '[shape]\ndensity = "cosy"', ['"comfortable" or "compact"']),
    "a number for a word": (FOUR_LINES + "[voice]\nsupport_phone = 88000000000", ["88000000000", "8 800 000-00-00"]),
    "css in a font": (FOUR_LINES + '[type]\nbody = ["x;}body{color:red"]', ["[type] body", "font families"]),
    "a long short name": (
        FOUR_LINES.replace("[color]", 'short_name = "Водоканал Севера"\n[color]'),
        ["[brand] short_name", "up to 12"],
    ),
    "a font that is not there": (
        FOUR_LINES + '[[type.fonts]]\nfamily = "Acme"\nfile = "assets/acme.woff2"',
        ["[[type.fonts]]", "assets/acme.woff2", "does not exist"],
    ),
    "a font of another kind": (
        FOUR_LINES + '[[type.fonts]]\nfamily = "Acme"\nfile = "brand.toml"',
        ["is not a font file", ".woff2"],
    ),
    "a weight in words": (
        FOUR_LINES + '[[type.fonts]]\nfamily = "Acme"\nfile = "acme.woff2"\nweight = "bold"',
        ["[type] fonts.0.weight", '"bold"', "400 800"],
    ),
    "a misspelt key of a font": (
        FOUR_LINES + '[[type.fonts]]\nfamily = "Acme"\nfiles = "acme.woff2"',
        ["Did you mean `file`?"],
    ),
    "a case of another language": (
        FOUR_LINES + '[voice]\nterms = { account = { nom = "счёт", abl = "счёта" } }',
        ["[voice] terms.account.abl", "Known here: nom, gen, dat, acc, ins, pre."],
    ),
    "cases without the first": (FOUR_LINES + '[voice]\nterms = { account = { gen = "счёта" } }', ["terms.account.nom"]),
    "a clear space of two logos": (FOUR_LINES + "[logo]\nclear_space = 2", ["[logo] clear_space = 2", "from 0 to 1"]),
    "a parent in a package that is not installed": (
        FOUR_LINES.replace("[color]", 'extends = "acme_brands:group"\n[color]'),
        ["the package acme_brands is not installed"],
    ),
    "an unknown policy": (FOUR_LINES + '[policy]\ncontrast = "AAAA"', ['"AA" or "AAA"']),
    "a logo that is not there": (FOUR_LINES + '[logo]\nlight = "assets/no.svg"', ["assets/no.svg", "does not exist"]),
    "a logo outside": (FOUR_LINES + '[logo]\nlight = "../secret.svg"', ["leaves the brand's folder"]),
    "a logo of another kind": (FOUR_LINES + '[logo]\nmark = "brand.toml"', ["not a picture", ".svg"]),
    "not toml": ('[brand\nname = "A"', ["is not TOML", "line 1"]),
    "a text without quotes": ("[brand]\nname = Aqua", ["is not TOML", "quotes"]),
    "a parent that is not there": (
        '[brand]\nname = "A"\nextends = "../none"\n[color]\nprimary = "#0B3F86"',
        ["../group"],
    ),
    "a value for a section": ('brand = 3\n[color]\nprimary = "#0B3F86"', ["[brand] = 3", 'name = "Your company"']),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_book_is_refused_with_file_key_value_and_cure(kind: str, brand: WriteBrand) -> None:
    """Each mistake is one sentence that a person can act on."""
    text, expected = BROKEN[kind]
    folder = brand(text)
    with pytest.raises(BrandError) as refused:
        load_book(folder)
    said = "\n".join(refused.value.problems)
    assert str(folder / "brand.toml") in said
    for words in expected:
        assert words in said
    assert "pydantic" not in said


def test_every_mistake_is_told_at_once(brand: WriteBrand) -> None:
    """Three mistakes are three sentences, not three rounds."""
    with pytest.raises(BrandError) as refused:
        load_book(brand('[brand]\nname = ""\n[color]\nprimary = "red"\nfoo = 1'))
    assert len(refused.value.problems) == 3


def test_a_missing_folder_tells_what_to_write(tmp_path: Path) -> None:
    """The first error of all: no file yet."""
    with pytest.raises(BrandError, match="Four lines are enough"):
        load_book(tmp_path / "nowhere")


def test_a_file_in_another_encoding_is_named(brand: WriteBrand) -> None:
    """Saved in windows-1251, as old editors do; a byte order mark on the other hand is no mistake."""
    folder = brand()
    (folder / "brand.toml").write_bytes(FOUR_LINES.encode("cp1251"))
    with pytest.raises(BrandError, match="not UTF-8"):
        load_book(folder)
    (folder / "brand.toml").write_bytes(FOUR_LINES.encode("utf-8-sig"))
    assert load_book(folder).name == "Аква"


def test_a_brand_inherits_and_its_own_words_win(brand: WriteBrand) -> None:
    """Colour and phone come from the group, the name is the sister's own; each value remembers its file."""
    group = brand(
        '[brand]\nname = "Group"\nhosts = ["group.example"]\npublic_url = "https://group.example"\n'
        '[color]\nprimary = "#E30611"\n[voice]\nsupport_phone = "112"\nterms = { account = "счёт", meter = "прибор" }\n'
        '[logo]\nlight = "assets/logo.svg"\n',
        "group",
        {"assets/logo.svg": LOGO},
    )
    sister = brand(
        '[brand]\nname = "Sister"\nextends = "../group"\n[voice]\nterms = { account = "лицевой счёт" }\n', "sister"
    )
    book = load_book(sister)
    assert (book.name, book.sections.color.primary, book.hosts, book.public_url) == ("Sister", "#E30611", (), "")
    assert dict(book.terms) == {"account": "лицевой счёт", "meter": "прибор"}
    assert book.origins["color.primary"] == group / "brand.toml"
    assert book.origins["voice.terms.account"] == sister / "brand.toml"
    assert book.logos["light"] == group / "assets/logo.svg"
    assert book.folders == (sister, group)
    explained = {item.key: item.source for item in explain(build_theme(book), "color")}
    assert explained == {"color.primary": group / "brand.toml", "color.surface": None}


def test_a_term_is_inherited_whole_with_its_cases(brand: WriteBrand) -> None:
    """Another word takes no cases of the parent's word; a plain word is its own nominative."""
    brand(FOUR_LINES + '[voice.terms]\naccount = { nom = "счёт", gen = "счёта" }\nmeter = { nom = "прибор" }', "group")
    terms = '[voice.terms]\naccount = "договор"\n'
    book = load_book(brand('[brand]\nname = "Sister"\nextends = "../group"\n' + terms, "sister"))
    assert book.term_cases == {"account": {"nom": "договор"}, "meter": {"nom": "прибор"}}
    assert book.terms == {"account": "договор", "meter": "прибор"}


def test_a_brand_may_extend_one_of_an_installed_package(brand: WriteBrand, monkeypatch: pytest.MonkeyPatch) -> None:
    """`package:folder` finds the folder wherever pip put it."""
    group = brand(FOUR_LINES, "acme_brands/group", {"../__init__.py": ""})
    monkeypatch.syspath_prepend(group.parents[1])
    book = load_book(brand('[brand]\nname = "Sister"\nextends = "acme_brands:group"\n', "sister"))
    assert book.sections.color.primary == "#0B3F86"
    assert book.folders[1] == group


@pytest.mark.parametrize(
    ("name", "short"),
    [("Аква", "Аква"), ("Водоканал Северного района", "Водоканал"), ("Электроэнергосбыт", "Электроэнерг")],
)
def test_a_short_name_is_as_many_words_as_fit_under_an_icon(name: str, short: str, brand: WriteBrand) -> None:
    assert load_book(brand(FOUR_LINES.replace("Аква", name))).short_name == short


def test_a_mistake_in_the_parent_names_the_parents_file(brand: WriteBrand) -> None:
    """The reader is sent to the file that is wrong."""
    group = brand('[brand]\nname = "Group"\n[color]\nprimary = "red"', "group")
    with pytest.raises(BrandError) as refused:
        load_book(brand('[brand]\nname = "Sister"\nextends = "../group"', "sister"))
    assert str(group / "brand.toml") in refused.value.problems[0]


def test_brands_that_extend_each_other_are_refused_by_name(brand: WriteBrand) -> None:
    """A circle is shown as the way round it."""
    brand('[brand]\nname = "B"\nextends = "../a"', "b")
    with pytest.raises(BrandError, match="a -> b -> a"):
        load_book(brand('[brand]\nname = "A"\nextends = "../b"', "a"))


def _theme(text: str, brand: WriteBrand) -> Theme:
    return build_theme(load_book(brand(text, files={"assets/logo.svg": LOGO, "assets/pt.woff2": FONT.read_bytes()})))


SEEN: dict[str, tuple[str, str, Callable[[Theme], object]]] = {
    "brand.name": ("[brand]", 'name = "Лес"', lambda theme: theme.logos.mark.body),
    "brand.legal_name": ("[brand]", 'legal_name = "АО Аква"', lambda theme: theme.book.legal_name),
    "brand.theme": ("[brand]", 'theme = "bold"', lambda theme: theme.book.theme),
    "brand.hosts": ("[brand]", 'hosts = ["LK.Example.org"]', lambda theme: theme.book.hosts),
    "brand.public_url": ("[brand]", 'public_url = "https://lk.example.org/"', lambda theme: theme.book.public_url),
    "color.primary": ("[color]", 'primary = "#E30611"', lambda theme: theme.css),
    "color.accent": ("[color]", 'accent = "#E30611"', lambda theme: theme.css),
    "color.surface": ("[color]", 'surface = "neutral"', lambda theme: theme.css),
    "brand.short_name": ("[brand]", 'short_name = "Воды"', lambda theme: theme.book.short_name),
    "shape.radius": ("[shape]", 'radius = "0px"', lambda theme: theme.css),
    "shape.density": ("[shape]", 'density = "compact"', lambda theme: theme.density),
    "type.body": ("[type]", 'body = "PT Sans"', lambda theme: theme.css),
    "type.heading": ("[type]", 'heading = "PT Serif"', lambda theme: theme.book.sections.type.heading),
    "type.fonts": (
        "[type]",
        'fonts = [{ family = "PT Sans", file = "assets/pt.woff2" }]',
        lambda theme: theme.book.fonts,
    ),
    "logo.clear_space": ("[logo]", "clear_space = 0.5", lambda theme: theme.book.sections.logo.clear_space),
    "logo.light": ("[logo]", 'light = "assets/logo.svg"', lambda theme: theme.logos.light),
    "logo.dark": ("[logo]", 'dark = "assets/logo.svg"', lambda theme: theme.logos.dark),
    "logo.mark": ("[logo]", 'mark = "assets/logo.svg"', lambda theme: theme.logos.mark),
    "voice.formality": ("[voice]", 'formality = "ты"', lambda theme: theme.book.sections.voice.formality),
    "voice.terms": ("[voice]", 'terms = { account = "счёт" }', lambda theme: dict(theme.book.terms)),
    "voice.support_phone": ("[voice]", 'support_phone = "112"', lambda theme: theme.book.sections.voice.support_phone),
    "voice.emergency_phone": (
        "[voice]",
        'emergency_phone = "112"',
        lambda theme: theme.book.sections.voice.emergency_phone,
    ),
    "email.from_name": ("[email]", 'from_name = "Касса"', lambda theme: theme.book.sender),
    "email.footer": ("[email]", 'footer = "До связи"', lambda theme: theme.book.sections.email.footer),
    "policy.contrast": ("[policy]", 'contrast = "AAA"', lambda theme: theme.css),
    "policy.on_fail": ("[policy]", 'on_fail = "warn"', lambda theme: report(theme).warn),
}


@pytest.mark.parametrize("key", SEEN)
def test_changing_a_key_changes_what_is_built(key: str, brand: WriteBrand) -> None:
    """A setting that is accepted and never shown is worse than none."""
    section, line, look = SEEN[key]
    plain = FOUR_LINES
    name = line.split(" = ")[0]
    changed = re.sub(rf"^{name} = .*\n", "", plain, flags=re.MULTILINE)
    changed = (
        changed.replace(f"{section}\n", f"{section}\n{line}\n") if section in plain else f"{changed}{section}\n{line}\n"
    )
    assert look(_theme(plain, brand)) != look(_theme(changed, brand))


def test_every_key_is_tried_and_documented() -> None:
    """The list above, the model and the two pages of documentation know the same keys."""
    keys = {f"{name}.{key}" for name, field in Sections.model_fields.items() for key in field.annotation.model_fields}  # type: ignore[union-attr]
    assert keys - set(SEEN) == {"brand.extends"}
    page = (Path(__file__).parents[2] / "docs/tutorial/brand.md").read_text("utf-8")
    assert [key for key in sorted(keys) if f"`{key.split('.')[1]}`" not in page] == []


def test_a_book_may_refuse_colours_that_do_not_read(brand: WriteBrand) -> None:
    """`on_fail = "refuse"` stops a yellow primary and lets a blue one through."""
    refuse = '[policy]\non_fail = "refuse"\n'
    with pytest.raises(BrandError, match="does not read as text on light pages"):
        build_theme(load_book(brand(FOUR_LINES.replace("#0B3F86", "#FFE100") + refuse)))
    assert build_theme(load_book(brand(FOUR_LINES + refuse))).css


def test_the_report_tells_moves_links_and_logos(brand: WriteBrand) -> None:
    """What a company should know about its book, in sentences."""
    dark_logo = LOGO.replace("#0B3F86", "#111")
    theme = build_theme(
        load_book(
            brand(
                FOUR_LINES.replace("#0B3F86", "#FFE100")
                + '[logo]\nlight = "assets/logo.svg"\n[type]\nbody = "PT Sans"\n',
                files={"assets/logo.svg": dark_logo.replace("<path", "<script>x</script><path")},
            )
        )
    )
    said = "\n".join(report(theme).lines())
    assert "0 below their contrast" in said
    assert "focus in light: #FFE100 -> " in said
    assert "Links are in the colour of text" in said
    assert "[logo] light: left out of the picture for safety: <script>" in said
    assert "100% of the logo is hard to see on a dark page, under 3:1: draw a light one" in said
    assert "PT Sans shows only where it is installed" in said
