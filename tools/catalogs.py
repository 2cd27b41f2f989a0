"""Every visible text of the portal has a stable key, one English wording and a Russian one: the law of texts over our own tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lkportal.testing.judging import wording
from lkportal.testing.judging.wording import DATA_SUFFIXES, TEMPLATE_SUFFIXES, Sources
from tools.tree import source_files

_ENGINE = "src/lkportal/core/i18n.py"


def problems(root: Path) -> list[str]:
    """Return what is missing, doubled or unkeyed in the texts of the tree at `root`."""
    package = root / "src/lkportal"
    return wording.problems(
        Sources(
            root,
            [path for path in source_files(root) if path.relative_to(root).as_posix() != _ENGINE],
            list(template_files(root)),
            sorted(package.rglob("locale/ru/LC_MESSAGES/messages.po")),
            [path for path in package.rglob("*") if path.suffix in DATA_SUFFIXES and path.is_file()],
        )
    )


def template_files(root: Path) -> Iterator[Path]:
    """Yield the templates of the package and of the examples, ours alone: a plugin's words are judged by its own checklist."""
    for folder in ("src/lkportal", "examples"):
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if (
                path.suffix in TEMPLATE_SUFFIXES
                and "templates" in parts
                and not {"scaffold", "plugins"}.intersection(parts)
            ):
                yield path
