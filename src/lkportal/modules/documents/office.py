"""What rules and pages of documents ask of the portal: kinds, settings, terms. Filled once for a portal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from lkportal.core.contributions import DocumentKind
from lkportal.core.errors import NotFound
from lkportal.modules.documents.settings import DocumentsSettings


class Office:
    """The company's kinds of documents and its settings."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def settings(self) -> DocumentsSettings:
        """The settings of documents."""
        return cast(DocumentsSettings, self._portal.settings_of("documents"))

    @property
    def trusted(self) -> Sequence[Path]:
        """Certificates of the authorities whose signature files count as signatures."""
        return [self._portal.configuration.path(each) for each in self.settings.signing.trusted]

    @property
    def zone(self) -> str:
        """The company's time zone, in which terms end."""
        return str(self._portal.settings.portal.time_zone)

    @property
    def kinds(self) -> Sequence[DocumentKind]:
        """The kinds in use, in the order of the settings, else in their own."""
        brought: Sequence[DocumentKind] = self._portal.registry.document_kinds
        chosen = self.settings.kinds
        return [each for name in chosen for each in brought if each.name == name] if chosen else brought

    def kind(self, name: str) -> DocumentKind:
        """Return a kind in use. Raises NotFound."""
        found = next((each for each in self.kinds if each.name == name), None)
        if found is None:
            raise NotFound
        return found

    def any_kind(self, name: str) -> DocumentKind | None:
        """Return a kind, or None for one that came with a module which is off now: its documents stay."""
        brought: Sequence[DocumentKind] = self._portal.registry.document_kinds
        return next((each for each in brought if each.name == name), None)

    def days(self, kind: DocumentKind) -> int:
        """Return how many days a customer has for a document of this kind; 0: no term."""
        return self.settings.days.get(kind.name, kind.days)

    def end_of(self, day: date) -> datetime:
        """Return the last second of a day in the company's zone."""
        return datetime.combine(day, time(23, 59, 59), ZoneInfo(self.zone))

    def today(self, moment: datetime) -> date:
        """Return the day of a moment in the company's zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()
