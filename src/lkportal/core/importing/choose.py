"""Which kind a file is: the one that was asked for, or a relative of it that knows the file by its name."""

from __future__ import annotations

from collections.abc import Sequence

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.importing.kind import ImportKind


def choose_kind(kinds: Sequence[ImportKind], asked: str, file_name: str) -> ImportKind:
    """Return the kind called `asked`, or one that answers to that name and claims `file_name`.

    Raises PortalError imports.kind with the names that there are.
    """
    for kind in kinds:
        if (kind.name == asked or asked in kind.answers_to) and kind.claims(file_name) is not None:
            return kind
    for kind in kinds:
        if kind.name == asked:
            return kind
    known = ", ".join(sorted(kind.name for kind in kinds)) or "-"
    raise PortalError(
        "imports.kind",
        text(
            "core.imports.no_kind",
            "There is no import kind %(asked)s. The kinds of the modules that are on: %(known)s.",
            asked=asked,
            known=known,
        ),
        404,
    )
