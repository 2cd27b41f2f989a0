"""Files of daily use: what the company knows of homes, and rules that begin on a day. Meters and readings are in imports."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lkportal.accounts.contract import ACCOUNT_REJECTIONS, MARK_ACCOUNT
from lkportal.core.i18n import text
from lkportal.core.imports import (
    Applied,
    Column,
    ImportKind,
    Rejection,
    Staged,
    day,
    integer,
    one_of,
    staged_day,
    volume,
    words,
)
from lkportal.modules.readings.imports import ACCOUNT, run_all
from lkportal.modules.readings.views import KINDS

_HOMES = """
INSERT INTO readings_homes (account_id, category, residents, seen_at)
SELECT a.id, COALESCE(s.category, ''), COALESCE(s.residents, 0), :now
FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
WHERE s.reject IS NULL AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.account = s.account)
ON CONFLICT (account_id) DO UPDATE
SET category = excluded.category, residents = excluded.residents, seen_at = excluded.seen_at
"""
_MARK_DAYS = """
UPDATE {staging} SET reject = 'days' WHERE reject IS NULL
  AND (window_first NOT BETWEEN 1 AND 28 OR window_last NOT BETWEEN 1 AND 28 OR window_first > window_last)
"""
_RULES = """
INSERT INTO readings_rules (public_id, category, resource, valid_from, window_first, window_last, norm_milli, made_at, actor)
SELECT {public_id}, COALESCE(s.category, ''), COALESCE(s.resource, ''), {begins}, s.window_first, s.window_last, s.norm, :now, :actor
FROM {staging} s
WHERE s.reject IS NULL AND s.line = (SELECT max(t.line) FROM {staging} t WHERE COALESCE(t.category, '') = COALESCE(s.category, '')
  AND COALESCE(t.resource, '') = COALESCE(s.resource, '') AND t.valid_from = s.valid_from)
ON CONFLICT (category, resource, valid_from) DO NOTHING
"""


def apply_homes(db: Session, staged: Staged) -> Applied:
    """Write a batch of homes; a known one is brought up to date."""
    run_all(db, staged, (MARK_ACCOUNT, _HOMES))
    return Applied()


def apply_rules(db: Session, staged: Staged) -> Applied:
    """Write a batch of rules; one that is there already stays as it is."""
    run_all(db, staged, (_MARK_DAYS, _RULES), begins=staged_day(db, "s.valid_from"))
    return Applied()


_CATEGORY = Column("category", text("readings.desk.category", "Category"), words(40), ("категория",), False)
_FIRST = Column("window_first", text("readings.desk.first", "First day of the window"), integer(), ("с числа",), False)
_LAST = Column("window_last", text("readings.desk.last", "Last day"), integer(), ("по число",), False)

HOMES = ImportKind(
    name="homes",
    title=text("readings.import.homes", "Homes: category and residents"),
    columns=(
        ACCOUNT,
        _CATEGORY,
        Column("residents", text("readings.import.residents", "Residents"), integer(), ("жильцов", "прописано"), False),
    ),
    apply=apply_homes,
    rejections=ACCOUNT_REJECTIONS,
)
RULES = ImportKind(
    name="reading_rules",
    title=text("readings.desk.rules", "Windows, limits and norms"),
    columns=(
        Column("valid_from", text("readings.desk.from", "From the day"), day(), ("действует с", "с даты")),
        _CATEGORY,
        Column(
            "resource",
            text("readings.import.resource", "Resource"),
            one_of(
                {code: code for code in KINDS},
                text("readings.import.not_resource", "Write cold_water, hot_water, electricity, gas or heat."),
            ),
            ("ресурс",),
            False,
        ),
        _FIRST,
        _LAST,
        Column("norm", text("readings.desk.norm", "Norm a resident"), volume(), ("норматив",), False),
    ),
    apply=apply_rules,
    rejections={
        "days": Rejection(
            "window_first", text("readings.import.days", "Days from 1 to 28, the first one not after the last.")
        )
    },
)
