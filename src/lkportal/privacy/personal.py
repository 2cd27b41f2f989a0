"""What privacy itself holds of people."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_EVIDENCE = text("privacy.personal.evidence", "Shows what you agreed to and what was done at your wish.")

PERSONAL = (
    PersonalTable(
        "privacy_decisions",
        "identity_id",
        export=("document", "version", "locale", "decision", "how", "at", "network", "device", "text_hash"),
        mask=("network",),
        retain="3 years after at",
        at_end="keep",
        title=text("privacy.personal.decisions", "Consents and refusals"),
        because=_EVIDENCE,
    ),
    PersonalTable(
        "privacy_standings", "identity_id", title=text("privacy.personal.standings", "Consents as they stand now")
    ),
    PersonalTable(
        "privacy_exports",
        "identity_id",
        export=("asked_at", "ready_at", "state"),
        title=text("privacy.personal.exports", "Your requests for your data"),
    ),
    PersonalTable(
        "privacy_export_files",
        "export_id.identity_id",
        retain="privacy.export_days",
        title=text("privacy.personal.files", "Files with your data"),
    ),
    PersonalTable(
        "privacy_erasures",
        "identity_id",
        export=("asked_at", "due_at", "state", "cancelled_at", "done_at"),
        retain="3 years after asked_at",
        title=text("privacy.personal.erasures", "Your wishes to be erased"),
        because=_EVIDENCE,
    ),
)
IMPERSONAL = ("privacy_texts",)
