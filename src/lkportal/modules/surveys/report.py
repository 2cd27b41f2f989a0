"""The report on surveys: asked and answered, satisfaction, who recommends. Counts alone."""

from __future__ import annotations

from sqlalchemy import case, func, select

from lkportal.core.i18n import text
from lkportal.core.reports import SINCE_AT, UNTIL_AT, Chart, Measure, Report
from lkportal.modules.surveys.models import Answer

_AMOUNT = func.count().label("amount")
_ANSWERED = (Answer.answered_at >= SINCE_AT, Answer.answered_at < UNTIL_AT)
_GROUP = case((Answer.score >= 9, "promoters"), (Answer.score >= 7, "passives"), else_="detractors").label("part")
ASKED = Measure(
    "surveys.asked", select(_AMOUNT).select_from(Answer).where(Answer.asked_at >= SINCE_AT, Answer.asked_at < UNTIL_AT)
)
ANSWERED = Measure("surveys.answered", select(_AMOUNT).select_from(Answer).where(*_ANSWERED))
RATED = Measure("surveys.rated", select(_AMOUNT).select_from(Answer).where(*_ANSWERED, Answer.scale == 5))
SATISFIED = Measure(
    "surveys.satisfied",
    select(_AMOUNT).select_from(Answer).where(*_ANSWERED, Answer.scale == 5, Answer.score >= 4),
)
GROUPS = Measure(
    "surveys.groups",
    select(_GROUP, _AMOUNT).where(*_ANSWERED, Answer.scale == 10).group_by(_GROUP),
)
SURVEYS = Report(
    "surveys",
    text("surveys.title", "Surveys"),
    text("surveys.report.lead", "How people say they were helped."),
    (ASKED, ANSWERED, RATED, SATISFIED, GROUPS),
    (
        Chart(
            "surveys.satisfied",
            text("surveys.report.satisfied", "Satisfied: 4 or 5 of 5"),
            (SATISFIED.name,),
            "rate",
            of=RATED.name,
            order=10,
        ),
        Chart(
            "surveys.groups",
            text("surveys.report.groups", "Who would recommend us"),
            (GROUPS.name,),
            labels={
                "promoters": text("surveys.report.promoters", "9 and 10"),
                "passives": text("surveys.report.passives", "7 and 8"),
                "detractors": text("surveys.report.detractors", "0 to 6"),
            },
            hint=text("surveys.report.groups_hint", "NPS is the share of 9 and 10 less that of 0 to 6."),
            order=20,
        ),
        Chart(
            "surveys.answered",
            text("surveys.report.answered", "Answered, of those asked"),
            (ANSWERED.name,),
            "rate",
            of=ASKED.name,
            order=30,
        ),
    ),
    right="surveys.staff_view",
    order=60,
)
