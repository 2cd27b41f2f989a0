"""What accounts hold of people: for export, erasure, retention, masks and the company's map of data."""

from lkportal.accounts.contract import KEPT_AS_EVIDENCE, KEPT_FOR_CONTRACT
from lkportal.accounts.home.personal import PERSONAL_HOME
from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_CLAIMS = text("accounts.personal.claims", "How people came to accounts")
_ENTRY = (
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

_INVITED = text("accounts.personal.invitations", "Invitations to accounts")
_EXPORT = ("email", "name", "role", "word", "created_at", "accepted_at", "revoked_at")
_ERASE = (("email", "gone-{id}"), ("name", ""), ("word", ""))
_PEOPLE = (
    PersonalTable("accounts_invitations", "account_id", retain="1 year", title=_INVITED),
    PersonalTable(
        "accounts_invitations", "email", by="contact", export=_EXPORT, erase=_ERASE, retain="1 year", title=_INVITED
    ),
    PersonalTable("accounts_invitations", "accepted_by", export=_EXPORT, erase=_ERASE, retain="1 year", title=_INVITED),
    PersonalTable(
        "accounts_groups",
        "identity_id",
        export=("name", "created_at"),
        retain="3 years",
        title=text("accounts.personal.groups", "Your groups of accounts"),
    ),
    PersonalTable(
        "accounts_group_accounts",
        "group_id.identity_id",
        title=text("accounts.personal.group_accounts", "Accounts in your groups"),
    ),
    PersonalTable(
        "accounts_abstentions",
        "identity_id",
        export=("without", "changed_at"),
        title=text("accounts.personal.abstentions", "What you switched off for yourself"),
    ),
)

PERSONAL = (
    PersonalTable(
        "accounts_accounts",
        "id",
        export=("number", "title", "holder", "opened_at", "closed_at"),
        erase=(("holder", ""),),
        retain="5 years after closing",
        at_end="erase",
        title=text("accounts.personal.accounts", "Accounts"),
        because=KEPT_FOR_CONTRACT,
    ),
    PersonalTable(
        "accounts_premises",
        "id<accounts_accounts:premise_id",
        export=("address",),
        retain="5 years after closing",
        at_end="keep",
        title=text("accounts.personal.premises", "Addresses served"),
        because=KEPT_FOR_CONTRACT,
    ),
    PersonalTable(
        "accounts_memberships",
        "identity_id",
        export=("role", "level", "created_at", "expires_at", "revoked_at"),
        retain="3 years after revoked_at",
        title=text("accounts.personal.memberships", "Your rights to accounts"),
        because=KEPT_AS_EVIDENCE,
    ),
    PersonalTable(
        "accounts_staff_roles",
        "identity_id",
        export=("role", "granted_at"),
        title=text("accounts.personal.staff_roles", "Roles of the company's people"),
    ),
    *_ENTRY,
    *_PEOPLE,
    *PERSONAL_HOME,
)
IMPERSONAL = (
    "accounts_brands.name",
    "accounts_groups.name",
    "accounts_organisations.name",
    "accounts_organisations.tax_number",
)
