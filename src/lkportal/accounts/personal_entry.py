"""What the ways in to an account hold of people: claims, codes, signed links, first visits. The nouns themselves are in personal."""

from lkportal.accounts.contract import KEPT_AS_EVIDENCE
from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_CLAIMS = text("accounts.personal.claims", "How people came to accounts")
PERSONAL_ENTRY = (
    PersonalTable(
        "accounts_claims",
        "identity_id",
        export=("role", "proof", "level", "created_at", "refuse_until", "refused_at"),
        retain="3 years",
        title=_CLAIMS,
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable("accounts_claims", "account_id", retain="3 years", title=_CLAIMS, because=KEPT_AS_EVIDENCE),
    PersonalTable(
        "accounts_proof_codes",
        "account_id",
        export=("kind", "created_at", "printed_at", "expires_at", "used_at"),
        retain="1 year",
        title=text("accounts.personal.codes", "Codes that prove an account"),
    ),
    PersonalTable(
        "accounts_guest_links",
        "account_id",
        export=("purpose", "origin", "created_at", "expires_at", "used_at", "revoked_at"),
        retain="1 year",
        title=text("accounts.personal.links", "Signed links"),
    ),
    PersonalTable(
        "accounts_first_visits",
        "identity_id",
        export=("begun_at", "over_at"),
        title=text("accounts.personal.first_visits", "Your first visit"),
    ),
    PersonalTable(
        "accounts_first_steps",
        "identity_id",
        export=("step", "seen_at", "done_at", "skipped_at"),
        title=text("accounts.personal.first_steps", "Steps of your first visit"),
    ),
)
