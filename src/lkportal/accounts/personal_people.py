"""What the sharing of accounts holds of people: invitations, groups, what was switched off. The nouns themselves are in personal."""

from lkportal.core.i18n import text
from lkportal.core.module import PersonalTable

_INVITED = text("accounts.personal.invitations", "Invitations to accounts")
_EXPORT = ("email", "name", "role", "word", "created_at", "accepted_at", "revoked_at")
_ERASE = (("email", "gone-{id}"), ("name", ""), ("word", ""))
PERSONAL_PEOPLE = (
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
