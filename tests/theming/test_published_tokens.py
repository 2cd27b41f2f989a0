"""Design tokens as others publish them load and dress a brand, and a tool of theirs reads what we write.

The packages are installed by `make test` into build/npm, as pinned in requirements/npm/tokens.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from lkportal.theming import build_theme, load_book
from lkportal.theming.colour.spaces import Colour
from lkportal.theming.making.report import report
from lkportal.theming.making.tokens import CONTEXTS, RESOLVER, write_tokens
from lkportal.theming.tokens.reading import read_tokens
from tests.packages import ROOT, npm_package
from tests.theming.conftest import WriteBrand

_NL = "@nl-design-system-unstable/voorbeeld-design-tokens"
_RIJK = "@rijkshuisstijl-community/design-tokens"
_MA = "@nl-design-system-community/ma-design-tokens"
PUBLISHED = {
    "voorbeeld": (_NL, ("figma/voorbeeld.tokens.json",), "basis.color.action-1.bg-default", 2700),
    "rijkshuisstijl": (_RIJK, ("figma/figma.tokens.json",), "rhc.color.primary.500", 1200),
    "mooi en anders": (_MA, ("src/tokens.json",), "ma.color.blauw.9", 2600),
    "carbon": ("dtcg-examples", ("ibm-carbon/colors.tokens.json",), "color.blue.60", 240),
    "spectrum": (
        "dtcg-examples",
        ("adobe-spectrum/theme-light.tokens.json", "adobe-spectrum/base.tokens.json"),
        "accent-background-color-default",
        950,
    ),
    "fluent": ("dtcg-examples", ("microsoft-fluent/palette.tokens.json",), "palette.themePrimary", 40),
    "polaris": ("dtcg-examples", ("shopify-polaris/colors.tokens.json",), "color.indigo", 50),
}  # fmt: skip
"""Package, its files (the most general first), the token that becomes the fill, and how many tokens there are at least."""


@pytest.mark.parametrize("system", PUBLISHED)
def test_a_published_design_system_dresses_a_brand(system: str, brand: WriteBrand) -> None:
    """Its files as they are, one pointer in brand.toml: every token but a few is read, and no pair of colours fails."""
    package, names, primary, least = PUBLISHED[system]
    for depth, name in enumerate(names):
        extends = f'extends = "../{depth - 1}"\n' if depth else ""
        text = f'[brand]\nname = "{system}"\n{extends}[color]\nprimary = "{{token:{primary}}}"\n'
        folder = brand(
            text, str(depth), {"brand.tokens.json": (npm_package("tokens", package) / name).read_text("utf-8")}
        )
    read = read_tokens([folder.parent / str(depth) / "brand.tokens.json" for depth in range(len(names))])
    assert len(read.tokens) >= least
    found = read.tokens[primary].value
    assert isinstance(found, Colour)
    theme = build_theme(load_book(folder))
    assert theme.roles("light")["brand"] == theme.roles("dark")["brand"] == found.hex
    assert report(theme).ok


@pytest.mark.parametrize(
    ("package", "written", "built"),
    [(_NL, "figma/voorbeeld.tokens.json", "dist/tokens.json"), (_MA, "src/tokens.json", "dist/tokens.json")],
)
def test_our_values_are_those_that_the_publisher_resolved(package: str, written: str, built: str) -> None:
    """More than a thousand colours, most of them aliases of aliases: the publisher's own build says the same."""
    ours, theirs = (read_tokens([npm_package("tokens", package) / name]).tokens for name in (written, built))
    pairs = [
        (token.value, theirs[path].value)
        for path, token in ours.items()
        if isinstance(token.value, Colour) and token.value.alpha == 1 and path in theirs
    ]
    assert len(pairs) > 1000
    assert [(one, other) for one, other in pairs if not isinstance(other, Colour) or one.hex != other.hex] == []


BOOK = '[brand]\nname = "Аква"\n[color]\nprimary = "#E30611"\naccent = "#0079C2"\n[shape]\nradius = "12px"\n[type]\nbody = ["PT Sans", "serif"]\n'


def test_an_export_is_read_again_and_gives_the_same_brand(brand: WriteBrand, tmp_path: Path) -> None:
    """What was given comes back by its roles, and every mode holds the colours that ship."""
    theme = build_theme(load_book(brand(BOOK)))
    write_tokens(theme, tmp_path / "out")
    for context, mode in CONTEXTS.items():
        read = read_tokens([tmp_path / "out/brand.tokens.json", tmp_path / f"out/modes/{context}.tokens.json"])
        assert read.faults == {}
        shown = {
            p: t.value.hex for p, t in read.tokens.items() if p.startswith("role.") and isinstance(t.value, Colour)
        }
        assert shown == {f"role.{role}": colour for role, colour in theme.roles(mode).items()}
    exported = (tmp_path / "out/brand.tokens.json").read_text("utf-8")
    again = load_book(brand('[brand]\nname = "Аква"\n', "again", {"brand.tokens.json": exported}))
    assert build_theme(again).css == theme.css


def test_the_resolver_names_files_that_are_there(brand: WriteBrand, tmp_path: Path) -> None:
    write_tokens(build_theme(load_book(brand(BOOK))), tmp_path)
    resolver = json.loads((tmp_path / RESOLVER).read_text("utf-8"))
    mode = resolver["modifiers"]["mode"]
    sources = [
        *resolver["sets"]["brand"]["sources"],
        *(source for context in mode["contexts"].values() for source in context),
    ]
    assert resolver["version"] == "2025.10"
    assert mode["default"] in mode["contexts"]
    assert all((tmp_path / source["$ref"]).is_file() for source in sources)
    for step in resolver["resolutionOrder"]:
        _, kind, name = step["$ref"].split("/")
        assert name in resolver[kind]


SCRIPT = """
import StyleDictionary from 'style-dictionary';
const [brand, mode, out] = process.argv.slice(1);
const made = new StyleDictionary({
  source: [brand, mode],
  log: { warnings: 'error', verbosity: 'verbose' },
  platforms: { css: { transformGroup: 'css', buildPath: out, files: [{ destination: 'brand.css', format: 'css/variables' }] } },
});
await made.buildAllPlatforms();
"""


@pytest.mark.parametrize("context", CONTEXTS)
def test_style_dictionary_reads_our_export(context: str, brand: WriteBrand, tmp_path: Path) -> None:
    """The best known tool for tokens makes CSS of each mode: aliases resolved, every colour the one that ships."""
    npm_package("tokens", "style-dictionary")
    theme = build_theme(load_book(brand(BOOK)))
    write_tokens(theme, tmp_path / "out")
    files = [tmp_path / "out/brand.tokens.json", tmp_path / f"out/modes/{context}.tokens.json", f"{tmp_path}/css/"]
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT, "--", *map(str, files)],
        cwd=ROOT / "build/npm/tokens", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    css = (tmp_path / "css/brand.css").read_text("utf-8")
    written = dict(line.strip().rstrip(";").split(": ", 1) for line in css.splitlines() if line.startswith("  --"))
    for role, colour in theme.roles(CONTEXTS[context]).items():
        assert written[f"--role-{role}"].upper() == colour
    assert written["--shape-radius"] == "12px"
