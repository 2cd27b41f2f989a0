"""The import kind `charges`: a file of charge lines (строки начислений) from the company's billing. SQL is in charges_sql."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.imports import (
    Applied,
    ImportKind,
    Rejection,
    Setwise,
    Staged,
    column,
    day,
    money,
    one_of,
    period,
    volume,
    words,
)
from lkportal.modules.payments.billing import charges_sql as sql
from lkportal.modules.payments.billing.batches import ACCOUNT, BRAND, NO_ACCOUNT, PERMISSION, batch, hold
from lkportal.modules.payments.billing.parsers import rate, unit
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import BillsImported
from lkportal.modules.payments.desk import desk_of

_PAST, _AHEAD = timedelta(days=50 * 366), timedelta(days=366)
"""A month further away is a slip of the pen: 10.2062."""


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch: bills that are new, lines that are new or changed, and what that changes in the ledger."""
    desk = desk_of(db)
    source = staged.parameters.get("source") or "charges"
    values = {"source": source, "batch": str(staged.batch), "today": desk.today()}
    with batch(db, staged, values, sql.TEMPORARY, sql.DROP) as work:
        _resolve(work, staged, desk.settings.due_day, desk.today())
        _group(work)
        for currency in work.run(sql.CURRENCIES).scalars().all():
            ledger.shared(db, "charged", source, currency)
        found = work.run(sql.COUNTS).one()
        if found.lines < staged.rows:
            work.run(sql.MARK_UNKNOWN)  # they found no account, so they are in no bill either
        _write(work)
    event = BillsImported(staged.import_public, staged.batch, found.bills, int(found.lines)) if found.lines else None
    return Applied(event, {"bills": found.bills, "lines": int(found.lines)})


def _resolve(work: Setwise, staged: Staged, due_day: int, today: date) -> None:
    """Find the terms of each month; refuse months that cannot be meant, rows with more than one account, and repetitions."""
    work.settle(staged.table.name)
    for known in work.run(sql.PERIODS).scalars().all():
        month = known if isinstance(known, date) else date.fromisoformat(known)
        if not today - _PAST <= month <= today + _AHEAD:
            work.run(sql.MARK_FAR, period=month)
            continue
        issued_on, due_on = terms(month, due_day)
        work.run(sql.NEW_PERIOD, period=month, issued_on=issued_on, due_on=due_on)
    if not staged.parameters.get("brand") and work.finds(sql.MANY_BRANDS):
        work.run(sql.MARK_AMBIGUOUS)
    if work.finds(sql.PERHAPS_REPEATED) and work.finds(sql.ANY_REPEATED):
        work.run(sql.MARK_REPEATED)


def _group(work: Setwise) -> None:
    """Sum the rows up by bill, and find the bills that are known already; lines this very import has brought are refused."""
    work.run(sql.BATCH)
    if work.finds(sql.ANY_CAME_BEFORE) and work.run(sql.MARK_CAME_BEFORE).rowcount:
        work.run(sql.FORGET_BATCH)
        work.run(sql.BATCH)
    work.settle("payments_batch")


def _write(work: Setwise) -> None:
    work.run(sql.LEDGERS)
    hold(work, "payments_batch")
    work.run(sql.BILLS)
    work.run(sql.FIND_BILLS)
    work.run(sql.LINES)
    old = work.finds(sql.ANY_OLD)
    if old:
        work.run(sql.OLD_BILLS)
        work.run(sql.OLD_CHANGES)
    work.run(sql.ENTRIES)
    work.run(sql.BALANCES)
    if old:
        work.run(sql.OLD_POSTED)


def terms(month: date, due_day: int) -> tuple[date, date]:
    """Return when a bill of `month` is issued (its last day) and due (`due_day` of the next one) if nobody says otherwise."""
    after = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    return after - timedelta(days=1), after.replace(day=due_day)


_KINDS = {
    "charge": "charge",
    "начисление": "charge",
    "recalculation": "recalculation",
    "перерасчёт": "recalculation",
    "перерасчет": "recalculation",
    "benefit": "benefit",
    "льгота": "benefit",
    "субсидия": "benefit",
    "penalty": "penalty",
    "пени": "penalty",
    "пеня": "penalty",
}


_COLUMNS = (
    ACCOUNT,
    column("period", text("payments.import.period", "Month"), period(), "период", "месяц", "расчётный период", "month"),
    column(
        "service", text("payments.import.service", "Service"), words(90), "услуга", "вид услуги", "наименование услуги"
    ),
    column(
        "amount",
        text("payments.import.amount", "Amount"),
        money(),
        "сумма",
        "начислено",
        "к оплате",
        "сумма начисления",
    ),
    column(
        "volume", text("payments.import.volume", "Volume"), volume(), "объём", "количество", "расход", required=False
    ),
    column(
        "unit", text("payments.import.unit", "Unit"), unit(), "ед. изм.", "единица", "единица измерения", required=False
    ),
    column("rate", text("payments.import.rate", "Tariff"), rate(), "тариф", "цена", "tariff", "price", required=False),
    column(
        "kind",
        text("payments.import.kind", "Kind of line"),
        one_of(_KINDS, text("payments.import.not_kind", "Write charge, recalculation, benefit or penalty.")),
        "вид начисления",
        "вид строки",
        "тип",
        required=False,
    ),
    column(
        "note",
        text("payments.import.note", "Reason"),
        words(200),
        "основание",
        "примечание",
        "комментарий",
        required=False,
    ),
    column(
        "code",
        text("payments.import.code", "Code of the line"),
        words(40),
        "код",
        "код строки",
        "прибор",
        required=False,
    ),
    column(
        "number",
        text("payments.import.number", "Number of the bill"),
        words(40),
        "номер счёта",
        "номер квитанции",
        required=False,
    ),
    column(
        "issued",
        text("payments.import.issued", "Issued on"),
        day(),
        "дата счёта",
        "выставлен",
        "дата начисления",
        required=False,
    ),
    column("due", text("payments.import.due", "Due by"), day(), "срок оплаты", "оплатить до", required=False),
)

CHARGES = ImportKind(
    name="charges",
    title=text("payments.import.charges", "Charges"),
    columns=_COLUMNS,
    apply=apply,
    rejections={
        **NO_ACCOUNT,
        "far_month": Rejection(
            "period",
            text(
                "payments.import.far_month", "This month is more than a year ahead or fifty years ago: check the year."
            ),
        ),
        "repeated": Rejection(
            "service",
            text(
                "payments.import.repeated",
                "The file already charges this service in this bill. Add the amounts up, or give the lines different codes.",
            ),
        ),
    },
    parameters={
        "source": text("payments.import.source", "Name of the billing system"),
        **BRAND,
    },
    permission=PERMISSION,
)
