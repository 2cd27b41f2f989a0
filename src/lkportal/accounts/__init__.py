"""Accounts: the shared nouns of the portal, who may reach which of them, and the pages about an account as a whole."""

from lkportal.core.module import Module, PersonalTable
from lkportal.core.policy import Permission
from lkportal.core.version import __version__

ALL_ROLES = ("owner", "payer", "reader", "accountant", "signer")
ALL_STAFF = ("operator", "cashier", "accountant", "specialist", "administrator", "auditor")

module = Module(
    name="accounts",
    title="Accounts",
    version=__version__,
    package="lkportal.accounts",
    models="lkportal.accounts.models",
    hooks="lkportal.accounts.hooks",
    requires=("auth",),
    mount="",
    always_on=True,
    permissions=(
        Permission("accounts.view", "See the account", ALL_ROLES),
        Permission("accounts.manage", "Manage who reaches the account", ("owner",)),
        Permission("accounts.find", "Find customers and open their card", staff=ALL_STAFF),
    ),
    personal=(
        PersonalTable("accounts_accounts", "id", export=("number", "title", "holder"), mask=("holder",)),
        PersonalTable("accounts_memberships", "identity_id", export=("role", "created_at", "revoked_at")),
    ),
)
