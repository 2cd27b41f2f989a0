"""A file of notes: account; words."""

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.ids import sql_public_id
from lkportal.core.imports import Applied, Column, ImportKind, Rejection, Staged, account_number, words
from lkportal.core.unit import now

_MARK = """
UPDATE {staging} SET reject = 'no_account'
WHERE NOT EXISTS (SELECT 1 FROM accounts_accounts a WHERE a.number = {staging}.account)
"""
_TAKE = """
INSERT INTO dummy_notes (public_id, account_id, words, weight, written_at)
SELECT {public_id}, a.id, s.words, 0, :now FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
WHERE s.reject IS NULL AND NOT EXISTS (SELECT 1 FROM dummy_notes n WHERE n.account_id = a.id AND n.words = s.words)
"""


def take(db: Session, staged: Staged) -> Applied:
    """Write a batch of notes; one that is known already is not written again."""
    parts = {"staging": staged.table.name, "public_id": sql_public_id(db.get_bind().dialect.name)}
    db.execute(sql(_MARK.format(**parts)))
    db.execute(sql(_TAKE.format(**parts)), {"now": now(db)})
    return Applied()


KIND = ImportKind(
    "dummy.notes",
    text("dummy.import.title", "Notes"),
    (
        Column("account", text("dummy.import.account", "Account"), account_number(), ("лицевой счет",)),
        Column("words", text("dummy.import.words", "Note"), words(200), ("заметка", "note")),
    ),
    take,
    {"no_account": Rejection("account", text("dummy.import.no_account", "There is no such account."))},
)
