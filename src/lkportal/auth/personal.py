"""What auth holds of people: for export, erasure, masks and the company's map of data."""

from lkportal.auth.external.personal import EXTERNAL_PERSONAL
from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_WEEK = text("auth.personal.week", "Cleared a week after it ran out.")

PERSONAL = (
    PersonalTable(
        "auth_identities",
        "id",
        export=("login", "email", "phone", "name", "locale", "asks", "second_ways", "created_at"),
        erase=(
            ("login", "gone-{id}"),
            ("email", ""),
            ("phone", ""),
            ("name", ""),
            ("password_hash", ""),
            ("second_ways", ""),
        ),
        mask=("login", "email", "phone"),
        title=text("auth.personal.identities", "Your sign-in"),
    ),
    PersonalTable(
        "auth_sessions",
        "identity_id",
        export=("created_at", "seen_at", "device", "network", "methods"),
        mask=("network",),
        title=text("auth.personal.sessions", "Sign-ins and devices"),
        because=_WEEK,
    ),
    PersonalTable(
        "auth_entries", "identity_id", title=text("auth.personal.entries", "Sign-ins half done"), because=_WEEK
    ),
    PersonalTable(
        "auth_totp",
        "identity_id",
        export=("created_at", "used_at"),
        title=text("auth.personal.totp", "Your authenticator app"),
    ),
    PersonalTable(
        "auth_recovery_codes",
        "identity_id",
        export=("created_at", "used_at"),
        title=text("auth.personal.recovery_codes", "Your recovery codes"),
    ),
    PersonalTable(
        "auth_names",
        "identity_id",
        export=("name", "created_at"),
        erase=(("name", "gone-{id}"),),
        mask=("name",),
        title=text("auth.personal.names", "Names you sign in with"),
    ),
    PersonalTable(
        "auth_visits",
        "identity_id",
        export=("at", "outcome", "methods", "device", "network"),
        mask=("network",),
        title=text("auth.personal.visits", "History of your sign-ins"),
        because=text("auth.personal.visits_kept", "Kept so that you can see who signed in, then cleared."),
    ),
    PersonalTable(
        "auth_recoveries",
        "identity_id",
        export=("state", "started_by", "created_at"),
        title=text("auth.personal.recoveries", "Requests for a new password"),
        because=_WEEK,
    ),
    PersonalTable(
        "auth_codes",
        "identity_id",
        export=("purpose", "channel", "created_at", "device", "network"),
        mask=("network",),
        title=text("auth.personal.codes", "Codes sent to you"),
        because=_WEEK,
    ),
    PersonalTable(
        "auth_passkeys",
        "identity_id",
        export=("name", "created_at", "used_at", "synced"),
        mask=("name",),
        title=text("auth.personal.passkeys", "Your passkeys"),
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
    *EXTERNAL_PERSONAL,
)
