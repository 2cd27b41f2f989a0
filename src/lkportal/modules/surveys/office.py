"""What rules of surveys ask of the portal: their settings. Filled once for a portal."""

from __future__ import annotations

from typing import Any, cast

from lkportal.modules.surveys.settings import SurveysSettings


class Office:
    """The settings of surveys and the time zone of the company."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    @property
    def settings(self) -> SurveysSettings:
        """The settings of surveys."""
        return cast(SurveysSettings, self._portal.settings_of("surveys"))
