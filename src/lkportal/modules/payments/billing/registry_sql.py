"""A batch of a debt registry becomes assertions and, where our books differ, adjusting entries. Who calls it is
import_registry. A payment that billing may not know of yet is left out of the comparison."""

from __future__ import annotations

TEMPORARY = (
    """
CREATE TEMPORARY TABLE payments_claims (
    line BIGINT NOT NULL, account_id BIGINT NOT NULL, currency VARCHAR(3) NOT NULL, balance BIGINT NOT NULL,
    ledger_id BIGINT, whole BIGINT, folded BIGINT)
""",
    """
CREATE TEMPORARY TABLE payments_unposted (
    payment_id BIGINT NOT NULL, account_id BIGINT NOT NULL, amount BIGINT NOT NULL, occurred_on DATE NOT NULL,
    running BIGINT NOT NULL)
""",
)
DROP = ("DROP TABLE payments_claims", "DROP TABLE payments_unposted")

CLAIMS = """
INSERT INTO payments_claims (line, account_id, currency, balance)
SELECT s.line, a.id, a.currency, s.amount FROM {staging} s JOIN accounts_accounts a ON a.number = s.account{of_brand}
"""
MARK_UNKNOWN = "UPDATE {staging} SET reject = 'unknown_account' WHERE line NOT IN (SELECT line FROM payments_claims)"
MARK_AMBIGUOUS = """
UPDATE {staging} SET reject = 'ambiguous_account'
WHERE line IN (SELECT line FROM payments_claims GROUP BY line HAVING count(*) > 1)
"""
MARK_REPEATED = """
UPDATE {staging} SET reject = 'repeated' WHERE reject IS NULL AND (line IN (
    SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY account_id ORDER BY line) AS place FROM payments_claims) c
    WHERE place > 1)
  OR line IN (SELECT c.line FROM payments_claims c JOIN payments_assertions x
    ON x.source = 'registry' AND x.source_key = c.account_id || '/' || :day_key AND x.source_version = :import))
"""
MARK_OLDER = """
UPDATE {staging} SET reject = 'older' WHERE reject IS NULL AND line IN (
    SELECT c.line FROM payments_claims c JOIN payments_assertions x ON x.account_id = c.account_id AND x.as_of > :as_of)
"""
FORGET_MARKED = "DELETE FROM payments_claims WHERE line IN (SELECT line FROM {staging} WHERE reject IS NOT NULL)"
CURRENCIES = "SELECT DISTINCT currency FROM payments_claims"

LEDGERS = """
INSERT INTO payments_ledgers (kind, owner, account_id, currency, balance)
SELECT 'customer', CAST(c.account_id AS VARCHAR(20)), c.account_id, c.currency, 0
FROM payments_claims c LEFT JOIN payments_ledgers l ON l.account_id = c.account_id WHERE l.id IS NULL
ORDER BY c.account_id
ON CONFLICT DO NOTHING
"""
UNPOSTED = """
INSERT INTO payments_unposted
SELECT p.id, p.account_id, e.amount, e.occurred_on,
       CAST(sum(e.amount) OVER (PARTITION BY p.account_id ORDER BY e.occurred_on, e.id) AS BIGINT)
FROM payments_payments p JOIN payments_attempts a ON a.payment_id = COALESCE(p.lead_id, p.id)
JOIN payments_entries e ON e.origin = 'payment:' || CASE WHEN p.lead_id <> p.id THEN p.public_id ELSE a.key END
WHERE p.state = 'paid' AND p.acknowledged_at IS NULL AND e.occurred_on <= :as_of
  AND p.account_id IN (SELECT account_id FROM payments_claims)
"""
# What our books said at the end of the day, without payments that billing may not know of.
FOLD = """
UPDATE payments_claims SET ledger_id = l.id, folded = l.balance
    - (SELECT CAST(COALESCE(sum(e.amount), 0) AS BIGINT) FROM payments_entries e
       WHERE e.debit_id = l.id AND e.occurred_on > :as_of)
    + (SELECT CAST(COALESCE(sum(e.amount), 0) AS BIGINT) FROM payments_entries e
       WHERE e.credit_id = l.id AND e.occurred_on > :as_of)
    + (SELECT CAST(COALESCE(sum(u.amount), 0) AS BIGINT) FROM payments_unposted u WHERE u.account_id = l.account_id)
FROM payments_ledgers l WHERE l.account_id = payments_claims.account_id
"""
WHOLE = "UPDATE payments_claims SET whole = folded"
# Billing knows either none of them, or the first few that explain its sum to the kopeck, or those old enough to be known.
SETTLE = """
UPDATE payments_claims SET folded = folded - COALESCE(
    (SELECT max(u.running) FROM payments_unposted u
     WHERE u.account_id = payments_claims.account_id AND payments_claims.folded - u.running = payments_claims.balance),
    (SELECT max(u.running) FROM payments_unposted u
     WHERE u.account_id = payments_claims.account_id AND u.occurred_on <= :known_by), 0)
WHERE folded <> balance AND account_id IN (SELECT account_id FROM payments_unposted)
"""
ACKNOWLEDGE = """
UPDATE payments_payments SET acknowledged_at = :now WHERE id IN (
    SELECT u.payment_id FROM payments_unposted u JOIN payments_claims c ON c.account_id = u.account_id
    WHERE u.running <= c.whole - c.folded)
"""
ASSERTIONS = """
INSERT INTO payments_assertions (account_id, as_of, balance, folded, difference, source, source_key, source_version, seen_at)
SELECT account_id, :as_of, balance, folded, balance - folded, 'registry', account_id || '/' || :day_key, :import, :now
FROM payments_claims WHERE ledger_id IS NOT NULL
ON CONFLICT (source, source_key) DO UPDATE SET balance = excluded.balance, folded = excluded.folded,
    difference = excluded.difference, source_version = excluded.source_version, seen_at = excluded.seen_at
"""
ENTRIES = """
INSERT INTO payments_entries (origin, kind, debit_id, credit_id, amount, currency, occurred_on, booked_at)
SELECT 'assertion:' || x.id || ':' || :import, 'adjustment',
       CASE WHEN c.balance > c.folded THEN c.ledger_id ELSE other.id END,
       CASE WHEN c.balance > c.folded THEN other.id ELSE c.ledger_id END,
       abs(c.balance - c.folded), c.currency, :as_of, :now
FROM payments_claims c
JOIN payments_assertions x ON x.source = 'registry' AND x.source_key = c.account_id || '/' || :day_key
JOIN payments_ledgers other ON other.kind = 'billing_adjustment' AND other.owner = 'registry/' || c.currency
WHERE c.balance <> c.folded
"""
BALANCES = """
UPDATE payments_ledgers SET balance = payments_ledgers.balance + c.balance - c.folded
FROM payments_claims c WHERE payments_ledgers.id = c.ledger_id AND c.balance <> c.folded
"""
COUNTS = """
SELECT count(*) AS asserted, COALESCE(sum(CASE WHEN balance <> folded THEN 1 ELSE 0 END), 0) AS adjusted FROM payments_claims
"""
