"""What `lkportal doctor` asks of privacy, and the warning at the start of a demo or a gallery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from lkportal.core.contributions import Finding
from lkportal.core.protection.personal import personal_gaps
from lkportal.privacy.models import KeptText
from lkportal.privacy.texts import Documents


def undeclared(portal: Any) -> list[Finding]:
    """Find what looks personal in installed modules and is not declared: it would be missing from exports and erasures."""
    return [Finding("warn", sentence) for sentence in personal_gaps(portal.known)]


def warn_of_gaps(portal: Any, log: Any) -> None:
    """Tell whoever writes a module, while they look at the demo or the gallery, what it holds of people undeclared."""
    if portal.settings.portal.demo or portal.settings.web.gallery:
        for sentence in personal_gaps(portal.known):
            log.warning("personal_undeclared", problem=sentence)


def changed_texts(portal: Any) -> Iterator[Finding]:
    """Find documents whose text changed under the same version: people agreed to other words, and nobody asks them again."""
    documents = portal.ports.get(Documents)
    with portal.database.reading() as connection:
        for document in documents.all:
            for wording in document.wordings.values():
                wanted = select(KeptText.hash).where(
                    KeptText.document == document.name,
                    KeptText.version == document.version,
                    KeptText.locale == wording.locale,
                )
                known = set(connection.execute(wanted).scalars())
                if known and wording.hash not in known:
                    yield Finding(
                        "bad",
                        f"The text of privacy.documents.{document.name} ({wording.locale}) changed, and its version is still"
                        f" {document.version!r}: people agreed to other words. Give it a new version.",
                    )
