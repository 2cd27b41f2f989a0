"""Readings: meters, the values people send from them, and what was consumed. The pattern that other modules follow."""

from lkportal.accounts.contract import KEPT_AS_EVIDENCE, KEPT_FOR_CONTRACT
from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module, PersonalTable, Topic
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.readings.settings import ReadingsSettings

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
    ),
    actions=(Action("readings.submitted", text("readings.act.submitted", "Readings sent")),),
    topics=(Topic("readings.confirmations", "Readings received"),),
    personal=(
        PersonalTable(
            "readings_meters",
            "account_id",
            export=("resource", "serial", "place", "installed_on", "verified_until"),
            retain="5 years after closing",
            at_end="keep",
            title=text("readings.personal.meters", "Meters"),
            because=KEPT_FOR_CONTRACT,
        ),
        PersonalTable(
            "readings_registers",
            "meter_id.account_id",
            export=("code", "last_milli", "last_on"),
            retain="5 years after closing",
            at_end="keep",
            title=text("readings.personal.registers", "Dials of meters"),
            because=KEPT_FOR_CONTRACT,
        ),
        PersonalTable(
            "readings_readings",
            "account_id",
            export=("taken_on", "value_milli", "added_milli", "channel"),
            retain="3 years",
            title=text("readings.personal.readings", "Readings"),
            because=KEPT_AS_EVIDENCE,
        ),
    ),
    invariants=(
        Invariant(
            "readings.never_back",
            "No register stands below a reading it accepted, unless the dial passed zero since",
            """
            SELECT r.public_id, r.last_milli, max(e.value_milli) AS greatest
            FROM readings_registers r JOIN readings_readings e ON e.register_id = r.id
            WHERE NOT EXISTS (SELECT 1 FROM readings_readings z WHERE z.register_id = r.id AND z.rolled_over)
            GROUP BY r.public_id, r.last_milli HAVING max(e.value_milli) > r.last_milli
            """,
        ),
        Invariant(
            "readings.nothing_negative",
            "No reading takes consumption back",
            "SELECT public_id, added_milli FROM readings_readings WHERE added_milli < 0",
        ),
    ),
)
