"""The report on readings: sent by way and day, late, charged without one, doubted, with a photo. Counts alone."""

from __future__ import annotations

from sqlalchemy import distinct, func, select

from lkportal.core.i18n import text
from lkportal.core.reports import SINCE, SINCE_AT, UNTIL, UNTIL_AT, Chart, Measure, Report
from lkportal.modules.readings.models import Estimate, Photo, Reading, Review

_AMOUNT = func.count().label("amount")
_TAKEN = (Reading.taken_on >= SINCE, Reading.taken_on < UNTIL, Reading.corrects_id.is_(None))
SENT = Measure(
    "readings.sent",
    select(Reading.channel.label("part"), Reading.taken_on.label("day"), _AMOUNT)
    .where(*_TAKEN)
    .group_by(Reading.channel, Reading.taken_on),
)
LATE = Measure("readings.late", select(_AMOUNT).select_from(Reading).where(*_TAKEN, Reading.period > Reading.taken_on))
ESTIMATED = Measure(
    "readings.estimated",
    select(Estimate.basis.label("part"), _AMOUNT).where(Estimate.period == SINCE).group_by(Estimate.basis),
)
REVIEWED = Measure(
    "readings.reviewed",
    select(Review.state.label("part"), _AMOUNT)
    .where(Review.why == "doubt", Review.opened_at >= SINCE_AT, Review.opened_at < UNTIL_AT)
    .group_by(Review.state),
)
PICTURED = Measure(
    "readings.pictured",
    select(func.count(distinct(Reading.id)).label("amount")).join(Photo, Photo.reading_id == Reading.id).where(*_TAKEN),
)
READINGS = Report(
    "readings",
    text("readings.report.readings", "Readings"),
    text("readings.report.lead", "How readings come, and which months went without."),
    (SENT, LATE, ESTIMATED, REVIEWED, PICTURED),
    (
        Chart(
            "readings.sent",
            text("readings.report.sent", "Sent by way"),
            (SENT.name,),
            labels={
                "web": text("readings.report.web", "In the portal"),
                "offline": text("readings.report.offline", "In the portal, without network"),
                "link": text("readings.report.link", "By a link, without signing in"),
                "file": text("readings.report.file", "By a file"),
                "import": text("readings.report.import", "From billing"),
                "staff": text("readings.report.staff", "By the company"),
            },
            order=10,
        ),
        Chart(
            "readings.days",
            text("readings.report.days", "Sent day by day"),
            (SENT.name,),
            "days",
            hint=text("readings.report.days_hint", "The last of the chosen months."),
            order=20,
        ),
        Chart(
            "readings.estimated",
            text("readings.report.estimated", "Charged without a reading"),
            (ESTIMATED.name,),
            labels={
                "average": text("readings.report.average", "By average"),
                "norm": text("readings.report.norm", "By norm"),
            },
            order=30,
        ),
        Chart(
            "readings.late",
            text("readings.report.late", "Sent after the last day"),
            (LATE.name,),
            "rate",
            of=SENT.name,
            hint=text("readings.report.late_hint", "They count for the month after."),
            order=40,
        ),
        Chart(
            "readings.reviewed",
            text("readings.report.reviewed", "Doubtful readings"),
            (REVIEWED.name,),
            labels={
                "waiting": text("readings.report.waiting", "Waiting for a look"),
                "accepted": text("readings.report.accepted", "Accepted"),
                "corrected": text("readings.report.corrected", "Put right"),
                "asked": text("readings.report.asked", "Refused: asked to send again"),
            },
            order=50,
        ),
        Chart(
            "readings.pictured",
            text("readings.report.pictured", "With a photo"),
            (PICTURED.name,),
            "rate",
            of=SENT.name,
            order=60,
        ),
    ),
    right="readings.reports",
    order=30,
)
