"""`lkportal returned-mail`: what the mail server got back, by a pipe of its alias or from a mailbox on disk."""

from __future__ import annotations

import mailbox
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lkportal.core.unit import open_unit
from lkportal.notify.returns import marking
from lkportal.notify.returns.reading import LARGEST, read


@click.command("returned-mail")
@click.argument("source", default="-", type=click.Path(path_type=Path, allow_dash=True))
@click.pass_obj
def returned_mail(load: Callable[[], Any], source: Path) -> None:
    """Read letters that came back: one message from a pipe (-), a file, or a Maildir folder, whose messages are removed once read.

    In an alias of the mail server: |lkportal --config /etc/portal.toml returned-mail
    """
    portal = load()
    if str(source) == "-":
        click.echo(_take(portal, sys.stdin.buffer.read(LARGEST + 1)))
    elif source.is_dir():
        click.echo(", ".join(f"{word}: {times}" for word, times in _emptied(portal, source).items()) or "nothing")
    elif source.is_file():
        click.echo(_take(portal, source.read_bytes()))
    else:
        raise click.ClickException(f"There is no file or folder {source}.")


def _emptied(portal: Any, folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()
    box = mailbox.Maildir(folder, create=False)
    for key in list(box.iterkeys()):
        found[_take(portal, box.get_bytes(key))] += 1
        box.discard(key)
    return found


def _take(portal: Any, raw: bytes) -> str:
    report = read(raw)
    with open_unit(portal.database, portal.unit_context("returned-mail")) as db:
        return marking.take(db, report)
