"""`lkportal new`: a company's own portal, ready to be branded and filled."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import click

from lkportal.core.crypto import new_key

_SCAFFOLD = Path(__file__).parent / "scaffold" / "portal"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="The company's name as customers know it; the folder's name when left out.")
def new(folder: Path, name: str) -> None:
    """Make FOLDER with portal.toml, a brand book, app.py, README and fresh secrets."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Name a new folder.")
    called = name or folder.name
    for source in sorted(path for path in _SCAFFOLD.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        target = folder / source.relative_to(_SCAFFOLD)
        target.parent.mkdir(parents=True, exist_ok=True)
        shown = json.dumps(called, ensure_ascii=False)[1:-1] if target.suffix == ".toml" else called
        target.write_text(source.read_text(encoding="utf-8").replace("%(name)s", shown), encoding="utf-8")
    secret = folder / "secrets.env"
    secret.touch(mode=0o600)
    secret.write_text(
        f"LKPORTAL_SECRET_KEY={secrets.token_urlsafe(32)}\nLKPORTAL_ENCRYPTION_KEYS='[\"{new_key('k1')}\"]'\n",
        encoding="utf-8",
    )
    (folder / ".gitignore").write_text("secrets.env\ndata/\n", encoding="utf-8")
    click.echo(f"{folder} is ready. Read {folder / 'README.md'}: five lines lead to a running portal.")
