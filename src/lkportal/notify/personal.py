"""What notify holds of people: for export, erasure, masks and the company's map of data."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

PERSONAL = (
    PersonalTable(
        "notify_messages",
        "identity_id",
        export=("topic", "facts", "created_at", "read_at"),
        retain="notify.keep_notices_days",
        title=text("notify.personal.messages", "Notices"),
    ),
    PersonalTable(
        "notify_letters",
        "identity_id",
        export=("kind", "recipient", "facts", "created_at", "sent_at"),
        mask=("recipient",),
        retain="notify.keep_letters_days",
        title=text("notify.personal.letters", "Letters sent to you"),
    ),
)
