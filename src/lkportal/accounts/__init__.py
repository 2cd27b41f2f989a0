"""Accounts: the shared nouns of the portal, who may reach which of them, and the pages about an account as a whole."""

from lkportal.accounts.personal import IMPERSONAL, PERSONAL
from lkportal.accounts.settings import AccountsSettings
from lkportal.core.i18n import text
from lkportal.core.module import Action, Module, Topic
from lkportal.core.policy import Permission
from lkportal.core.version import __version__

ALL_ROLES = ("owner", "payer", "reader", "accountant", "signer")
ALL_STAFF = ("operator", "cashier", "accountant", "specialist", "administrator", "auditor")

module = Module(
    name="accounts",
    title=text("accounts.title", "Accounts"),
    version=__version__,
    package="lkportal.accounts",
    models="lkportal.accounts.models",
    hooks="lkportal.accounts.hooks",
    requires=("auth",),
    settings=AccountsSettings,
    mount="",
    always_on=True,
    permissions=(
        Permission("accounts.view", text("accounts.right.view", "See the account"), ALL_ROLES),
        Permission(
            "accounts.holder",
            text("accounts.right.holder", "See the holder's name and documents"),
            ("owner", "accountant", "signer"),
        ),
        Permission("accounts.manage", text("accounts.right.manage", "Manage who reaches the account"), ("owner",)),
        Permission("accounts.find", text("accounts.right.find", "Find customers and open their card"), staff=ALL_STAFF),
        Permission(
            "accounts.contacts",
            text("accounts.right.contacts", "See e-mail addresses and phone numbers in full"),
            staff=("operator", "administrator"),
        ),
        Permission(
            "accounts.level",
            text("accounts.right.level", "Verify people, make codes, take signed links back"),
            staff=("operator", "administrator"),
        ),
        Permission(
            "accounts.letters",
            text("accounts.right.letters", "Print letters with codes"),
            staff=("operator", "administrator"),
        ),
        Permission(
            "accounts.import", text("accounts.right.import", "Load accounts from files"), staff=("administrator",)
        ),
    ),
    actions=(
        Action("accounts.membership_granted", text("accounts.act.granted", "A person received access")),
        Action("accounts.membership_revoked", text("accounts.act.revoked", "A person lost access")),
        Action("accounts.invited", text("accounts.act.invited", "A person invited")),
        Action("accounts.handed_over", text("accounts.act.handed_over", "The account offered to another owner")),
        Action("accounts.invitation_accepted", text("accounts.act.accepted", "An invitation accepted")),
        Action("accounts.invitation_withdrawn", text("accounts.act.withdrawn", "An invitation taken back")),
        Action("accounts.rights_narrowed", text("accounts.act.narrowed", "Functions switched off or on for a person")),
        Action("accounts.abstained", text("accounts.act.abstained", "Functions switched off or on for oneself")),
        Action("accounts.grouped", text("accounts.act.grouped", "Accounts put into a group")),
        Action("accounts.group_renamed", text("accounts.act.group_renamed", "A group of accounts renamed")),
        Action("accounts.group_dissolved", text("accounts.act.group_dissolved", "A group of accounts dissolved")),
        Action("accounts.ungrouped", text("accounts.act.ungrouped", "An account taken out of a group")),
        Action("accounts.claimed", text("accounts.act.claimed", "An account claimed by number and proof")),
        Action("accounts.level_raised", text("accounts.act.level_raised", "Verification raised")),
        Action("accounts.newcomer_refused", text("accounts.act.newcomer_refused", "A newcomer refused")),
        Action("accounts.code_made", text("accounts.act.code_made", "A code for the paper bill made")),
        Action("accounts.code_printed", text("accounts.act.code_printed", "A letter with a code printed")),
        Action("accounts.link_made", text("accounts.act.link_made", "A signed link made")),
        Action("accounts.link_used", text("accounts.act.link_used", "A signed link used")),
        Action("accounts.link_revoked", text("accounts.act.link_revoked", "A signed link taken back")),
        Action("accounts.settings_changed", text("accounts.act.settings", "Settings changed")),
        Action("accounts.role_given", text("accounts.act.role_given", "A staff role given")),
        Action("accounts.role_taken", text("accounts.act.role_taken", "A staff role taken away")),
    ),
    topics=(
        Topic(
            "accounts.access",
            text("accounts.topic.access", "Access to your account"),
            hint=text("accounts.topic.access_hint", "Somebody got access, accepted your invitation or left"),
            obligatory=text(
                "accounts.topic.access_must", "It is about who sees your bills: you must be able to stop a stranger."
            ),
            urgent=True,
            order=200,
        ),
    ),
    personal=PERSONAL,
    impersonal=IMPERSONAL,
)
