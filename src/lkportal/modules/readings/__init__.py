"""Readings: meters, the values people send from them, and what was consumed. The pattern that other modules follow."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.readings.personal import PERSONAL
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.topics import TOPICS

module = Module(
    name="readings",
    title=text("readings.title", "Meter readings"),
    version=__version__,
    package="lkportal.modules.readings",
    models="lkportal.modules.readings.models",
    hooks="lkportal.modules.readings.hooks",
    requires=("accounts",),
    settings=ReadingsSettings,
    permissions=(
        Permission(
            "readings.view",
            text("readings.right.view", "See meters and consumption"),
            ("owner", "payer", "reader", "accountant", "signer"),
        ),
        Permission("readings.submit", text("readings.right.submit", "Send readings"), ("owner", "reader")),
        Permission(
            "readings.staff_view",
            text("readings.right.staff_view", "See the meters of a customer"),
            staff=("operator", "specialist", "administrator", "auditor"),
        ),
        Permission(
            "readings.review",
            text("readings.right.review", "Look at doubtful readings, correct them, replace meters"),
            staff=("operator", "specialist", "administrator"),
        ),
        Permission(
            "readings.rules",
            text("readings.right.rules", "Set windows, limits and norms"),
            staff=("specialist", "administrator"),
        ),
        Permission(
            "readings.reports",
            text("readings.right.reports", "See reports on readings"),
            staff=("specialist", "administrator", "auditor"),
        ),
    ),
    actions=(
        Action("readings.submitted", text("readings.act.submitted", "Readings sent")),
        Action("readings.corrected", text("readings.act.corrected", "A reading put right")),
        Action("readings.reviewed", text("readings.act.reviewed", "A reading looked at by the company")),
        Action("readings.rule_added", text("readings.act.rule", "A rule of readings added")),
        Action("readings.meter_replaced", text("readings.act.replaced", "A meter replaced")),
    ),
    topics=TOPICS,
    personal=PERSONAL,
    invariants=(
        Invariant(
            "readings.never_back",
            "No register stands below a reading it accepted, unless the dial passed zero since",
            """
            SELECT r.public_id, r.last_milli, max(e.value_milli) AS greatest
            FROM readings_registers r JOIN readings_readings e ON e.register_id = r.id
            WHERE NOT EXISTS (SELECT 1 FROM readings_readings z WHERE z.register_id = r.id AND z.rolled_over)
              AND NOT EXISTS (SELECT 1 FROM readings_readings c WHERE c.corrects_id = e.id)
            GROUP BY r.public_id, r.last_milli HAVING max(e.value_milli) > r.last_milli
            """,
        ),
        Invariant(
            "readings.nothing_negative",
            "No month of a register is below zero, corrections counted in",
            """
            SELECT register_id, period, sum(added_milli) AS added_milli FROM readings_readings
            GROUP BY register_id, period HAVING sum(added_milli) < 0
            """,
        ),
    ),
)
