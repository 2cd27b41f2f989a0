"""What people may be told about readings."""

from lkportal.core.i18n import text
from lkportal.core.module import Topic

TOPICS = (
    Topic(
        "readings.confirmations",
        text("readings.topic.confirmations", "Readings received"),
        hint=text("readings.topic.confirmations_hint", "What we wrote down, and how much was used"),
        order=40,
    ),
    Topic(
        "readings.questions",
        text("readings.topic.questions", "Questions about a reading"),
        hint=text("readings.topic.questions_hint", "When we could not take a reading as it was sent"),
        order=45,
    ),
    Topic(
        "readings.reminders",
        text("readings.topic.reminders", "Readings to send"),
        hint=text("readings.topic.reminders_hint", "A reminder in the days of sending, as long as you have not sent"),
        why=text("readings.topic.reminders_why", "You get this because readings of {account} %(number)s are awaited."),
    ),
    Topic(
        "readings.growth",
        text("readings.topic.growth", "Unusual consumption"),
        hint=text("readings.topic.growth_hint", "When a month is far above your usual one: it may be a leak"),
        why=text("readings.topic.growth_why", "You get this because {account} %(number)s used far more than usual."),
    ),
)
