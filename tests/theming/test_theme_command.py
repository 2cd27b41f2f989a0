"""`lkportal theme` from the shell."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from lkportal.cli.theme import theme
from tests.theming.conftest import FOUR_LINES, WriteBrand


def test_check_reports_and_a_broken_book_exits_with_its_sentences(brand: WriteBrand) -> None:
    """What a build server needs: words and an exit code."""
    good = CliRunner().invoke(theme, ["check", str(brand(FOUR_LINES.replace("#0B3F86", "#FFE100")))])
    assert good.exit_code == 0
    assert "564 pairs of colours checked, 0 below their contrast" in good.output
    assert "link in light: #FFE100 -> " in good.output
    bad = CliRunner().invoke(theme, ["check", str(brand('[brand]\nname = "A"\n[color]\nprimary = "blue"'))])
    assert bad.exit_code == 1
    assert '[color] primary = "blue" cannot be used' in bad.output
    assert "Traceback" not in bad.output


def test_build_writes_the_same_files_each_time(brand: WriteBrand, tmp_path: Path) -> None:
    """All that a brand emits for the web, side by side under plain names."""
    folder = brand()
    for out in ("one", "two"):
        assert CliRunner().invoke(theme, ["build", str(folder), "--out", str(tmp_path / out)]).exit_code == 0
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    icons = ["icon-180.png", "icon-192.png", "icon-32.png", "icon-512.png", "icons.svg"]
    masks = ["manifest.webmanifest", "mark.svg", "mask-192.png", "mask-512.png"]
    assert names == ["brand.css", "favicon.ico", *icons, *masks, "roles.json"]
    said = json.loads((tmp_path / "one" / "manifest.webmanifest").read_text("utf-8"))
    assert {icon["src"] for icon in said["icons"]} < set(names)
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    roles = json.loads((tmp_path / "one" / "roles.json").read_text())
    assert roles["light"]["brand"] == roles["dark"]["brand"] == "#0B3F86"


def test_check_reads_the_files_of_a_brand_too(brand: WriteBrand) -> None:
    """What would stop a portal's start is said before."""
    folder = brand(files={"icons/bell.svg": "<svg", "brand.css": "a{}"})
    bad = CliRunner().invoke(theme, ["check", str(folder)])
    assert (bad.exit_code, "bell.svg is not well-formed SVG" in bad.output) == (1, True)


def test_explain_names_file_or_computation(brand: WriteBrand) -> None:
    """Of a key its file, of a role how it came about."""
    folder = brand()
    said = CliRunner().invoke(theme, ["explain", str(folder), "color"]).output
    assert f"color.primary  #0B3F86  {folder / 'brand.toml'}" in said
    assert "color.surface  tinted  default" in said
    link = CliRunner().invoke(theme, ["explain", str(folder), "link"]).output
    assert "moved from #0B3F86 to be readable" in link
    assert CliRunner().invoke(theme, ["explain", str(folder), "nonsense"]).exit_code == 1


def test_export_writes_tokens_of_four_modes_and_the_resolver(brand: WriteBrand, tmp_path: Path) -> None:
    """A designer gets back what the portal computed."""
    done = CliRunner().invoke(theme, ["export", str(brand()), "--out", str(tmp_path)])
    assert done.exit_code == 0
    names = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json"))
    modes = [f"modes/{mode}.tokens.json" for mode in ("contrast-dark", "contrast", "dark", "light")]
    assert [name for name in names if not name.startswith("aqua")] == ["brand.tokens.json", *modes, "resolver.json"]
    assert all(name in done.output for name in names)
