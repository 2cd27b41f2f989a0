"""`lkportal theme`: look a brand book over, write its files, tell where each value came from."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from lkportal.theming.brand.file import load_book
from lkportal.theming.errors import BrandError
from lkportal.theming.making.build import build, check
from lkportal.theming.making.from_logo import propose
from lkportal.theming.making.report import explain, report
from lkportal.theming.making.tokens import write_tokens
from lkportal.theming.theme import build_theme

_FOLDER = click.Path(path_type=Path, file_okay=False)


class _Refused(click.ClickException):
    """A brand book's problems, one a line."""

    def __init__(self, wrong: BrandError) -> None:
        super().__init__("\n".join(wrong.problems))


class _Commands(click.Group):
    """Imports what looks at the whole portal only when it is called: the others answer at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_LATER})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _LATER:
            return getattr(import_module("lkportal.cli.overrides"), cmd_name)  # type: ignore[no-any-return]
        return super().get_command(ctx, cmd_name)


_LATER = ("doctor", "override")


@click.group(cls=_Commands)
def theme() -> None:
    """Brand books and themes: check, build, explain, export, propose, and what an upgrade left behind."""


@theme.command("check")
@click.argument("folder", type=_FOLDER)
def check_command(folder: Path) -> None:
    """Read FOLDER/brand.toml, compute its colours and report. Exit code 1 when it cannot be used."""
    try:
        found = check(folder)
    except BrandError as wrong:
        raise _Refused(wrong) from None
    for line in found.lines():
        click.echo(line)
    if not found.ok:
        raise SystemExit(1)


@theme.command("build")
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=_FOLDER, default=Path("build/brand"), show_default=True, help="Where the files go.")
def build_command(folder: Path, out: Path) -> None:
    """Write the stylesheet, the table of roles and the marks of FOLDER/brand.toml."""
    try:
        written = build(folder, out)
    except BrandError as wrong:
        raise _Refused(wrong) from None
    _tell(written)


@theme.command("export")
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=_FOLDER, default=Path("build/tokens"), show_default=True, help="Where the files go.")
def export_command(folder: Path, out: Path) -> None:
    """Write the computed brand as design tokens (DTCG 2025.10), one file a mode, and the resolver that joins them."""
    try:
        written = write_tokens(build_theme(load_book(folder)), out)
    except BrandError as wrong:
        raise _Refused(wrong) from None
    _tell(written)


def _tell(written: Sequence[Path]) -> None:
    for path in written:
        click.echo(f"{path}  {path.stat().st_size:,} bytes")


@theme.command("from-logo")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", type=_FOLDER, default=None, help="A new folder for brand.toml and the logo; else it is printed.")
def from_logo_command(file: Path, out: Path | None) -> None:
    """Propose a brand.toml from the logo FILE (SVG, PNG or WebP): its colours, its name, what will move."""
    try:
        found = propose(file)
        written = found.write(out) if out else []
        made = build_theme(load_book(out) if out else found.book())
    except BrandError as wrong:
        raise _Refused(wrong) from None
    click.echo(found.text(), nl=False)
    click.echo()
    for line in report(made).lines():
        click.echo(f"# {line}")
    _tell(written)


@theme.command("explain")
@click.argument("folder", type=_FOLDER)
@click.argument("key", default="")
def explain_command(folder: Path, key: str) -> None:
    """Tell each value of FOLDER/brand.toml and its source; KEY may be a section, a key or a role (color, link)."""
    try:
        found = explain(build_theme(load_book(folder)), key)
    except BrandError as wrong:
        raise _Refused(wrong) from None
    if not found:
        raise click.ClickException(f"There is no key or role {key}. Leave it out to see all.")
    width = max(len(item.key) for item in found)
    for item in found:
        click.echo(
            f"{item.key:<{width}}  {item.value}  {'  '.join(str(told) for told in (item.source, item.how) if told)}"
        )
