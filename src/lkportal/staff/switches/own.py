"""The settings of the desk itself that are changed at the desk: how long views, requests and invitations last."""

from __future__ import annotations

from lkportal.core.contributions import DeskSetting
from lkportal.core.i18n import text

_HOURS, _MINUTES = text("staff.setting.hours", "hours"), text("staff.setting.minutes", "minutes")
DESK_SETTINGS = [
    DeskSetting(
        "view_as_minutes",
        text("staff.setting.view_as", "Seeing as a customer"),
        text("staff.setting.view_as_hint", "So long a view as the customer lasts before it must be begun anew."),
        unit=_MINUTES,
        order=10,
    ),
    DeskSetting(
        "approval_hours",
        text("staff.setting.approval", "Requests to a second person"),
        text("staff.setting.approval_hint", "So long a request waits before it runs out."),
        unit=_HOURS,
        order=11,
    ),
    DeskSetting(
        "invitation_hours",
        text("staff.setting.invitation", "Invitations of colleagues"),
        text("staff.setting.invitation_hint", "So long the link works that a new colleague is sent."),
        unit=_HOURS,
        order=12,
    ),
]
