"""Settings of notices that the company changes at the desk: quiet hours, the hour of gathered letters, how ways follow one another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lkportal.core.contributions import DeskSetting
from lkportal.core.i18n import Text, text
from lkportal.notify.settings import NotifySettings

_MINUTES, _DAYS = text("notify.setting.minutes", "min"), text("notify.setting.days", "days")
_WEEKDAYS = (
    ("0", text("notify.setting.monday", "Monday")),
    ("1", text("notify.setting.tuesday", "Tuesday")),
    ("2", text("notify.setting.wednesday", "Wednesday")),
    ("3", text("notify.setting.thursday", "Thursday")),
    ("4", text("notify.setting.friday", "Friday")),
    ("5", text("notify.setting.saturday", "Saturday")),
    ("6", text("notify.setting.sunday", "Sunday")),
)


def _quiet(_before: NotifySettings, after: NotifySettings, _today: date) -> Iterator[Text]:
    """Tell when people who chose nothing would be left alone."""
    if not after.quiet.on:
        yield text("notify.setting.no_quiet", "Who chose no quiet hours is told at any hour.")
        return
    yield text(
        "notify.setting.quiet_then",
        "From %(since)s to %(until)s by their own clock, messages to people who chose no hours wait; accidents do not.",
        since=f"{after.quiet.since:%H:%M}",
        until=f"{after.quiet.until:%H:%M}",
    )
    yield text("notify.setting.own_hours", "Who chose hours keeps them.")


def _ways(_before: NotifySettings, _after: NotifySettings, _today: date) -> Iterator[Text]:
    yield text("notify.setting.on_their_way", "Messages that wait already leave when they were to leave.")


def _kept(before: NotifySettings, after: NotifySettings, _today: date) -> Iterator[Text]:
    """Tell what goes when less is kept."""
    if (after.keep_notices_days, after.keep_letters_days) < (before.keep_notices_days, before.keep_letters_days):
        yield text("notify.setting.older_go", "What is older goes in the coming night and does not come back.")


DESK_SETTINGS = [
    DeskSetting(
        "quiet.on",
        text("notify.setting.quiet", "Quiet hours for all"),
        text("notify.setting.quiet_hint", "For people who chose none themselves."),
        effect=_quiet,
        order=10,
    ),
    DeskSetting(
        "quiet.since",
        text("notify.setting.since", "Quiet hours begin"),
        text("notify.setting.their_clock", "By the clock of each reader."),
        effect=_quiet,
        order=11,
    ),
    DeskSetting(
        "quiet.until",
        text("notify.setting.until", "Quiet hours end"),
        text("notify.setting.their_clock", "By the clock of each reader."),
        effect=_quiet,
        order=12,
    ),
    DeskSetting(
        "digest_at",
        text("notify.setting.digest", "Gathered letters leave at"),
        text("notify.setting.digest_hint", "For people who chose one letter a day or a week, by their clock."),
        effect=_ways,
        order=13,
    ),
    DeskSetting(
        "digest_weekday",
        text("notify.setting.weekday", "Gathered letters of a week"),
        text("notify.setting.weekday_hint", "The day they leave on."),
        choices=_WEEKDAYS,
        effect=_ways,
        order=14,
    ),
    DeskSetting(
        "escalation.push_after_minutes",
        text("notify.setting.push", "Pause before the browser"),
        text("notify.setting.pause_hint", "So long a message may stay unread before this way follows the one before."),
        unit=_MINUTES,
        effect=_ways,
        order=15,
    ),
    DeskSetting(
        "escalation.email_after_minutes",
        text("notify.setting.email", "Pause before a letter"),
        text("notify.setting.pause_hint", "So long a message may stay unread before this way follows the one before."),
        unit=_MINUTES,
        effect=_ways,
        order=16,
    ),
    DeskSetting(
        "escalation.sms_after_minutes",
        text("notify.setting.sms", "Pause before a text message"),
        text("notify.setting.pause_hint", "So long a message may stay unread before this way follows the one before."),
        unit=_MINUTES,
        effect=_ways,
        order=17,
    ),
    DeskSetting(
        "keep_notices_days",
        text("notify.setting.notices", "Notices in the list"),
        text("notify.setting.notices_hint", "So long people see what they were told."),
        unit=_DAYS,
        effect=_kept,
        order=18,
    ),
    DeskSetting(
        "keep_letters_days",
        text("notify.setting.letters", "Record of letters"),
        text("notify.setting.letters_hint", "So long the desk sees what became of a letter."),
        unit=_DAYS,
        effect=_kept,
        order=19,
    ),
]
