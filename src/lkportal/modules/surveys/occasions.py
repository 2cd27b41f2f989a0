"""After which contacts people are asked, and what: plain data. An occasion whose module is off never comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lkportal.core.i18n import Text, text

SOLVED = "tickets.solved"


def _always(_body: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Occasion:
    """A contact after which a person is asked: the `event` that tells of it, the `field` of its body that holds the contact's public id,
    whether the event `fits`. `said` is how the letter begins; `question`, `scale` (5: 1 to 5, 10: 0 to 10) and `low` (scores up to it
    reach a person) stand unless the company has its own; `page` is where the desk shows the contact: a route and its param."""

    name: str
    event: str
    field: str
    title: Text
    said: Text
    question: Text
    scale: int
    low: int
    page: tuple[str, str]
    fits: Callable[[Mapping[str, Any]], bool] = _always

    @property
    def is_rating(self) -> bool:
        """Whether the answer is the rating of a request, which is one wherever it is given: its scale is that of ratings."""
        return self.name == SOLVED


OCCASIONS = (
    Occasion(
        SOLVED,
        "tickets.moved",
        "ticket",
        text("surveys.occasion.solved", "A request was solved"),
        text("surveys.said.solved", "We solved your request."),
        text("surveys.question.solved", "How well were you helped?"),
        5,
        2,
        ("tickets:staff_ticket", "ticket"),
        lambda body: body["after"] == "solved",
    ),
    Occasion(
        "tariffs.processed",
        "tariffs.order_processed",
        "order",
        text("surveys.occasion.processed", "An order of a service was carried out"),
        text("surveys.said.processed", "We carried out your order."),
        text("surveys.question.processed", "How likely is it that you recommend us to friends?"),
        10,
        6,
        ("tariffs:desk_order", "order"),
    ),
    Occasion(
        "payments.failed",
        "payments.payment_failed",
        "payment",
        text("surveys.occasion.failed", "A payment did not go through"),
        text("surveys.said.failed", "Your payment did not go through."),
        text("surveys.question.failed", "How easy is it to pay here?"),
        5,
        2,
        ("payments:desk_payment", "payment"),
    ),
)
KNOWN = {each.name: each for each in OCCASIONS}
