"""What surveys hold of people, and how long."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

PERSONAL = (
    PersonalTable(
        "surveys_answers",
        "identity_id",
        ("occasion", "asked_at", "score", "remark", "answered_at"),
        erase=(("remark", ""), ("done", ""), ("identity_id", None)),
        retain="3 years after asked_at",
        at_end="erase",
        title=text("surveys.personal.answers", "What you were asked, and what you answered"),
        because=text("surveys.personal.because", "Shows how well people were helped while it may be asked about."),
    ),
    PersonalTable(
        "surveys_answers",
        "done_by",
        ("done", "done_at"),
        erase=(("done_by", None),),
        title=text("surveys.personal.done", "Low scores you took care of"),
    ),
    PersonalTable(
        "surveys_turns", "identity_id", ("asked_at",), title=text("surveys.personal.turns", "When you were asked last")
    ),
)
IMPERSONAL = ("surveys_answers.contact",)
"""A public id of a request, an order or a payment."""
