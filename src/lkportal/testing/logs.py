"""What a portal wrote into its log: lines of JSON of the edge, and records of Python's logging."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lkportal.app import Portal
from lkportal.core.logs import json_logger


class Logs:
    """Everything logged since the test began."""

    def __init__(self) -> None:
        self._stream = io.StringIO()

    @property
    def text(self) -> str:
        """All of it, as written."""
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The edge's lines and, as {"event", "level", "logger"}, the records of Python's logging."""
        return [json.loads(line) for line in self.text.splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the lines of one event, such as "panel_failed"."""
        return [line for line in self.lines if line.get("event") == name]

    @contextmanager
    def of(self, portal: Portal) -> Iterator[Logs]:
        """Collect what `portal` logs inside the block, from "debug" on."""
        portal.edge.log = json_logger("debug", self._stream)
        handler = _JSONHandler(self._stream)
        root = logging.getLogger("lkportal")
        before = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield self
        finally:
            root.removeHandler(handler)
            root.setLevel(before)


class _JSONHandler(logging.StreamHandler[io.StringIO]):
    """Writes records as lines of JSON, with the text of their exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"event": super().format(record), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps(line, ensure_ascii=False)
