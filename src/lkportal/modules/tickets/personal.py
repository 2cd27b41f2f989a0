"""What tickets hold of people, and how long."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_KEPT = "3 years after changed_at"
_BECAUSE = text("tickets.personal.because", "Shows what was promised and done while it may be asked about.")
PERSONAL = (
    PersonalTable(
        "tickets_tickets",
        "identity_id",
        ("subject", "type", "state", "facts", "about_title", "opened_at", "solved_at", "rating", "remark"),
        erase=(("subject", ""), ("facts", "{}"), ("remark", ""), ("identity_id", None)),
        retain=_KEPT,
        at_end="erase",
        title=text("tickets.personal.tickets", "Your requests"),
        because=_BECAUSE,
    ),
    PersonalTable(
        "tickets_messages",
        "identity_id",
        ("body", "written_at"),
        erase=(("body", ""), ("identity_id", None)),
        retain="3 years after written_at",
        at_end="erase",
        title=text("tickets.personal.messages", "What you wrote in requests"),
        because=_BECAUSE,
    ),
    PersonalTable(
        "tickets_files",
        "message_id.identity_id",
        ("title", "size", "stored_at"),
        erase=(("title", ""),),
        retain="3 years after stored_at",
        at_end="erase",
        title=text("tickets.personal.files", "Files you sent with requests"),
        because=_BECAUSE,
    ),
    PersonalTable(
        "tickets_seen", "identity_id", ("message_id",), title=text("tickets.personal.seen", "How far you read requests")
    ),
    PersonalTable(
        "tickets_rules",
        "assignee_id",
        ("title", "changed_at"),
        erase=(("assignee_id", None),),
        title=text("tickets.personal.rules", "Rules that hand requests to you"),
    ),
    PersonalTable(
        "tickets_managed",
        "manager_id.identity_id",
        ("since",),
        title=text("tickets.personal.looked_after", "Accounts you are the manager of"),
    ),
    PersonalTable(
        "tickets_managers",
        "identity_id",
        ("position", "week", "changed_at"),
        title=text("tickets.personal.managers", "How customers know you as their manager"),
    ),
    PersonalTable(
        "tickets_managed",
        "account_id",
        ("since",),
        title=text("tickets.personal.managed", "The manager of your account"),
    ),
)
