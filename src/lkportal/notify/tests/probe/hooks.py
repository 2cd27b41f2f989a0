"""Notices of the probe. What is done is remembered in a set of what they are about."""

from __future__ import annotations

from sqlalchemy import Connection

from lkportal.core.contributions import Notice
from lkportal.core.hookspecs import hookimpl
from lkportal.core.notices import Due, no_event

DONE: set[str] = set()


def still_due(_db: Connection, due: Due) -> bool:
    """Whether nobody has done it."""
    return due.about not in DONE


@hookimpl
def notices() -> list[Notice]:
    return [
        Notice(
            f"probe.{topic}",
            "",
            f"probe.{topic}",
            "probe/notice",
            no_event,
            route="readings:history",
            still_due=still_due,
        )
        for topic in ("due", "must", "news")
    ]
