"""What readings bring to the desk's first pages: settings that the company changes there, and the queue of what needs a look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from lkportal.core.contributions import DeskSetting, Queue
from lkportal.core.i18n import Text, text
from lkportal.modules.readings.models import Review
from lkportal.modules.readings.settings import ReadingsSettings


def _window(_before: ReadingsSettings, after: ReadingsSettings, today: date) -> Iterator[Text]:
    """Tell what the window would be, and what it is today."""
    yield text(
        "readings.setting.window",
        "Readings are awaited from day %(first)s to day %(last)s of each month, where no rule of a category says otherwise.",
        first=after.window_first,
        last=after.window_last,
    )
    if after.window_first > after.window_last:
        yield text(
            "readings.setting.backwards", "The first day comes after the last: then the window is the first day alone."
        )
    elif after.window_first <= today.day <= after.window_last:
        yield text("readings.setting.open", "Today the window is open.")
    else:
        yield text("readings.setting.closed", "Today the window is closed.")


DESK_SETTINGS = [
    DeskSetting(
        "window_first",
        text("readings.setting.first", "First day for readings"),
        text("readings.setting.first_hint", "From this day of the month customers are asked for readings."),
        effect=_window,
        order=10,
    ),
    DeskSetting(
        "window_last",
        text("readings.setting.last", "Last day for readings"),
        text("readings.setting.last_hint", "Up to this day a reading counts for the month."),
        effect=_window,
        order=11,
    ),
    DeskSetting(
        "late",
        text("readings.setting.late", "Readings after the last day"),
        text("readings.setting.late_hint", "What becomes of a reading that comes too late."),
        choices=(
            ("next_month", text("readings.setting.next_month", "count for the next month")),
            ("refuse", text("readings.setting.refuse", "are not taken")),
        ),
        order=12,
    ),
    DeskSetting(
        "remind_before",
        text("readings.setting.remind", "Reminders before the last day"),
        text(
            "readings.setting.remind_hint",
            "Days before the last one, with commas between: 10, 2. Who has sent is not reminded.",
        ),
        order=13,
    ),
    DeskSetting(
        "photos",
        text("readings.setting.photos", "Photos of meters"),
        text("readings.setting.photos_hint", "Whether a photo may be sent with a reading."),
        order=14,
    ),
    DeskSetting(
        "review",
        text("readings.setting.review", "Readings you look at"),
        text("readings.setting.review_hint", "Which readings wait for a look of yours."),
        choices=(
            ("doubts", text("readings.setting.doubts", "doubtful ones")),
            ("photos", text("readings.setting.with_photos", "doubtful ones and those with a photo")),
        ),
        order=15,
    ),
    DeskSetting(
        "jump_factor",
        text("readings.setting.jump", "Doubt from how many times the usual"),
        text("readings.setting.jump_hint", "A consumption so many times the usual asks the customer to look again."),
        unit=text("readings.setting.times", "times"),
        order=16,
    ),
]
QUEUES = [
    Queue(
        "readings.review",
        text("readings.queue.review", "Readings to look at"),
        "readings:queue",
        select(func.count().label("waiting"), func.min(Review.opened_at).label("oldest")).where(
            Review.state == "waiting"
        ),
        "readings.review",
        late_hours=72,
        order=20,
    )
]
