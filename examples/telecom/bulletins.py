"""What the telecom company has to tell its customers: an accident on a street and works in the night."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from lkportal.modules.news.service import Draft

UNFINISHED = Draft(
    "announcement",
    {
        "ru": {"title": "Новые каналы с первого числа", "body": ""},
        "en": {"title": "New channels from the first", "body": ""},
    },
)
"""What somebody of the desk began to write."""


def bulletins(now: datetime, zone: str) -> list[Draft]:
    """Return what is out on the day of `now`: no internet at home since an hour, television off tomorrow night."""
    today = now.astimezone(ZoneInfo(zone))
    begun = (today - timedelta(hours=1)).replace(minute=10, second=0, microsecond=0)
    night = datetime.combine(today.date() + timedelta(days=1), time(2), ZoneInfo(zone))
    accident = Draft(
        "outage",
        {
            "ru": {
                "body": "Повреждён кабель у дома 10, бригада его сращивает. Мобильный интернет на это время без ограничений."
            },
            "en": {"body": "A cable near house 10 is damaged and being spliced. Mobile data is unlimited until then."},
        },
        ("Садовая, 1-40",),
        service="internet",
        cause="accident",
        begins_at=begun,
        expected_end=begun + timedelta(hours=5),
    )
    works = Draft(
        "outage",
        {"ru": {"body": "Обновляем оборудование узла."}, "en": {"body": "We renew the equipment of the node."}},
        ("Тихая", "Мира"),
        service="tv",
        cause="planned",
        begins_at=night,
        expected_end=night + timedelta(hours=3),
    )
    return [works, accident]
