"""What help suggests where requests are written: fills the port Answers of the core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection

from lkportal.core.request_types import Answer, RequestType
from lkportal.modules.help import finding, queries


class Suggested:
    """Published articles that fit what is being typed."""

    home = "help:home"

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def types(self) -> Sequence[RequestType]:
        """The types of requests that articles may spare; none where requests are off."""
        return cast(Sequence[RequestType], self._portal.registry.request_types)

    def fitting(
        self, connection: Connection, typed: str, kind: str, language: str, brand: str, most: int = 3
    ) -> Sequence[Answer]:
        """Return articles that fit; those of the type alone where the words fit none."""
        rows = queries.published(connection, brand)
        found = finding.ranked(rows, typed, language, kind) or finding.ranked(rows, "", language, kind)
        return [
            Answer(words.title, words.lead, "help:article", {"article": row.public_id}) for row, words in found[:most]
        ]
