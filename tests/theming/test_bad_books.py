"""Bad brand books, as companies send them: each is one clear sentence, and what can be mended is mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lkportal.cli.theme import theme
from lkportal.theming import BrandError
from lkportal.theming.brand.named_files import read_text
from tests.theming.conftest import FOUR_LINES, WriteBrand

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}<path d="M0 0h9v9z" fill="#0B3F86"/></svg>'
LOGO = FOUR_LINES + '[logo]\nlight = "logo.svg"\n'
RING = '{"brand": {"$type": "color", "a": {"$value": "{brand.b}"}, "b": {"$value": "{brand.a}"}}}'

REFUSED: dict[str, tuple[str, dict[str, str], str, str]] = {
    "cyclic tokens": (
        FOUR_LINES,
        {"brand.tokens.json": RING},
        "brand.tokens.json",
        "brand.a goes round in a circle: brand.a -> brand.b -> brand.a. Give one of them a value of its own.",
    ),
    "a logo of 5 MB": (
        LOGO,
        {"logo.svg": SVG.format("<desc>" + "x" * 5_000_000 + "</desc>")},
        "logo.svg",
        "bytes: a logo may have",
    ),
    "an SVG that is broken": (
        LOGO,
        {"logo.svg": "<svg><script>alert(1)</script"},
        "logo.svg",
        "is not well-formed SVG",
    ),
    "an unknown key": (
        FOUR_LINES + 'colour = "red"\n',
        {},
        "brand.toml",
        "[color] colour is not a key of a brand book.",
    ),
    "a font that is missing": (
        FOUR_LINES + '[type]\nbody = "Acme"\n[[type.fonts]]\nfamily = "Acme"\nfile = "acme.woff2"\n',
        {},
        "brand.toml",
        '[[type.fonts]] file = "acme.woff2" does not exist: put the file there',
    ),
    "a font that is none": (
        FOUR_LINES + '[[type.fonts]]\nfamily = "Acme"\nfile = "acme.woff2"\n',
        {"acme.woff2": "no font"},
        "acme.woff2",
        "is not a font that can be read",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_mended_is_one_sentence_with_the_file_and_the_cure(kind: str, brand: WriteBrand) -> None:
    text, files, file, said = REFUSED[kind]
    folder = brand(text, files=files)
    told = CliRunner().invoke(theme, ["check", str(folder)])
    assert told.exit_code == 1
    (line,) = told.output.strip().splitlines()
    assert str(folder / file) in line
    assert said in line
    assert len(line) < 600


@pytest.mark.parametrize(
    ("text", "files", "said"),
    [
        (FOUR_LINES.replace("#0B3F86", "#FFFF00"), {}, "Links are in the colour of text, underlined"),
        (LOGO, {"logo.svg": SVG.format("<script>alert(1)</script>")}, "left out of the picture for safety: <script>"),
        (FOUR_LINES + '[type]\nbody = "Acme"\n', {}, "The font Acme shows only where it is installed"),
    ],
    ids=["yellow on white", "a script in a logo", "a font nobody has"],
)
def test_what_can_be_mended_is_built_and_told(
    text: str, files: dict[str, str], said: str, brand: WriteBrand, tmp_path: Path
) -> None:
    folder = brand(text, files=files)
    told = CliRunner().invoke(theme, ["check", str(folder)])
    assert told.exit_code == 0
    assert "0 below their contrast" in told.output
    assert sum(said in line for line in told.output.splitlines()) == 1
    built = CliRunner().invoke(theme, ["build", str(folder), "--out", str(tmp_path / "out")])
    assert built.exit_code == 0
    assert not any(b"<script" in path.read_bytes() for path in (tmp_path / "out").rglob("*"))


@pytest.mark.parametrize(
    ("name", "command"), [("brand.css", "check"), ("brand.tokens.json", "check"), ("wording/ru.toml", "doctor")]
)
def test_a_file_in_another_encoding_is_one_sentence_with_its_name(name: str, command: str, brand: WriteBrand) -> None:
    folder = brand(FOUR_LINES)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes("/* Аква */".encode("cp1251"))
    told = CliRunner().invoke(theme, [command, str(folder)])
    assert told.exit_code == 1
    assert f"{name} is not UTF-8. Save it as UTF-8 and try again." in told.output


def test_what_is_no_file_at_all_is_one_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(BrandError, match="cannot be read: Is a directory"):
        read_text(tmp_path)
