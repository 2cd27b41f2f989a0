"""`lkportal new-module`: a module of one's own as a distribution that works as it stands, with its tests."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from lkportal.app import ROOMS
from lkportal.core.registry.discovery import installed_modules

_SCAFFOLD = Path(__file__).parent / "scaffold" / "module"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,29}")
_LITERAL = {".py", ".po", ".toml", ".html"}
"""Files in which words stand between double quotes."""


@click.command("new-module")
@click.argument("name")
@click.option("--title", default="", help="What people call it in English; made of NAME when left out.")
@click.option("--russian", default="", help="What people call it in Russian; the English title when left out.")
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Where its folder goes; here."
)
def new_module(name: str, title: str, russian: str, into: Path) -> None:
    """Make a module NAME ("memberships": a plural noun): a package with pages, a table, tests, Russian and English."""
    if not _NAME.fullmatch(name):
        raise click.ClickException(
            f"{name!r} cannot be the name of a module: small Latin letters, digits and _, a letter first, 2 to 30 of them."
        )
    if name in {"core", "web", "theming", *(each.name for each in (*ROOMS, *installed_modules()))}:
        raise click.ClickException(f"There is a module {name!r} already. Choose another name.")
    called = title or name.replace("_", " ").capitalize()
    folder = into / f"lkportal-{name.replace('_', '-')}"
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Move it away or choose another name.")
    words = {
        "lkportal-things": folder.name,
        "things": name,
        "Things": called,
        "Вещи": russian or called,
    }
    for source in sorted(path for path in _SCAFFOLD.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        _write(source, folder / _renamed(str(source.relative_to(_SCAFFOLD)), {"things": name}), words)
    click.echo(f"{folder} is ready: its README says how to try it, `pytest` in it tells that it works.")


def _write(source: Path, target: Path, words: dict[str, str]) -> None:
    if source.suffix in _LITERAL:
        words = {old: json.dumps(new, ensure_ascii=False)[1:-1] for old, new in words.items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_renamed(source.read_text(encoding="utf-8"), words), encoding="utf-8")


def _renamed(text: str, words: dict[str, str]) -> str:
    """Put each word in the place of another, all at once: what was put in is not replaced again."""
    return re.sub("|".join(map(re.escape, words)), lambda found: words[found[0]], text)
