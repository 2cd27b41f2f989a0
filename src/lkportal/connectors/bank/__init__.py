"""Bank: statements of the company's bank accounts, matched to customers' accounts and posted as payments."""

from lkportal.accounts.contract import KEPT_AS_ACCOUNTING
from lkportal.connectors.bank.settings import BankSettings
from lkportal.core.i18n import text
from lkportal.core.module import Action, Module, PersonalTable
from lkportal.core.policy import Permission
from lkportal.core.version import __version__

_PAGE = ("bank:operation", "operation")
module = Module(
    name="bank",
    title=text("bank.title", "Bank statements"),
    version=__version__,
    package="lkportal.connectors.bank",
    models="lkportal.connectors.bank.models",
    hooks="lkportal.connectors.bank.hooks",
    requires=("accounts", "payments"),
    settings=BankSettings,
    permissions=(
        Permission(
            "bank.view",
            text("bank.right.view", "See what came by bank"),
            staff=("cashier", "accountant", "administrator", "auditor"),
        ),
        Permission(
            "bank.post",
            text("bank.right.post", "Load bank statements and post what is unmatched"),
            staff=("accountant", "administrator"),
        ),
    ),
    actions=(
        Action("bank.loaded", text("bank.act.loaded", "Bank statement loaded")),
        Action("bank.posted", text("bank.act.posted", "Payment by bank posted"), _PAGE),
        Action(
            "bank.set_aside", text("bank.act.set_aside", "Bank transfer set aside: not a payment of customers"), _PAGE
        ),
    ),
    personal=(
        PersonalTable(
            "bank_operations",
            "account_id",
            export=("day", "number", "amount", "payer", "payer_inn", "purpose"),
            retain="5 years after closing",
            at_end="keep",
            title=text("bank.personal.operations", "Payments by bank"),
            because=KEPT_AS_ACCOUNTING,
        ),
    ),
    impersonal=("bank_operations.payer_bank", "bank_operations.decided_by", "bank_operations.note"),
)
