"""What people may be told about surveys."""

from lkportal.core.i18n import text
from lkportal.core.module import Topic

TOPICS = (
    Topic(
        "surveys.asked",
        text("surveys.topic.asked", "Questions about how it went"),
        hint=text("surveys.topic.asked_hint", "One question after a request, an order or a payment, rarely"),
        why=text("surveys.topic.asked_why", "You get this because you had to do with us about {account} %(number)s."),
        channels=("in_app", "email", "push"),
        order=200,
    ),
)
