"""Writes docs/reference/kit.md from the gallery's samples and the macros: `python -m tools.kit`. What is told of a component
stands in its file under templates/kit/pieces, what is told of a macro in the head comment of its file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from lkportal.theming.drawing.charts import CHARTS
from lkportal.theming.drawing.drawings import DRAWINGS
from lkportal.theming.drawing.lines import LINES
from lkportal.theming.templates.pieces import FOLDER, GROUPS, PARTS, Parameters, Piece, read_macros, read_piece
from tools.tree import ROOT

PAGE = "docs/reference/kit.md"
TEMPLATES = "src/lkportal/themes/default/templates/"
_HEAD = """<!-- Written by `python -m tools.kit` from the kit's own files: change the words there. -->
# The kit

What pages are made of. Open `/_kit` of a portal in demo mode, or with `[web] gallery = true`, to see every component in each state
under its brand, with the source of each sample. A template imports a file of parts without context and calls its macros:

```jinja
{% import "parts/cards.html" as cards %}{{ cards.notice("ok", "Saved.") }}
```

Layouts, context and classes for laying out are in `themes/default/KIT.md` of the package.
"""


def shelf(root: Path) -> list[Piece]:
    """Return the components in the order of the gallery."""
    files = sorted((root / TEMPLATES / FOLDER).glob("*.html"))
    found = [read_piece(path.stem, path.read_text(encoding="utf-8")) for path in files]
    return sorted(found, key=lambda piece: (GROUPS.index(piece.group), piece.title))


def macros(root: Path) -> dict[str, Parameters]:
    """Return the macros of pages by "file.name"."""
    files = [path for path in sorted((root / TEMPLATES / PARTS).glob("*.html")) if path.stem != "paper"]
    found = [macro for path in files for macro in read_macros(path.stem, path.read_text(encoding="utf-8"))]
    return {macro.name: macro for macro in found}


def render(root: Path) -> str:
    """Return the page as Markdown."""
    known, lines = macros(root), [_HEAD]
    for group, members in groupby(shelf(root), key=lambda piece: piece.group):
        lines += [f"## {group.capitalize()}", ""]
        for piece in members:
            lines += _told(root, piece, known)
    lines += ["## Functions", "", "Known to every template by name.", ""]
    lines += list(_functions({**DRAWINGS, **CHARTS, **LINES}))
    return "\n".join(lines) + "\n"


def _told(root: Path, piece: Piece, known: dict[str, Parameters]) -> list[str]:
    states = ", ".join(state.name for state in piece.states)
    lines = [f"### {piece.title}", ""]
    picture = f"images/kit/{piece.key}.png"
    if (root / "docs" / picture).exists():
        lines += [f"![{piece.title}](../{picture})", ""]
    lines += [f"{piece.pattern}. Keyboard: {piece.keys}. Shown: {states}.", ""]
    for name in piece.macros:
        about = f": {known[name].about}" if known[name].about else ""
        lines.append(f"- `{name}({known[name].parameters})`{about}")
    return [*lines, ""]


def _functions(functions: dict[str, Callable[..., Any]]) -> Iterator[str]:
    for name, function in sorted(functions.items()):
        plain = [each.replace(annotation=each.empty) for each in inspect.signature(function).parameters.values()]
        signature = inspect.Signature(plain)
        about = (inspect.getdoc(function) or "").split("\n\n", 1)[0].replace("\n", " ")
        yield f"- `{name}{signature}`: {about}"


def problems(root: Path) -> list[str]:
    """Return what nobody describes, what no component shows, and a page that has fallen behind."""
    known, shown = macros(root), {name for piece in shelf(root) for name in piece.macros}
    found = [
        f"{name} stands in no component of the gallery: add it to a file of {FOLDER}"
        for name in sorted(set(known) - shown)
    ]
    found += [
        f"{name} is shown and does not exist: mend the head of its component" for name in sorted(shown - set(known))
    ]
    if not found:
        path = root / PAGE
        if not path.is_file() or path.read_text(encoding="utf-8") != render(root):
            found.append(f"{PAGE} has fallen behind: run `python -m tools.kit`")
    return found


def main(root: Path = ROOT) -> None:
    """Write the page anew."""
    (root / PAGE).write_text(render(root), encoding="utf-8")


if __name__ == "__main__":
    main()
