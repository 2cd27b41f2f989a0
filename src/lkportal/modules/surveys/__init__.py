"""Surveys: one question after a contact, its answers by month, a low score that reaches a person. Ratings of requests stay in tickets."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.surveys.personal import IMPERSONAL, PERSONAL
from lkportal.modules.surveys.settings import SurveysSettings
from lkportal.modules.surveys.topics import TOPICS

_PAGE = ("surveys:low_one", "answer")
module = Module(
    name="surveys",
    title=text("surveys.title", "Surveys"),
    version=__version__,
    package="lkportal.modules.surveys",
    models="lkportal.modules.surveys.models",
    hooks="lkportal.modules.surveys.hooks",
    requires=("accounts",),
    after=("tickets", "tariffs", "payments"),
    settings=SurveysSettings,
    permissions=(
        Permission(
            "surveys.answer",
            text("surveys.right.answer", "Be asked how well it went"),
            ("owner", "payer", "accountant", "signer"),
        ),
        Permission(
            "surveys.staff_view",
            text("surveys.right.staff_view", "See answers to surveys"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "surveys.work",
            text("surveys.right.work", "Take care of low scores"),
            staff=("operator", "specialist", "administrator"),
        ),
        Permission(
            "surveys.questions",
            text("surveys.right.questions", "Say what customers are asked"),
            staff=("specialist", "administrator"),
        ),
    ),
    actions=(
        Action("surveys.answered", text("surveys.act.answered", "An answer to a survey"), _PAGE),
        Action("surveys.done", text("surveys.act.done", "A low score taken care of"), _PAGE),
        Action("surveys.question", text("surveys.act.question", "A question of a survey changed")),
    ),
    topics=TOPICS,
    personal=PERSONAL,
    impersonal=IMPERSONAL,
    invariants=(
        Invariant(
            "surveys.low_reaches_a_person",
            "A low score waits for a person, or it is written what was done",
            "SELECT public_id FROM surveys_answers WHERE score <= low AND care NOT IN ('open', 'done')",
        ),
        Invariant(
            "surveys.done_by_somebody",
            "What was done about a low score has its moment",
            "SELECT public_id FROM surveys_answers WHERE (care = 'done') <> (done_at IS NOT NULL)",
        ),
    ),
)
