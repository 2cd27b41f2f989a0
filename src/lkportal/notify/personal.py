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
    PersonalTable(
        "notify_choices",
        "identity_id",
        export=("topic", "in_app", "email", "push", "sms", "changed_at"),
        title=text("notify.personal.choices", "How you want to be told"),
        labels=(
            ("topic", text("notify.column.topic", "Subject")),
            ("in_app", text("notify.way.in_app", "List in the account area")),
            ("email", text("notify.choices.letters", "Letters")),
            ("push", text("notify.way.push", "Messages of the browser")),
            ("sms", text("notify.way.sms", "Text messages")),
            ("changed_at", text("notify.column.changed_at", "Changed")),
        ),
    ),
    PersonalTable(
        "notify_habits",
        "identity_id",
        export=("quiet_from", "quiet_until", "time_zone", "step_by_step", "push_titles"),
        title=text("notify.personal.habits", "Your quiet hours"),
        labels=(
            ("quiet_from", text("notify.column.quiet_from", "Quiet from, minute of the day")),
            ("quiet_until", text("notify.column.quiet_until", "Quiet until, minute of the day")),
            ("time_zone", text("notify.column.time_zone", "Time zone")),
            ("step_by_step", text("notify.column.step_by_step", "One way after the other")),
            ("push_titles", text("notify.column.push_titles", "Subject shown in the browser")),
        ),
    ),
    PersonalTable(
        "notify_returned",
        "identity_id",
        export=("address", "reason", "marked_at"),
        mask=("address",),
        title=text("notify.personal.returned", "Address that letters came back from"),
        labels=(
            ("address", text("notify.column.address", "Address")),
            ("reason", text("notify.column.reason", "Why")),
            ("marked_at", text("notify.column.since", "Since")),
        ),
    ),
    PersonalTable(
        "notify_devices",
        "identity_id",
        export=("name", "created_at", "used_at"),
        title=text("notify.personal.devices", "Browsers that show messages"),
        labels=(
            ("name", text("notify.column.device", "Browser")),
            ("created_at", text("notify.column.since", "Since")),
            ("used_at", text("notify.column.used_at", "Last message")),
        ),
    ),
)
