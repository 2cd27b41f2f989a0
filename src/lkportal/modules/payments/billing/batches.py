"""What the import kinds of payments share: whose account a row is of, and how a batch begins and ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.imports import Rejection, Setwise, Staged, account_number, column
from lkportal.core.unit import now

ACCOUNT = column(
    "account",
    text("payments.import.account", "Account"),
    account_number(),
    "лицевой счёт",
    "лс",
    "л/с",
    "account number",
)
NO_ACCOUNT = {
    "unknown_account": Rejection(
        "account", text("payments.import.unknown_account", "There is no such account. Import the accounts first.")
    ),
    "ambiguous_account": Rejection(
        "account",
        text(
            "payments.import.ambiguous_account",
            "Several brands have this account. Name one with the parameter brand.",
        ),
    ),
}
BRAND = {"brand": text("payments.import.brand", "Key of the brand")}
PERMISSION = "payments.import"
_OF_BRAND = " AND a.brand_id = (SELECT id FROM accounts_brands WHERE key = :brand)"


@contextmanager
def batch(
    db: Session, staged: Staged, values: Mapping[str, Any], temporary: Sequence[str], drop: Sequence[str]
) -> Iterator[Setwise]:
    """The statements of a batch, between those that make its temporary tables and those that `drop` them. They know `:import`,
    `:now`, `:brand` and `values`; `{of_brand}` narrows `accounts_accounts a` to the brand that was named."""
    brand = staged.parameters.get("brand", "")
    known = {"import": staged.import_public, "now": now(db), "brand": brand, **values}
    work = Setwise(db, staged, known, of_brand=_OF_BRAND if brand else "")
    work.take_turn("payments_import")
    for statement in temporary:
        work.run(statement)
    yield work
    for statement in drop:
        work.run(statement)


def hold(work: Setwise, table: str) -> None:
    """Let others who act on the accounts of `table` wait until the batch is written. Their ledgers are locked in the order of
    accounts, as by whoever pays for several at once: in any other the two would wait for each other."""
    work.on_postgresql(
        f"SELECT count(*) FROM (SELECT id FROM payments_ledgers WHERE account_id IN (SELECT account_id FROM {table})"  # noqa: S608 - our own names
        " ORDER BY account_id FOR NO KEY UPDATE) held"
    )
