"""Rows that the company brings by a file or the feed: account; title. A row that comes twice is one entry."""

from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.imports import Applied, Column, ImportKind, Rejection, Setwise, Staged, account_number, words
from lkportal.core.unit import now

# A number that several brands have names no account: whose row it is cannot be known.
_MARK = """
UPDATE {staging} SET reject = 'no_account'
WHERE reject IS NULL AND (SELECT count(*) FROM accounts_accounts a WHERE a.number = {staging}.account) <> 1
"""
_TAKE = """
INSERT INTO things_entries (public_id, account_id, title, remark, token, added_at)
SELECT {public_id}, a.id, s.title, '', {public_id}, :now FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
WHERE s.reject IS NULL AND NOT EXISTS (SELECT 1 FROM things_entries e WHERE e.account_id = a.id AND e.title = s.title)
AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.account = s.account AND t.title = s.title)
"""


def take(db: Session, staged: Staged) -> Applied:
    """Write a batch; what is known already is not written again."""
    work = Setwise(db, staged, {"now": now(db)})
    for statement in (_MARK, _TAKE):
        work.run(statement)
    return Applied()


KIND = ImportKind(
    "things.entries",
    text("things.import.title", "Things"),
    (
        Column("account", text("things.import.account", "Account"), account_number(), ("лицевой счет",)),
        Column("title", text("things.import.name", "Title"), words(100), ("название", "title")),
    ),
    take,
    {"no_account": Rejection("account", text("things.import.no_account", "No account has this number, or accounts of several brands have it."))},
)
