"""What is held of people known elsewhere: for export, erasure and the company's map of data."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_WEEK = text("auth.personal.external_week", "Cleared a week after it ran out.")

EXTERNAL_PERSONAL = (
    PersonalTable(
        "auth_external",
        "identity_id",
        export=("provider", "label", "linked_at", "used_at"),
        erase=(("label", ""), ("subject", "gone-{id}")),
        mask=("label",),
        title=text("auth.personal.external", "Services you sign in with"),
    ),
    PersonalTable(
        "auth_external_sessions",
        "external_id.identity_id",
        title=text("auth.personal.external_sessions", "Sign-ins with a service"),
        because=_WEEK,
    ),
    PersonalTable(
        "auth_external_strangers",
        "email",
        by="contact",
        erase=(("email", ""), ("name", ""), ("label", "")),
        title=text("auth.personal.strangers", "Sign-ins with a service that wait for you"),
        because=_WEEK,
    ),
    PersonalTable(
        "auth_external_flows",
        "identity_id",
        title=text("auth.personal.flows", "Sign-ins with a service under way"),
        because=_WEEK,
    ),
)
