"""What payments hold of people: for export, retention and the company's map of data. All of it belongs to an account."""

from lkportal.accounts.contract import KEPT_AS_ACCOUNTING
from lkportal.core.i18n import Text, text
from lkportal.core.module import PersonalTable

_RETAIN = "5 years after closing"


def _books(table: str, path: str, title: Text, *export: str) -> PersonalTable:
    """A table of the books: it stays, and names nobody once the account's holder is erased."""
    because = KEPT_AS_ACCOUNTING
    return PersonalTable(table, path, export, retain=_RETAIN, at_end="keep", title=title, because=because)


PERSONAL = (
    _books(
        "payments_bills",
        "account_id",
        text("payments.personal.bills", "Bills"),
        *("number", "period", "total", "currency", "issued_on", "due_on"),
    ),
    _books(
        "payments_charge_lines",
        "bill_id.account_id",
        text("payments.personal.lines", "Lines of bills"),
        *("kind", "service", "note", "volume_milli", "unit", "amount"),
    ),
    _books(
        "payments_ledgers",
        "account_id",
        text("payments.personal.ledgers", "Balance"),
        *("currency", "balance"),
    ),
    _books(
        "payments_entries",
        "debit_id.account_id",
        text("payments.personal.debits", "Charged"),
        *("kind", "amount", "currency", "occurred_on"),
    ),
    _books(
        "payments_entries",
        "credit_id.account_id",
        text("payments.personal.credits", "Credited"),
        *("kind", "amount", "currency", "occurred_on"),
    ),
    _books(
        "payments_assertions",
        "account_id",
        text("payments.personal.assertions", "Balances told by billing"),
        *("as_of", "balance"),
    ),
    _books(
        "payments_payments",
        "account_id",
        text("payments.personal.payments", "Payments"),
        *("created_at", "amount", "currency", "state", "paid_at"),
    ),
    _books(
        "payments_slip_parts",
        "payment_id.account_id",
        text("payments.personal.slips", "Paid at the desk"),
        "amount",
    ),
    _books(
        "payments_refunds",
        "payment_id.account_id",
        text("payments.personal.refunds", "Refunds"),
        *("created_at", "amount", "currency", "reason", "state", "done_at"),
    ),
    _books(
        "payments_differences",
        "attempt_id.payment_id.account_id",
        text("payments.personal.differences", "Payments that differed at the provider"),
        *("kind", "theirs", "ours", "state", "found_at", "ended_at"),
    ),
    PersonalTable(
        "payments_methods",
        "account_id",
        export=("created_at", "gateway", "title", "expires", "state", "ended_at"),
        erase=(("token", ""), ("state", "removed")),
        retain="5 years after created_at",
        at_end="erase",
        title=text("payments.personal.methods", "Saved cards"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "payments_autopays",
        "account_id",
        export=("agreed_at", "agreed", "cap", "state", "ended_at"),
        erase=(("contact", ""), ("state", "off")),
        retain="5 years after agreed_at",
        at_end="erase",
        title=text("payments.personal.autopays", "Autopay agreed to"),
        because=KEPT_AS_ACCOUNTING,
    ),
    _books(
        "payments_autopay_runs",
        "account_id",
        text("payments.personal.runs", "What autopay did"),
        *("due_on", "amount", "tries", "state"),
    ),
    PersonalTable(
        "payments_receipts",
        "payment_id.account_id",
        export=("kind", "total", "currency", "state", "facts", "created_at", "registered_at"),
        erase=(("what", ""),),
        retain="5 years after created_at",
        at_end="erase",
        title=text("payments.personal.receipts", "Fiscal receipts"),
        because=KEPT_AS_ACCOUNTING,
    ),
    PersonalTable(
        "payments_attempts",
        "payment_id.account_id",
        export=("created_at", "gateway", "method_title", "state", "refunded"),
        erase=(("intent", ""),),
        retain="5 years after created_at",
        at_end="erase",
        title=text("payments.personal.attempts", "Attempts to pay"),
        because=KEPT_AS_ACCOUNTING,
    ),
)
