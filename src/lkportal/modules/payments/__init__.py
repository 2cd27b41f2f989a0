"""Payments: bills, what is owed, paying through a provider, and the ledger that all of it ends in."""

from lkportal.core.i18n import text
from lkportal.core.module import Action, Conflict, Module, Topic
from lkportal.core.policy import Permission
from lkportal.core.version import __version__
from lkportal.modules.payments.books.laws import LAWS
from lkportal.modules.payments.methods.notices import AUTOPAY
from lkportal.modules.payments.personal import PERSONAL
from lkportal.modules.payments.reminders.arrivals import NEW_BILLS
from lkportal.modules.payments.reminders.reminding import TOPIC
from lkportal.modules.payments.settings import PaymentsSettings, origins

_PAGE = ("payments:desk_payment", "payment")
module = Module(
    name="payments",
    title=text("payments.module", "Bills and payments"),
    version=__version__,
    package="lkportal.modules.payments",
    models="lkportal.modules.payments.models",
    hooks="lkportal.modules.payments.hooks",
    requires=("accounts",),
    settings=PaymentsSettings,
    origins=origins,
    actions=(
        Action("payments.started", text("payments.action.started", "Payment started"), _PAGE),
        Action("payments.tried_again", text("payments.action.tried_again", "Payment tried again"), _PAGE),
        Action("payments.succeeded", text("payments.action.succeeded", "Payment received"), _PAGE),
        Action("payments.canceled", text("payments.action.canceled", "Payment declined"), _PAGE),
        Action("payments.failed", text("payments.action.failed", "Payment did not reach the bank"), _PAGE),
        Action("payments.refunded", text("payments.action.refunded", "Payment given back")),
        Action("payments.refund_asked", text("payments.action.refund_asked", "Refund begun")),
        Action("payments.refund_failed", text("payments.action.refund_failed", "Refund did not go through")),
        Action("payments.cash_taken", text("payments.action.cash_taken", "Money taken at the desk")),
        Action("payments.cash_reversed", text("payments.action.cash_reversed", "Money given back at the desk")),
        Action("payments.day_closed", text("payments.action.day_closed", "A day of the desk closed")),
        Action("payments.day_reopened", text("payments.action.day_reopened", "A day of the desk opened again")),
        Action("payments.method_saved", text("payments.action.method_saved", "Card saved")),
        Action("payments.method_removed", text("payments.action.method_removed", "Saved card removed")),
        Action("payments.autopay_on", text("payments.action.autopay_on", "Autopay switched on")),
        Action("payments.autopay_off", text("payments.action.autopay_off", "Autopay switched off")),
        Action("payments.receipt_again", text("payments.action.receipt_again", "Receipt sent again")),
        Action("payments.exported", text("payments.action.exported", "Bookkeeping file made or read")),
        Action("payments.compared", text("payments.action.compared", "A day of the provider compared")),
        Action(
            "payments.difference_resolved",
            text("payments.action.difference_resolved", "A difference with the provider dealt with"),
        ),
        Action("payments.doubted", text("payments.action.doubted", "Payment does not match what was asked"), _PAGE),
        Action("payments.stranger", text("payments.action.stranger", "Provider took money of no payment known here")),
        Action("payments.forged", text("payments.action.forged", "Forged notification refused")),
    ),
    conflicts=(Conflict("payments.cash_reversed", "payments.cash_taken", ("payments.cash_reverse", "payments.cash")),),
    permissions=(
        Permission(
            "payments.view",
            text("payments.right.view", "See bills and payments"),
            ("owner", "payer", "accountant", "signer"),
        ),
        Permission("payments.pay", text("payments.right.pay", "Pay"), ("owner", "payer", "accountant")),
        Permission(
            "payments.staff_view",
            text("payments.right.staff_view", "See the bills and payments of a customer"),
            staff=("operator", "cashier", "accountant", "administrator", "auditor"),
        ),
        Permission(
            "payments.refund",
            text("payments.right.refund", "Give payments back"),
            staff=("accountant", "administrator"),
        ),
        Permission(
            "payments.cash",
            text("payments.right.cash", "Take money at the desk and close its day"),
            staff=("cashier",),
        ),
        Permission(
            "payments.cash_reverse",
            text("payments.right.cash_reverse", "Give back money taken at the desk"),
            staff=("accountant", "administrator"),
        ),
        Permission(
            "payments.cash_reopen",
            text("payments.right.cash_reopen", "Open a closed day of the desk again"),
            staff=("accountant", "administrator"),
        ),
        Permission(
            "payments.receipts",
            text("payments.right.receipts", "Send failed fiscal receipts again"),
            staff=("accountant", "administrator"),
        ),
        Permission(
            "payments.export",
            text("payments.right.export", "Export bills, payments, refunds and receipts"),
            staff=("accountant", "administrator"),
        ),
        Permission(
            "payments.reconcile",
            text("payments.right.reconcile", "Compare with the provider and deal with differences"),
            staff=("accountant", "administrator"),
        ),
        Permission(
            "payments.reports",
            text("payments.right.reports", "See reports on money"),
            staff=("accountant", "administrator", "auditor"),
        ),
        Permission(
            "payments.import",
            text("payments.right.import", "Load charges and debt registries"),
            staff=("accountant", "administrator"),
        ),
    ),
    topics=(
        NEW_BILLS,
        TOPIC,
        Topic(
            "payments.receipts",
            text("payments.topic.receipts", "Payments received"),
            hint=text("payments.topic.receipts_hint", "That the money has come, with the sum and the number"),
            order=20,
        ),
        AUTOPAY,
    ),
    personal=PERSONAL,
    impersonal=("payments_differences.note",),
    append_only=("payments_entries",),
    invariants=LAWS,
)
