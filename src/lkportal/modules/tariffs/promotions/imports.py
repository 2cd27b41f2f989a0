"""The import kind `promotions`: the company's list of offers. A known code is brought up to date."""

from __future__ import annotations

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
    integer,
    money,
    staged_day,
    words,
)
from lkportal.core.unit import now
from lkportal.modules.tariffs import imports_sql as sql

_MARK = """
UPDATE {staging} SET reject = CASE WHEN price < 0 OR connect_price < 0 THEN 'price' WHEN months NOT BETWEEN 1 AND 60 THEN 'months'
                                   ELSE 'days' END
WHERE reject IS NULL AND (price < 0 OR connect_price < 0 OR months NOT BETWEEN 1 AND 60 OR since > until)
"""
_WRITE = """
INSERT INTO tariffs_promotions (public_id, offering_id, title, note, segment, since, until, price, months, connect_price, source,
                                source_key, seen_at)
SELECT {public_id}, o.id, s.title, COALESCE(s.note, ''), COALESCE(s.segment, ''), {since_day}, {until_day}, s.price, s.months,
       COALESCE(s.connect_price, 0), 'promotions', s.key, :now
FROM {staging} s JOIN tariffs_offerings o ON o.source = 'catalogue' AND o.source_key = s.code
WHERE s.reject IS NULL AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.key = s.key)
ON CONFLICT (source, source_key) DO UPDATE
SET offering_id = excluded.offering_id, title = excluded.title, note = excluded.note, segment = excluded.segment,
    since = excluded.since, until = excluded.until, price = excluded.price, months = excluded.months,
    connect_price = excluded.connect_price, seen_at = excluded.seen_at
"""


def apply(db: Session, staged: Staged) -> Applied:
    """Write a batch of offers. Who took one before keeps the price of then."""
    days = {f"{name}_day": staged_day(db, f"s.{name}") for name in ("since", "until")}
    work = Setwise(db, staged, {"now": now(db)}, **days)
    work.take_turn("tariffs_import")
    for statement in (_MARK, sql.MARK_OFFERING, _WRITE):
        work.run(statement)
    return Applied()


KIND = ImportKind(
    name="promotions",
    title=text("tariffs.import.promotions", "Offers to segments"),
    columns=(
        column("key", text("tariffs.import.promotion_key", "Code of the offer"), words(60), "код предложения"),
        column("code", text("tariffs.import.code", "Code of the service"), words(60), "код", "код услуги"),
        column("title", text("tariffs.import.title", "Name"), words(120), "название", "наименование"),
        column("price", text("tariffs.import.price", "Price"), money(), "цена"),
        column("months", text("tariffs.import.promotion_months", "Months at this price"), integer(), "месяцев"),
        column("since", text("tariffs.import.since", "Offered from"), day(), "действует с"),
        column("until", text("tariffs.import.until", "Offered until"), day(), "действует по"),
        column("segment", text("tariffs.import.segment", "Segment"), words(40), "сегмент", required=False),
        column("connect_price", text("tariffs.import.connect", "Connecting"), money(), "подключение", required=False),
        column("note", text("tariffs.import.note", "Description"), words(300), "описание", required=False),
    ),
    apply=apply,
    rejections={
        "price": Rejection("price", text("tariffs.import.price_size", "A price is not below zero.")),
        "months": Rejection("months", text("tariffs.import.promotion_size", "Write a number of months from 1 to 60.")),
        "days": Rejection("until", text("tariffs.import.days_order", "The last day is not before the first.")),
        "no_offering": Rejection(
            "code", text("tariffs.import.no_offering", "The catalogue has no such code. Import the catalogue first.")
        ),
    },
    permission="tariffs.import",
)
