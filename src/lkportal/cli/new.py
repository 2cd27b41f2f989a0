"""`lkportal new`: a company's own portal, ready to be branded and filled. Presets lie over the blank one and bring sample files."""

from __future__ import annotations

import json
import re
import secrets
from datetime import date, timedelta
from pathlib import Path

import click

from lkportal.core.protection.crypto import new_key

PRESETS = ("blank", "utility", "telecom")
_SCAFFOLDS = Path(__file__).parent / "scaffold"
_LAYERS = {"blank": ("portal",), "utility": ("portal", "utility"), "telecom": ("portal", "telecom")}
_DAY = re.compile(r"\{(today|month|period)([+-]\d+)(?::(\d+))?\}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="The company's name as customers know it; the folder's name when left out.")
@click.option(
    "--preset",
    type=click.Choice(PRESETS),
    default="blank",
    help="blank: settings, brand, app. utility: bills, readings, outages; telecom: bills, plans and services, outages; both with sample "
    "files and steps.",
)
def new(folder: Path, name: str, preset: str) -> None:
    """Make FOLDER with portal.toml, a brand book, app.py, README and fresh secrets."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty. Name a new folder.")
    for layer in _LAYERS[preset]:
        _lay(_SCAFFOLDS / layer, folder, name or folder.name, date.today())  # noqa: DTZ011 - the samples' days are the writer's own
    (folder / "portal.toml").chmod(0o640)
    secret = folder / "secrets.env"
    secret.touch(mode=0o600)
    secret.write_text(
        f"LKPORTAL_SECRET_KEY={secrets.token_urlsafe(32)}\nLKPORTAL_ENCRYPTION_KEYS='[\"{new_key('k1')}\"]'\n",
        encoding="utf-8",
    )
    (folder / ".gitignore").write_text("secrets.env\ndata/\n", encoding="utf-8")
    click.echo(f"{folder} is ready. Read {folder / 'README.md'}: its first lines lead to a running portal.")


def _lay(scaffold: Path, folder: Path, called: str, today: date) -> None:
    for source in sorted(path for path in scaffold.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        target = folder / source.relative_to(scaffold)
        target.parent.mkdir(parents=True, exist_ok=True)
        words = source.read_text(encoding="utf-8")
        if target.suffix == ".csv":
            words = dated(words, today)
        shown = json.dumps(called, ensure_ascii=False)[1:-1] if target.suffix == ".toml" else called
        target.write_text(words.replace("%(name)s", shown), encoding="utf-8")


def dated(words: str, today: date) -> str:
    """Return a sample file with days near `today`: {today+1}, {month-1:20} (a day of a month), {period-1} (a month)."""

    def day(found: re.Match[str]) -> str:
        kind, steps = found[1], int(found[2])
        if kind == "today":
            return f"{today + timedelta(days=steps):%d.%m.%Y}"
        months = today.year * 12 + today.month - 1 + steps
        month = date(months // 12, months % 12 + 1, int(found[3] or 1))
        return f"{month:%m.%Y}" if kind == "period" else f"{month:%d.%m.%Y}"

    return _DAY.sub(day, words)
