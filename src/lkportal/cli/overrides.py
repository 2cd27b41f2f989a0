"""`lkportal theme doctor` and `theme override`: what an upgrade left behind, and templates that know what they were made from.

Both look at every installed module, so they load more of the portal than the other commands of theme.
"""

from pathlib import Path

import click

from lkportal.app import ROOMS
from lkportal.core.errors import StartupError
from lkportal.core.registry.discovery import installed_modules
from lkportal.theming.brand.book import plain_book
from lkportal.theming.brand.file import load_book
from lkportal.theming.making.doctor import Patient, examine
from lkportal.theming.templates.layers import Layer, chain, chain_below, folder_layer
from lkportal.theming.templates.loaders import ChainLoader
from lkportal.theming.templates.overrides import record_compared, start_override
from lkportal.theming.templates.packages import package_folder
from lkportal.theming.theme import build_theme
from lkportal.theming.themes import FILE as THEME_FILE
from lkportal.theming.themes import installed_themes, read_theme, theme_chain
from lkportal.theming.voices import load_speech

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
_THEME = click.option("--theme", "worn", default="default", show_default=True, help="Where the brand names none.")


@click.command("doctor")
@click.argument("folder", type=_FOLDER)
@_THEME
def doctor(folder: Path, worn: str) -> None:
    """Name what is stale in a brand's or theme's FOLDER: overrides whose original has changed, unknown texts, icons, roles.

    Exit code 0 when there is nothing, 1 when there is.
    """
    try:
        found = examine(patient(folder, worn))
    except StartupError as wrong:
        raise click.ClickException(str(wrong.message)) from None
    for sentence in found:
        click.echo(sentence)
    click.echo(f"{len(found)} to look at." if found else "All overrides, texts, icons and roles fit this version.")
    raise SystemExit(1 if found else 0)


@click.command("override")
@click.argument("folder", type=_FOLDER)
@click.argument("name", default="")
@click.option("--block", default="", help="Only this block; the rest stays inherited, which ages better.")
@click.option("--compared", is_flag=True, help="Record the original anew in an override you have compared with it.")
@_THEME
def override(folder: Path, name: str, block: str, compared: bool, worn: str) -> None:
    """Begin a template of your own in FOLDER from the portal's template NAME; without NAME, list them all."""
    try:
        lower = patient(folder, worn).lower
        if not name:
            for known in ChainLoader(lower).list_templates():
                click.echo(known)
            return
        path = record_compared(folder, name, lower) if compared else start_override(folder, name, lower, block)
    except StartupError as wrong:
        raise click.ClickException(str(wrong.message)) from None
    click.echo(path)


def patient(folder: Path, worn: str) -> Patient:
    """What `folder` is, a brand or a theme, with everything of this installation under it."""
    rooms = [*ROOMS, *installed_modules()]
    modules = [folder_layer("module", module.name, package_folder(module.package)) for module in rooms]
    core = [folder_layer("core", "core", package_folder("lkportal.web"))]
    library = load_speech((), rooms).library
    if (folder / THEME_FILE).is_file():
        themes = theme_chain(read_theme(folder).extends, installed_themes())
        upper: tuple[Layer, ...] = (folder_layer("theme", read_theme(folder).name, folder),)
        any_brand = build_theme(plain_book("Portal", "#0B3F86")).css
        return Patient(upper, [folder], chain_below(themes, modules, core), any_brand, library)
    book = load_book(folder)
    whole = chain(book, theme_chain(book.theme or worn, installed_themes()), modules, core)
    owned = len(book.folders)
    return Patient(whole[:owned], book.folders, whole[owned:], build_theme(book).css, library, book.term_cases)
