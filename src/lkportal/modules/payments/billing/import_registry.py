"""The import kind `registry`: a debt registry as banks take it (account; name; sum), named INN_ACCOUNT_NUMBER_MMYY.txt.
Each row asserts what an account owes; where our books differ an entry "adjusted by billing" is made. SQL is in registry_sql."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.imports import Applied, Column, ImportKind, Rejection, Setwise, Staged, money, words
from lkportal.modules.payments.billing import registry_sql as sql
from lkportal.modules.payments.billing.batches import ACCOUNT, BRAND, NO_ACCOUNT, PERMISSION, batch, hold
from lkportal.modules.payments.billing.import_charges import terms
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.desk import desk_of


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch: what billing asserts, and what our books are adjusted by."""
    desk = desk_of(db)
    as_of = day_of(staged.parameters, desk.today())
    values = {
        "as_of": as_of,
        "day_key": as_of.isoformat(),
        "known_by": as_of - timedelta(days=desk.settings.posting_days),
    }
    with batch(db, staged, values, sql.TEMPORARY, sql.DROP) as work:
        _resolve(work, staged)
        for currency in work.run(sql.CURRENCIES).scalars().all():
            ledger.shared(db, "billing_adjustment", "registry", currency)
        _compare(work)
        found = work.run(sql.COUNTS).one()
    return Applied(None, {"asserted": int(found.asserted), "adjusted": int(found.adjusted)})


def day_of(parameters: Mapping[str, str], today: date) -> date:
    """Return the day a registry speaks of: the operator's `as_of`, else the end of the month in the file's name, never later
    than today. Raises PortalError("imports.parameter") for what is no date."""
    given = parameters.get("as_of", "")
    try:
        if given:
            return min(date.fromisoformat(given), today)
        if "month" in parameters:
            month = date(2000 + int(parameters["year"]), int(parameters["month"]), 1)
            return min(terms(month, 1)[0], today)
    except ValueError:
        message = text(
            "payments.import.not_day", "%(given)s is no date. Write as_of=2026-10-31.", given=given or "MMYY"
        )
        raise PortalError("imports.parameter", message, 422) from None
    return today


def _resolve(work: Setwise, staged: Staged) -> None:
    work.settle(staged.table.name)
    if work.run(sql.CLAIMS).rowcount != staged.rows:
        work.run(sql.MARK_UNKNOWN)
        work.run(sql.MARK_AMBIGUOUS)
    work.run(sql.MARK_REPEATED)
    work.run(sql.MARK_OLDER)
    work.run(sql.FORGET_MARKED)
    work.settle("payments_claims")


def _compare(work: Setwise) -> None:
    """Compare billing's sums with ours and adjust. The accounts are held first: a payment credited meanwhile waits."""
    work.run(sql.LEDGERS)
    hold(work, "payments_claims")
    work.run(sql.UNPOSTED)
    work.run(sql.FOLD)
    work.run(sql.WHOLE)
    work.run(sql.SETTLE)
    work.run(sql.ACKNOWLEDGE)
    work.run(sql.ASSERTIONS)
    work.run(sql.ENTRIES)
    work.run(sql.BALANCES)


REGISTRY = ImportKind(
    name="registry",
    title=text("payments.import.registry", "Debt registry"),
    columns=(
        ACCOUNT,
        Column(
            "name",
            text("payments.import.name", "Name"),
            words(300),
            ("фио", "плательщик", "абонент", "наименование"),
            required=False,
        ),
        Column(
            "amount",
            text("payments.import.debt", "Debt"),
            money(),
            ("сумма", "задолженность", "долг", "к оплате", "сумма к оплате"),
        ),
    ),
    apply=apply,
    rejections={
        **NO_ACCOUNT,
        "repeated": Rejection(
            "account", text("payments.import.twice", "The registry names this account more than once. Keep one row.")
        ),
        "older": Rejection(
            "account", text("payments.import.older", "A later registry has already told what this account owes.")
        ),
    },
    file_name=r"(?P<inn>\d{10}(?:\d{2})?)_(?P<payee>[0-9A-Za-z]{1,32})_(?P<number>[0-9A-Za-z-]{1,20})"
    r"_(?P<month>0[1-9]|1[0-2])(?P<year>\d{2})\.(?:txt|csv)",
    answers_to=("charges",),
    positional=True,
    parameters={
        "as_of": text("payments.import.as_of", "Day of the sums, such as 2026-10-31"),
        **BRAND,
    },
    permission=PERMISSION,
)
