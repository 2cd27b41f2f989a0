"""What held on a day: rules by category of customer and resource, the settings where no rule says anything. Pure functions of rows;
the rows come from queries.RULES, most general first and oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lkportal.modules.readings.settings import ReadingsSettings

FIELDS = (
    "window_first", "window_last", "late", "jump_factor", "jump_floor", "norm_milli", "average_months", "average_times",
)  # fmt: skip
CATEGORIES = ("household", "company")
"""The categories of whom the company has not said anything: people, and accounts of an organisation."""


class Rules:
    """The rules that held for one account on one day: `of(resource)` are the settings a value of it is judged by."""

    def __init__(self, settings: ReadingsSettings, rows: Sequence[Any] = ()) -> None:
        self._rows = tuple(rows)
        self._settings = settings
        self.general = settled(settings, self._rows)

    def of(self, resource: str) -> ReadingsSettings:
        """Return the settings for a resource."""
        if not any(row.resource for row in self._rows):
            return self.general
        return settled(self._settings, self._rows, resource)


def settled(settings: ReadingsSettings, rows: Sequence[Any], resource: str = "") -> ReadingsSettings:
    """Return `settings` with what the rows say of a resource put over them, the most special and newest last."""
    said = {
        name: getattr(row, name)
        for row in rows
        if row.resource in ("", resource)
        for name in FIELDS
        if getattr(row, name) is not None
    }
    if not said:
        return settings
    if said.get("window_last", settings.window_last) < said.get("window_first", settings.window_first):
        said["window_last"] = said.get("window_first", settings.window_first)
    return settings.model_copy(update=said)


def in_force(rows: Sequence[Any], today: date) -> frozenset[str]:
    """Return the public ids of the newest row of each category and resource that has begun: those that hold today."""
    newest: dict[tuple[str, str], Any] = {}
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from <= today:
            newest[row.category, row.resource] = row
    return frozenset(row.public_id for row in newest.values())
