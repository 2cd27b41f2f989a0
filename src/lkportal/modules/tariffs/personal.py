"""What tariffs hold of people, and how long."""

from lkportal.accounts.contract import KEPT_AS_ACCOUNTING, KEPT_AS_EVIDENCE, KEPT_FOR_CONTRACT
from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

PERSONAL = (
    PersonalTable(
        "tariffs_services",
        "account_id",
        ("state", "place", "price", "since", "charge_on", "ended_on"),
        retain="5 years after closing",
        title=text("tariffs.personal.services", "Your services"),
        because=KEPT_FOR_CONTRACT,
    ),
    PersonalTable(
        "tariffs_orders",
        "account_id",
        ("kind", "state", "price", "effective_on", "until", "place", "reason", "asked_at"),
        retain="3 years after changed_at",
        title=text("tariffs.personal.orders", "Your orders of services"),
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable(
        "tariffs_orders",
        "identity_id",
        erase=(("identity_id", None),),
        retain="3 years after changed_at",
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable(
        "tariffs_orders",
        "decided_by",
        erase=(("decided_by", None),),
        retain="3 years after changed_at",
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable(
        "tariffs_charges",
        "account_id",
        ("kind", "title", "amount", "day", "since", "until"),
        retain="5 years after closing",
        at_end="keep",
        title=text("tariffs.personal.charges", "What was charged for services"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "tariffs_promises",
        "account_id",
        ("amount", "fee", "state", "taken_at", "until"),
        retain="3 years after taken_at",
        title=text("tariffs.personal.promises", "Your promised payments"),
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable(
        "tariffs_promises",
        "identity_id",
        erase=(("identity_id", None),),
        retain="3 years after taken_at",
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable(
        "tariffs_devices",
        "account_id",
        ("kind", "model", "serial", "rented", "silent_since", "last_seen_at"),
        retain="3 years after closing",
        title=text("tariffs.personal.devices", "Equipment at your place"),
        because=KEPT_FOR_CONTRACT,
    ),
    PersonalTable(
        "tariffs_segments",
        "account_id",
        ("segment",),
        title=text("tariffs.personal.segments", "Which offers are meant for you"),
    ),
)
IMPERSONAL = (
    "tariffs_offerings.title",
    "tariffs_offerings.note",
    "tariffs_offerings.place",
    "tariffs_offerings.at_address",
    "tariffs_promotions.title",
    "tariffs_promotions.note",
    "tariffs_charges.title",
)
