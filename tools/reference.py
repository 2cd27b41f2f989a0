"""Writes docs/reference/ from the source, so that no setting, hook, event, job, port or command goes untold:
`python -m tools.reference`. What is told of a thing stands beside it in the code."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tools import discover
from tools.discover import Thing
from tools.tree import ROOT

FOLDER = "docs/reference"
_NOTE = "<!-- Written by `python -m tools.reference` from the source: change the words there. -->\n"

PAGES = {
    "settings": (
        "Settings",
        "Keys of `portal.toml`. Each may come from the environment instead: `[web] hosts` is `LKPORTAL_WEB__HOSTS`. "
        "A wrong key or value stops the start with the file, the key and the cure.",
        ("type", "default"),
    ),
    "hooks": (
        "Hooks",
        "What a module may add. Hooks return plain records and are called once, when the registry is built; none is called while a "
        "request is answered. [How they are written](../extend/hooks.md).",
        ("signature",),
    ),
    "events": (
        "Events",
        "Facts that a module tells. Each is written in the transaction of the act and delivered to every listener.",
        ("class", "body"),
    ),
    "jobs": ("Jobs", "Work that runs outside a request, by `lkportal worker` or inside the web process.", ()),
    "ports": ("Ports", "Questions that one room asks and another answers, each a Protocol filled at start.", ()),
    "commands": ("Commands", "What the shell understands. `--help` after any of them tells more.", ("arguments",)),
}


def things(root: Path, page: str) -> list[Thing]:
    """Return what a page must tell of, in the order it is told."""
    finders = {
        "settings": discover.settings,
        "hooks": discover.hooks,
        "events": discover.events,
        "jobs": discover.jobs,
        "ports": discover.ports,
    }
    found = finders[page](root) if page in finders else discover.commands()
    return sorted(found, key=lambda thing: (thing.group, thing.name))


def render(root: Path, page: str) -> str:
    """Return a page of the reference as Markdown."""
    title, lead, columns = PAGES[page]
    lines = [_NOTE, f"# {title}", "", lead, ""]
    for group, members in groupby(things(root, page), key=lambda thing: thing.group):
        if group:
            lines += [f"## {group}", ""]
        lines += [_row(("name", *columns, "what it is for")), _row("---" for _ in range(len(columns) + 2))]
        lines += [
            _row((f"`{thing.name}`", *(f"`{fact}`" if fact else "" for fact in thing.facts), thing.about))
            for thing in members
        ]
        lines.append("")
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def problems(root: Path) -> list[str]:
    """Return what nobody describes, and pages that have fallen behind the source."""
    found: list[str] = []
    for page in PAGES:
        found += [
            f"{page}: {thing.group} {thing.name} says nothing of itself: describe it where it is defined"
            for thing in things(root, page)
            if not thing.about.strip()
        ]
        path = root / FOLDER / f"{page}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != render(root, page):
            found.append(f"{FOLDER}/{page}.md has fallen behind: run `python -m tools.reference`")
    return found


def main(root: Path = ROOT) -> None:
    """Write every page anew."""
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        (root / FOLDER / f"{page}.md").write_text(render(root, page), encoding="utf-8")


if __name__ == "__main__":
    main()
