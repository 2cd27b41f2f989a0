"""The command line: `lkportal COMMAND`. Each command stands in a file of its own, imported only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from lkportal.core.errors import PortalError
from lkportal.core.version import __version__

COMMANDS: Mapping[str, str] = {
    "audit": "lkportal.cli.audit:audit",
    "database": "lkportal.cli.database:database",
    "demo": "lkportal.cli.demo:demo",
    "doctor": "lkportal.cli.doctor:doctor",
    "import": "lkportal.cli.imports:import_file",
    "keys": "lkportal.cli.keys:keys",
    "migrate": "lkportal.cli.migrate:migrate",
    "modules": "lkportal.cli.modules:modules",
    "new": "lkportal.cli.new:new",
    "new-module": "lkportal.cli.new_module:new_module",
    "openapi": "lkportal.cli.openapi:openapi",
    "practice": "lkportal.cli.practice:practice",
    "routes": "lkportal.cli.modules:routes",
    "serve": "lkportal.cli.serve:serve",
    "texts": "lkportal.cli.texts:texts",
    "theme": "lkportal.cli.theme:theme",
    "token": "lkportal.cli.tokens:token",
    "user": "lkportal.cli.users:user",
    "verify": "lkportal.cli.verify:verify",
    "worker": "lkportal.cli.serve:worker",
}


class _Commands(click.Group):
    """Finds a command by name and imports its file then; an error of the portal is a sentence, not a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return _brought(ctx, cmd_name)
        module, _, name = where.partition(":")
        return getattr(import_module(module), name)  # type: ignore[no-any-return]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PortalError as error:
            raise click.ClickException(str(error.message)) from error


def _brought(ctx: click.Context, name: str) -> click.Command | None:
    """Return a command that a module brings, or None. Only a word that is no command of ours costs loading the portal."""
    try:
        portal = _load(_chosen(ctx.params.get("config")))
    except PortalError as error:
        said = (
            f"There is no command {name!r}, unless a module brings it; but the portal does not start: {error.message}"
        )
        raise click.ClickException(said) from error
    found = (each.command for each in portal.registry.commands if each.name == name)
    return next(found, None)


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="lkportal")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="LKPORTAL_CONFIG",
    help="The settings file; portal.toml of this folder when there is one.",
)
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """The account area of a company: serve it, look after its data, dress it in a brand."""
    chosen = _chosen(config)
    ctx.obj = cache(lambda: _load(chosen))


def _chosen(config: Path | None) -> Path | None:
    default = Path("portal.toml")
    return config or (default if default.is_file() else None)


def _load(config: Path | None) -> Any:
    if config is None:
        click.echo("There is no portal.toml in this folder: only the environment is read.", err=True)
    return import_module("lkportal.app").create_app(config)
