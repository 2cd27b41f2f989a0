"""What people may be told about news."""

from lkportal.core.i18n import text
from lkportal.core.module import Topic

TOPICS = (
    Topic(
        "news.accidents",
        text("news.topic.accidents", "Accidents at your address"),
        urgent=True,
        hint=text("news.topic.accidents_hint", "When a service is gone and when it is back; these come at night too"),
        why=text("news.topic.accidents_why", "You get this because the accident concerns {account} %(number)s."),
        order=2,
    ),
    Topic(
        "news.planned",
        text("news.topic.planned", "Planned works at your address"),
        hint=text("news.topic.planned_hint", "When a service will be switched off, and when it is back"),
        why=text("news.topic.planned_why", "You get this because the works concern {account} %(number)s."),
        order=3,
    ),
    Topic(
        "news.announcements",
        text("news.topic.announcements", "Announcements"),
        frequency="daily",
        hint=text("news.topic.announcements_hint", "What the company tells its customers, gathered once a day"),
        order=90,
    ),
)
