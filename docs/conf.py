"""How Sphinx builds the documentation (`make docs`). The pages are the Markdown that a repository shows: the table of contents is
made from the links of the pages that list others, so nothing is written twice."""

from __future__ import annotations

import re
from itertools import takewhile
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from sphinx.application import Sphinx

from lkportal import __version__

project = "lkportal"
release = version = __version__
copyright = "the authors of lkportal"  # noqa: A001 - the name Sphinx asks for
language = "en"

extensions = ["myst_parser"]
root_doc = "docs/README"
source_suffix = {".md": "markdown"}
include_patterns = [
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"),
    *("docs/**", "examples/**/README.md", "src/lkportal/**/README.md"),
]
# Fragments of the changelog are no pages; the rest is spared the walk.
exclude_patterns = [".*", "**/.*", "build", "dist", "docs/changes/[!R]*.md", "**/scaffold", "**/node_modules"]
nitpicky = True
suppress_warnings = ["myst.header"]  # a page may begin with a note above its heading

myst_heading_anchors = 4
myst_links_external_new_tab = False

html_theme = "furo"
html_title = "lkportal"
html_copy_source = False
html_show_sourcelink = False
html_permalinks_icon = "#"

_LISTS_OTHERS = ("docs/README", "docs/adr/README")
_BESIDE_THE_CODE = ("README.md", "examples/**/README.md", "src/lkportal/**/README.md")
_LINK = re.compile(r"\]\(((?!https?:)[^)#\s]+)\.md(?:#[^)]*)?\)")


def contents(page: str, words: str) -> list[tuple[str, list[str]]]:
    """Return what `page` lists: each heading with the pages linked under it; a page stands where it is first named."""
    here = PurePosixPath(page).parent.as_posix()
    seen = {page}
    listed: list[tuple[str, list[str]]] = []
    for part in re.split(r"^## ", words, flags=re.MULTILINE):
        heading = "".join(takewhile(lambda sign: sign != "\n", part))
        named = dict.fromkeys(normpath(f"{here}/{target}") for target in _LINK.findall(part))
        listed.append((heading.strip("# "), [name for name in named if name not in seen]))
        seen.update(named)
    return [(heading, pages) for heading, pages in listed if pages]


def _add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    if page not in _LISTS_OTHERS:
        return
    listed = contents(page, source[0])
    if page == root_doc:
        named = {name for _, pages in listed for name in pages}
        beside = (
            path.relative_to(app.srcdir) for pattern in _BESIDE_THE_CODE for path in Path(app.srcdir).glob(pattern)
        )
        rest = [path.with_suffix("").as_posix() for path in sorted(beside) if "scaffold" not in path.parts]
        listed.append(("Beside the code", [name for name in rest if name not in named]))
    for heading, pages in listed:
        source[0] += "\n\n```{toctree}\n:hidden:\n:caption: " + heading + "\n\n"
        source[0] += "\n".join(f"/{name}" for name in pages) + "\n```\n"


def _add_front_door(app: Sphinx, failed: Exception | None) -> None:
    """Let the folder itself open the first page."""
    if failed is None and app.builder.name == "html":
        door = f'<!doctype html><meta charset="utf-8"><title>lkportal</title><meta http-equiv="refresh" content="0; url={root_doc}.html">'
        Path(app.outdir, "index.html").write_text(door + f'<a href="{root_doc}.html">lkportal</a>\n', encoding="utf-8")


def _say_language(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    if page.endswith(".ru"):
        context["language"] = "ru"


def setup(app: Sphinx) -> None:
    """Hang the steps of ours into the build."""
    app.connect("source-read", _add_contents)
    app.connect("html-page-context", _say_language)
    app.connect("build-finished", _add_front_door)
