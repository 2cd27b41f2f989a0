"""What readings hold of people: for export, retention and the company's map of data. All of it belongs to an account."""

from lkportal.accounts.contract import KEPT_AS_EVIDENCE, KEPT_FOR_CONTRACT
from lkportal.core.i18n import Text, text
from lkportal.core.module import PersonalTable

_CLOSED, _YEARS = "5 years after closing", "3 years"


def _device(table: str, path: str, title: Text, *export: str) -> PersonalTable:
    """A table of devices: it stays with the account, and names nobody once its holder is erased."""
    because = KEPT_FOR_CONTRACT
    return PersonalTable(table, path, export, retain=_CLOSED, at_end="keep", title=title, because=because)


def _proof(table: str, since: str, title: Text, *export: str) -> PersonalTable:
    """A table of what was told and decided: kept while a claim may be brought, from the moment `since`."""
    retain = f"{_YEARS} after {since}"
    return PersonalTable(table, "account_id", export, retain=retain, title=title, because=KEPT_AS_EVIDENCE)


PERSONAL = (
    _device(
        "readings_meters",
        "account_id",
        text("readings.personal.meters", "Meters"),
        *("resource", "serial", "place", "installed_on", "verified_until", "removed_on", "coefficient"),
    ),
    _device(
        "readings_registers",
        "meter_id.account_id",
        text("readings.personal.registers", "Dials of meters"),
        *("code", "last_milli", "last_on"),
    ),
    _device("readings_homes", "account_id", text("readings.personal.homes", "Your home"), *("category", "residents")),
    _proof(
        "readings_photos",
        "stored_at",
        text("readings.personal.photos", "Photos of meters"),
        "stored_at",
        "width",
        "height",
        "size",
    ),
    _proof(
        "readings_reviews",
        "opened_at",
        text("readings.personal.reviews", "Readings looked at"),
        "why",
        "state",
        "decided_at",
    ),
    _proof(
        "readings_estimates",
        "made_at",
        text("readings.personal.estimates", "Months without a reading"),
        *("period", "added_milli", "basis", "nth", "most"),
    ),
    _proof(
        "readings_file_sendings",
        "sent_at",
        text("readings.personal.files", "Files of readings"),
        "name",
        "rows",
        "taken",
        "sent_at",
    ),
    _proof(
        "readings_readings",
        "submitted_at",
        text("readings.personal.readings", "Readings"),
        *("taken_on", "value_milli", "added_milli", "channel", "taken_at"),
    ),
)
