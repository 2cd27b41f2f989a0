"""What people may be told about services."""

from lkportal.core.i18n import text
from lkportal.core.module import Topic

TOPICS = (
    Topic(
        "tariffs.orders",
        text("tariffs.topic.orders", "Your orders of services"),
        hint=text("tariffs.topic.orders_hint", "When an order is carried out or refused"),
        why=text("tariffs.topic.orders_why", "You get this because something was ordered for {account} %(number)s."),
        order=25,
    ),
    Topic(
        "tariffs.prices",
        text("tariffs.topic.prices", "Prices of your services"),
        hint=text("tariffs.topic.prices_hint", "Some days before the price of an offer ends"),
        why=text("tariffs.topic.prices_why", "You get this because you took an offer on {account} %(number)s."),
        order=26,
    ),
    Topic(
        "tariffs.money",
        text("tariffs.topic.money", "Money for services"),
        hint=text(
            "tariffs.topic.money_hint", "When there is not enough in hand for the next charge, or a service stops"
        ),
        why=text(
            "tariffs.topic.money_why", "You get this because services of {account} %(number)s are paid in advance."
        ),
        escalate=("push", "email", "sms"),
        order=24,
    ),
)
