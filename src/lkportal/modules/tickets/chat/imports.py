"""The import kind `managers`: who of the company looks after which account, by what they sign in with."""

from __future__ import annotations

from sqlalchemy.orm import Session

from lkportal.accounts.contract import ACCOUNT_REJECTIONS, MARK_ACCOUNT
from lkportal.core.i18n import text
from lkportal.core.imports import Applied, ImportKind, Rejection, Setwise, Staged, account_number, column, words
from lkportal.core.unit import now

_NO_MANAGER = """
UPDATE {staging} SET reject = 'no_manager' WHERE reject IS NULL AND manager IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM tickets_managers m JOIN auth_identities i ON i.id = m.identity_id
                  WHERE i.login = lower({staging}.manager))
"""
_FREED = """
DELETE FROM tickets_managed WHERE account_id IN (
    SELECT a.id FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
    WHERE s.reject IS NULL AND s.manager IS NULL
      AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.account = s.account))
"""
_GIVEN = """
INSERT INTO tickets_managed (account_id, manager_id, since)
SELECT a.id, m.id, :now FROM {staging} s
JOIN accounts_accounts a ON a.number = s.account
JOIN auth_identities i ON i.login = lower(s.manager)
JOIN tickets_managers m ON m.identity_id = i.id
WHERE s.reject IS NULL AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.account = s.account)
ON CONFLICT (account_id) DO UPDATE SET manager_id = excluded.manager_id, since = excluded.since
WHERE tickets_managed.manager_id <> excluded.manager_id
"""


def apply(db: Session, staged: Staged) -> Applied:
    """Give the accounts of a batch to their managers; an empty manager frees the account."""
    work = Setwise(db, staged, {"now": now(db)})
    work.take_turn("tickets_managed")
    for statement in (MARK_ACCOUNT, _NO_MANAGER, _FREED, _GIVEN):
        work.run(statement)
    return Applied()


MANAGERS = ImportKind(
    name="managers",
    title=text("tickets.import.managers", "Managers of accounts"),
    columns=(
        column(
            "account",
            text("tickets.import.account", "Account"),
            account_number(),
            "лицевой счёт",
            "лс",
            "договор",
            "account number",
        ),
        column(
            "manager",
            text("tickets.import.manager", "What the manager signs in with"),
            words(254),
            "менеджер",
            "персональный менеджер",
            "почта менеджера",
            required=False,
        ),
    ),
    apply=apply,
    permission="tickets.managers",
    rejections={
        **ACCOUNT_REJECTIONS,
        "no_manager": Rejection(
            "manager",
            text(
                "tickets.import.no_manager",
                "Nobody who signs in with this is a manager. Make them one at the desk first.",
            ),
        ),
    },
)
