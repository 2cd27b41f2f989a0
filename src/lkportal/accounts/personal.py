"""What accounts hold of people: for export, erasure, retention, masks and the company's map of data."""

from lkportal.accounts.contract import KEPT_AS_EVIDENCE, KEPT_FOR_CONTRACT
from lkportal.accounts.home.personal import PERSONAL_HOME
from lkportal.accounts.personal_entry import PERSONAL_ENTRY
from lkportal.accounts.personal_people import PERSONAL_PEOPLE
from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

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
    *PERSONAL_ENTRY,
    *PERSONAL_PEOPLE,
    *PERSONAL_HOME,
)
IMPERSONAL = (
    "accounts_brands.name",
    "accounts_groups.name",
    "accounts_organisations.name",
    "accounts_organisations.tax_number",
)
