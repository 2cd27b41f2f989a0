"""What auth holds of people: for export, erasure, masks and the company's map of data."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_WEEK = text("auth.personal.week", "Cleared a week after it ran out.")

PERSONAL = (
    PersonalTable(
        "auth_identities",
        "id",
        export=("login", "email", "name", "locale", "created_at"),
        erase=(("login", "gone-{id}"), ("email", ""), ("name", ""), ("password_hash", "")),
        mask=("login", "email", "name"),
        title=text("auth.personal.identities", "Your sign-in"),
    ),
    PersonalTable(
        "auth_sessions",
        "identity_id",
        export=("created_at", "seen_at", "device", "network"),
        mask=("network",),
        title=text("auth.personal.sessions", "Sign-ins and devices"),
        because=_WEEK,
    ),
    PersonalTable("auth_tokens", "identity_id", title=text("auth.personal.tokens", "Links sent to you"), because=_WEEK),
    PersonalTable(
        "auth_registrations",
        "email",
        by="contact",
        export=("email", "name", "created_at"),
        erase=(("email", ""), ("name", "")),
        title=text("auth.personal.registrations", "Requests for access"),
        because=_WEEK,
    ),
)
