"""The law of a module's pages: they are made of the kit's parts alone, so that every brand, theme, mode and reader is served.

`template_problems(Path(my_module.__file__).parent)` names each place where a template does by hand what the kit does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

LAYOUT_CLASSES = frozenset(
    [
        *(
            "stack",
            "tight",
            "snug",
            "narrow",
            "cols",
            "home",
            "even",
            "merge",
            "p1",
            "p2",
            "p3",
            "p4",
            "p5",
            "p6",
            "tiles",
        ),
        *("row", "between", "wrap-row", "top-line", "grow", "actions", "centre", "page-head", "who", "desk", "phone"),
        *("form", "wide", "unmarked", "pair", "filters", "pre", "mail"),
        *("muted", "small", "note", "strong", "num", "measure", "lead", "hide"),
    ]
)
"""The classes a module's template may write: they lay parts out. KIT.md tells what each does."""

RULES = {
    "a raw control; use the part of the kit": re.compile(
        r"<(button|input|select|textarea|table|dialog|svg)\b", re.IGNORECASE
    ),
    "a style of its own; use a part or a class of the kit": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "a raw colour; use a role of the brand": re.compile(
        r"(?<![\w-])(?!(?:href|hx-[\w-]+|for|id|aria-[\w-]+|action|src)\s*=)[\w-]+\s*[:=]\s*[\"']?#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b"
        r"|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(\s*[\d.]",
        re.IGNORECASE,
    ),
    "a form in a paragraph, which a browser closes before it; use a <div>": re.compile(
        r"<p\b[^>]*>(?:(?!</p>).)*?(?:<form\b|\bpost(?:_act)?\(request)", re.IGNORECASE
    ),
    "a script of its own; the page works without, and the policy forbids it": re.compile(
        r"<script\b|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
    ),
}
"""What a template may not hold, and what to do instead."""

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)
_CLASS = re.compile(
    r"\sclass\s*=\s*(?:\"((?:\{\{.*?\}\}|\{%.*?%\}|[^\"])*)\"|'((?:\{\{.*?\}\}|\{%.*?%\}|[^'])*)')", re.IGNORECASE
)
_JINJA = re.compile(r"\{\{(.*?)\}\}|\{%.*?%\}")
_LITERAL = re.compile(r"\"([\w -]*)\"|'([\w -]*)'")


def template_problems(package: Path, root: Path | None = None) -> list[str]:
    """Return "file:line: what, and what to do instead" for every breach in the HTML templates under `package`.

    Files are named relative to `root` (by default the package). Templates of its tests are left alone.
    """
    found: list[str] = []
    for path in module_templates(package):
        where = path.relative_to(root or package).as_posix()
        paper = "papers" in path.relative_to(package).parts  # a PDF has a sheet and classes of its own
        told = text_problems(path.read_text(encoding="utf-8"), classes=None if paper else LAYOUT_CLASSES)
        found += [f"{where}:{line}: {what}" for line, what in told]
    return found


def text_problems(source: str, classes: frozenset[str] | None = LAYOUT_CLASSES) -> Iterator[tuple[int, str]]:
    """Yield the line and the sentence of every breach in one template; `classes` None: any class may be written."""
    told = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)
    for number, line in enumerate(told.splitlines(), 1):
        for what, pattern in RULES.items():
            if match := pattern.search(line):
                yield number, f"{match[0].strip()} is {what}"
        strange = [name for name in _classes(line) if name not in classes] if classes is not None else []
        for name in strange:
            yield number, f"class {name} is outside the kit's list; use a part, or a class that lays parts out"


def module_templates(package: Path) -> Iterator[Path]:
    """Yield the HTML templates of a package, those of its tests aside."""
    for path in sorted(package.rglob("*.html")):
        parts = path.relative_to(package).parts
        if "templates" in parts and "tests" not in parts:
            yield path


def _classes(line: str) -> Iterator[str]:
    for found in _CLASS.finditer(line):
        given = found[1] or found[2] or ""
        words = _JINJA.sub(" ", given).split()
        for expression in _JINJA.findall(given):
            words += [name for pair in _LITERAL.findall(expression) for name in " ".join(pair).split()]
        yield from words
