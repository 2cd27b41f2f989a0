"""`lkportal texts`: the keys a company may reword, found by a word of any language; what a language still lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.cli.checkup import untranslated
from lkportal.core.language.catalogues import INFORMAL


@click.command()
@click.argument("word", default="")
@click.option("--language", default="", help="The language to show; the portal's first one unless given.")
@click.option("--untranslated", "lacking", is_flag=True, help="Only texts this language has no words for.")
@click.pass_obj
def texts(load: Callable[[], Any], word: str, language: str, lacking: bool) -> None:
    """Every text whose key or wording holds WORD, a line each: the key and what customers read.

    Put a line `"key" = "Your words"` into wording/LANGUAGE.toml of the brand to reword it.
    """
    portal = load()
    locale = portal.locales.get(language or None)
    if language and language not in portal.locales:
        raise click.ClickException(
            f"{language} is not among portal.languages ({', '.join(portal.locales.codes)}): add it there first."
        )
    lack = {key for _, keys in untranslated(portal, locale.code) for key in keys}
    wanted, found = word.casefold(), 0
    for key, english in sorted(portal.live.speech.library.english.items()):
        said = locale.pgettext(key, english[0])
        if key.endswith(INFORMAL) or (lacking and key not in lack):
            continue
        if wanted in key.casefold() or wanted in said.casefold() or wanted in english[0].casefold():
            found += 1
            click.echo(f"{key}  {said}")
    if not found and not lacking:
        raise click.ClickException(f"No text has {word!r} in its key or its words. Try a shorter part of it.")
