"""What people may be told about requests."""

from lkportal.core.i18n import text
from lkportal.core.module import Topic

TOPICS = (
    Topic(
        "tickets.answers",
        text("tickets.topic.answers", "Answers to your requests"),
        hint=text("tickets.topic.answers_hint", "When the company writes to you or solves your request"),
        why=text("tickets.topic.answers_why", "You get this because you wrote to us about {account} %(number)s."),
        order=20,
    ),
)
