"""What rules and pages of tickets ask of the portal: the types there are, terms in working time. Filled once for a portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from lkportal.core.errors import NotFound
from lkportal.core.request_types import RequestType, Subject
from lkportal.modules.tickets.settings import TicketsSettings
from lkportal.modules.tickets.types import CHAT
from lkportal.modules.tickets.worktime import WorkCalendar


class Office:
    """The company's request types, settings and working hours."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def settings(self) -> TicketsSettings:
        """The settings of tickets."""
        return cast(TicketsSettings, self._portal.settings_of("tickets"))

    @property
    def calendar(self) -> WorkCalendar:
        """When the company works."""
        return self.settings.calendar(str(self._portal.settings.portal.time_zone))

    def calendar_of(self, week: Mapping[str, str]) -> WorkCalendar:
        """Return the working time of somebody with hours of their own, on the company's holidays none; without any the company's."""
        return self.settings.calendar(str(self._portal.settings.portal.time_zone), week)

    @property
    def types(self) -> Sequence[RequestType]:
        """The types people choose from, in the order of the settings, else in their own."""
        brought: Sequence[RequestType] = self._portal.registry.request_types
        chosen = self.settings.types
        if not chosen:
            return brought
        return [each for name in chosen for each in brought if each.name == name]

    @property
    def subjects(self) -> Sequence[Subject]:
        """What requests may be about."""
        return cast(Sequence[Subject], self._portal.registry.request_subjects)

    def type(self, name: str) -> RequestType:
        """Return a type that people may choose. Raises NotFound."""
        found = next((each for each in self.types if each.name == name), None)
        if found is None:
            raise NotFound
        return found

    def any_type(self, name: str) -> RequestType | None:
        """Return a type, or None for one that came with a module which is off now: its tickets stay."""
        brought: Sequence[RequestType] = self._portal.registry.request_types
        return next((each for each in (*brought, CHAT) if each.name == name), None)

    def terms(self, name: str, moment: datetime) -> tuple[datetime | None, datetime | None]:
        """Return until when a request made at `moment` is answered and solved; None where nothing is promised.

        Raises NotFound for a type that no module brings."""
        kind, own = self.any_type(name), self.settings.terms.get(name)
        if kind is None:
            raise NotFound
        hours = (own.answer_hours, own.solve_hours) if own else (kind.answer_hours, kind.solve_hours)
        answered, solved = (self.due(moment, each * 60) if each else None for each in hours)
        return answered, solved

    def due(self, moment: datetime, minutes: int) -> datetime | None:
        """Return the moment so many working minutes later; None where nobody works."""
        return self.calendar.after(moment, minutes)

    def minutes_left(self, moment: datetime, due: datetime) -> int:
        """Return how many working minutes lie between a moment and a term."""
        return self.calendar.between(moment, due)
