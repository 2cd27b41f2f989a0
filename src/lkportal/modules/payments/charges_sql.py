"""A batch of charge lines becomes bills, lines and entries by set-based SQL that both databases read. Who calls it is
import_charges. A bill is known by account, month and number, a line by its kind and code within its bill: what comes again
replaces what was there, and the difference goes to the ledger."""

from __future__ import annotations

TEMPORARY = (
    """
CREATE TEMPORARY TABLE payments_rows (
    line BIGINT NOT NULL, account_id BIGINT NOT NULL, currency VARCHAR(3) NOT NULL, period DATE NOT NULL,
    number VARCHAR(40) NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT NULL, amount BIGINT NOT NULL,
    bill_key VARCHAR(80) NOT NULL, line_key VARCHAR(200) NOT NULL)
""",
    """
CREATE TEMPORARY TABLE payments_batch (
    bill_key VARCHAR(80) NOT NULL, account_id BIGINT NOT NULL, currency VARCHAR(3) NOT NULL, period DATE NOT NULL,
    number VARCHAR(40) NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT NULL, change BIGINT NOT NULL,
    old_id BIGINT, old_import VARCHAR(100))
""",
    "CREATE TEMPORARY TABLE payments_periods (period DATE NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT NULL)",
)
DROP = ("DROP TABLE payments_rows", "DROP TABLE payments_batch", "DROP TABLE payments_periods")

PERIODS = "SELECT DISTINCT period FROM {staging}"
NEW_PERIOD = "INSERT INTO payments_periods (period, issued_on, due_on) VALUES (:period, :issued_on, :due_on)"

ROWS = """
INSERT INTO payments_rows
SELECT s.line, a.id, a.currency, s.period, COALESCE(s.number, ''), COALESCE(s.issued, p.issued_on),
       COALESCE(s.due, p.due_on), s.amount,
       a.id || '/' || s.period || '/' || COALESCE(s.number, ''),
       a.id || '/' || s.period || '/' || COALESCE(s.number, '') || '/' || COALESCE(s.kind, 'charge') || '/'
           || COALESCE(s.code, s.service)
FROM {staging} s JOIN accounts_accounts a ON a.number = s.account JOIN payments_periods p ON p.period = s.period
"""
OF_BRAND = " AND a.brand_id = (SELECT id FROM accounts_brands WHERE key = :brand)"

MARK_UNKNOWN = """
UPDATE {staging} SET reject = 'unknown_account' WHERE line NOT IN (SELECT line FROM payments_rows)
"""
MARK_AMBIGUOUS = """
UPDATE {staging} SET reject = 'ambiguous_account'
WHERE line IN (SELECT line FROM payments_rows GROUP BY line HAVING count(*) > 1)
"""
ANY_REPEATED = "SELECT 1 FROM payments_rows GROUP BY line_key HAVING count(*) > 1 LIMIT 1"
MARK_REPEATED = """
UPDATE {staging} SET reject = 'repeated' WHERE line IN (
    SELECT line FROM (SELECT line, row_number() OVER (PARTITION BY line_key ORDER BY line) AS place FROM payments_rows) r
    WHERE place > 1)
"""
ANY_CAME_BEFORE = "SELECT 1 FROM payments_batch WHERE old_import = :import LIMIT 1"
MARK_CAME_BEFORE = """
UPDATE {staging} SET reject = 'repeated' WHERE line IN (
    SELECT r.line FROM payments_rows r JOIN payments_batch k ON k.bill_key = r.bill_key AND k.old_import = :import
    JOIN payments_charge_lines l ON l.source = :source AND l.source_key = r.line_key AND l.source_version = :import)
"""
FORGET_MARKED = "DELETE FROM payments_rows WHERE line IN (SELECT line FROM {staging} WHERE reject IS NOT NULL)"

BATCH = """
INSERT INTO payments_batch
SELECT r.bill_key, r.account_id, r.currency, r.period, r.number, max(r.issued_on), max(r.due_on),
       CAST(sum(r.amount) AS BIGINT), b.id, b.source_version
FROM payments_rows r LEFT JOIN payments_bills b ON b.source = :source AND b.source_key = r.bill_key
GROUP BY r.bill_key, r.account_id, r.currency, r.period, r.number, b.id, b.source_version
"""
FORGET_BATCH = "DELETE FROM payments_batch"
ANY_OLD = "SELECT 1 FROM payments_batch WHERE old_id IS NOT NULL LIMIT 1"
CURRENCIES = "SELECT DISTINCT currency FROM payments_batch"

LEDGERS = """
INSERT INTO payments_ledgers (kind, owner, account_id, currency, balance)
SELECT DISTINCT 'customer', CAST(k.account_id AS VARCHAR(20)), k.account_id, k.currency, 0
FROM payments_batch k LEFT JOIN payments_ledgers l ON l.account_id = k.account_id WHERE l.id IS NULL
ON CONFLICT DO NOTHING
"""
BILLS = """
INSERT INTO payments_bills (public_id, account_id, period, number, currency, total, posted, issued_on, due_on,
                            source, source_key, source_version, seen_at)
SELECT {public_id}, account_id, period, number, currency, change, change, issued_on, due_on,
       :source, bill_key, :import, :now
FROM payments_batch WHERE old_id IS NULL
"""
LINES = """
INSERT INTO payments_charge_lines (bill_id, position, kind, service, note, volume_milli, unit, rate_millionths, amount,
                                   source, source_key, source_version, seen_at)
SELECT b.id, s.line, COALESCE(s.kind, 'charge'), s.service, COALESCE(s.note, ''), s.volume, COALESCE(s.unit, ''), s.rate,
       s.amount, :source, r.line_key, :import, :now
FROM payments_rows r JOIN {staging} s ON s.line = r.line
JOIN payments_bills b ON b.source = :source AND b.source_key = r.bill_key
WHERE s.reject IS NULL
ON CONFLICT (source, source_key) DO UPDATE SET position = excluded.position, service = excluded.service,
    note = excluded.note, volume_milli = excluded.volume_milli, unit = excluded.unit,
    rate_millionths = excluded.rate_millionths, amount = excluded.amount, source_version = excluded.source_version,
    seen_at = excluded.seen_at
"""

OLD_BILLS = """
UPDATE payments_bills SET due_on = k.due_on, source_version = :import, seen_at = :now,
    total = (SELECT CAST(COALESCE(sum(l.amount), 0) AS BIGINT) FROM payments_charge_lines l WHERE l.bill_id = payments_bills.id)
FROM payments_batch k WHERE payments_bills.id = k.old_id
"""
OLD_CHANGES = """
UPDATE payments_batch SET change = b.total - b.posted FROM payments_bills b WHERE b.id = payments_batch.old_id
"""
OLD_POSTED = "UPDATE payments_bills SET posted = total WHERE id IN (SELECT old_id FROM payments_batch)"

ENTRIES = """
INSERT INTO payments_entries (origin, kind, debit_id, credit_id, amount, currency, occurred_on, booked_at)
SELECT 'bill:' || b.id || ':' || :import || ':' || :batch, 'charge',
       CASE WHEN k.change > 0 THEN mine.id ELSE charged.id END, CASE WHEN k.change > 0 THEN charged.id ELSE mine.id END,
       abs(k.change), k.currency, CASE WHEN k.old_id IS NULL THEN k.issued_on ELSE :today END, :now
FROM payments_batch k
JOIN payments_bills b ON b.source = :source AND b.source_key = k.bill_key
JOIN payments_ledgers mine ON mine.account_id = k.account_id
JOIN payments_ledgers charged ON charged.kind = 'charged' AND charged.owner = :source || '/' || k.currency
WHERE k.change <> 0
"""
BALANCES = """
UPDATE payments_ledgers SET balance = balance + c.change
FROM (SELECT account_id, CAST(sum(change) AS BIGINT) AS change FROM payments_batch GROUP BY account_id) c
WHERE payments_ledgers.account_id = c.account_id AND c.change <> 0
"""
COUNTS = "SELECT count(*) AS bills, (SELECT count(*) FROM payments_rows) AS lines FROM payments_batch"
