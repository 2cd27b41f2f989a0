"""Payments: bills, what is owed, paying through a provider, and the ledger that all of it ends in."""

from lkportal.core.module import Module, PersonalTable, Topic
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.payments.laws import LAWS
from lkportal.modules.payments.settings import PaymentsSettings, origins

module = Module(
    name="payments",
    title="Bills and payments",
    version=__version__,
    package="lkportal.modules.payments",
    models="lkportal.modules.payments.models",
    hooks="lkportal.modules.payments.hooks",
    requires=("accounts",),
    settings=PaymentsSettings,
    origins=origins,
    permissions=(
        Permission("payments.view", "See bills and payments", ("owner", "payer", "accountant", "signer")),
        Permission("payments.pay", "Pay", ("owner", "payer", "accountant")),
        Permission(
            "payments.staff_view",
            "See the bills and payments of a customer",
            staff=("operator", "cashier", "accountant", "administrator", "auditor"),
        ),
        Permission("payments.import", "Load charges and debt registries", staff=("accountant", "administrator")),
    ),
    topics=(Topic("payments.receipts", "Payments"), Topic("payments.bills", "New bills", ("in_app",))),
    personal=(
        PersonalTable(
            "payments_bills", "account_id", export=("period", "number", "total", "currency"), retain="5 years"
        ),
        PersonalTable(
            "payments_payments",
            "account_id",
            export=("created_at", "amount", "currency", "state", "paid_at"),
            retain="5 years",
        ),
    ),
    append_only=("payments_entries",),
    invariants=LAWS,
)
