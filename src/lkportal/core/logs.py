"""Logs: one event, one line of JSON. Lines hold names of routes, codes and numbers; never contacts, texts or secrets."""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr, check_circular=False)


def _line(event: object, **_options: object) -> str:
    return _ENCODER.encode(event)


def json_logger(level: str = "info", stream: TextIO | None = None) -> FilteringBoundLogger:
    """Return a logger of its own (no global configuration) that writes JSON lines to `stream`, standard output by default."""
    made = structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stdout),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )
    return cast(FilteringBoundLogger, made.bind())
