"""A batch of charge lines becomes bills, lines and entries by set-based SQL that both databases read. Who calls it is
import_charges. A bill is known by account, month and number, a line by its kind and code within its bill: what comes again
replaces what was there, and the difference goes to the ledger."""

from __future__ import annotations

TEMPORARY = (
    """
CREATE TEMPORARY TABLE payments_batch (
    bill_key VARCHAR(80) NOT NULL, account_id BIGINT NOT NULL, currency VARCHAR(3) NOT NULL, period DATE NOT NULL,
    number VARCHAR(40) NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT NULL, lines BIGINT NOT NULL,
    change BIGINT NOT NULL, due_told DATE, old_id BIGINT, old_import VARCHAR(100), bill_id BIGINT)
""",
    "CREATE TEMPORARY TABLE payments_periods (period DATE NOT NULL, issued_on DATE NOT NULL, due_on DATE NOT NULL)",
)
DROP = ("DROP TABLE payments_batch", "DROP TABLE payments_periods")

PERIODS = "SELECT DISTINCT period FROM {staging}"
NEW_PERIOD = "INSERT INTO payments_periods (period, issued_on, due_on) VALUES (:period, :issued_on, :due_on)"

MARK_FAR = """
UPDATE {staging} SET reject = 'far_month' WHERE reject IS NULL AND period = :period
"""
# CROSS JOIN keeps SQLite from turning the order round and indexing the staging table for it; to PostgreSQL it says nothing.
_JOINED = "{staging} s CROSS JOIN accounts_accounts a"
_FITTING = "a.number = s.account AND s.reject IS NULL{of_brand}"
MARK_UNKNOWN = """
UPDATE {staging} SET reject = 'unknown_account'
WHERE reject IS NULL AND NOT EXISTS (SELECT 1 FROM accounts_accounts a WHERE a.number = {staging}.account{of_brand})
"""
MANY_BRANDS = "SELECT 1 FROM accounts_brands LIMIT 1 OFFSET 1"
MARK_AMBIGUOUS = """
UPDATE {staging} SET reject = 'ambiguous_account' WHERE reject IS NULL
    AND (SELECT count(*) FROM accounts_accounts a WHERE a.number = {staging}.account) > 1
"""
_OF_BILL = "k.account_id = a.id AND k.period = s.period AND k.number = COALESCE(s.number, '')"
_LINE_KEY = "k.bill_key || '/' || COALESCE(s.kind, 'charge') || '/' || COALESCE(s.code, s.service)"
_SAME = "s.account, s.period, COALESCE(s.number, ''), COALESCE(s.kind, 'charge'), COALESCE(s.code, s.service)"
# Asked first because it is quick: in a file of one month nobody is charged twice for a service.
PERHAPS_REPEATED = """
SELECT 1 FROM {staging} s GROUP BY s.account, COALESCE(s.code, s.service) HAVING count(*) > 1 LIMIT 1
"""
ANY_REPEATED = f"SELECT 1 FROM {{staging}} s GROUP BY {_SAME} HAVING count(*) > 1 LIMIT 1"  # noqa: S608 - our own names
MARK_REPEATED = f"""
UPDATE {{staging}} SET reject = 'repeated' WHERE reject IS NULL AND line IN (
    SELECT line FROM (SELECT s.line, row_number() OVER (PARTITION BY {_SAME} ORDER BY s.line) AS place FROM {{staging}} s) r
    WHERE place > 1)
"""  # noqa: S608 - our own names
ANY_CAME_BEFORE = "SELECT 1 FROM payments_batch WHERE old_import = :import LIMIT 1"
MARK_CAME_BEFORE = f"""
UPDATE {{staging}} SET reject = 'repeated' WHERE line IN (
    SELECT s.line FROM {_JOINED} CROSS JOIN payments_batch k CROSS JOIN payments_charge_lines l
    WHERE {_FITTING} AND {_OF_BILL} AND k.old_import = :import
        AND l.source = :source AND l.source_key = {_LINE_KEY} AND l.source_version = :import)
"""  # noqa: S608 - our own names

BATCH = f"""
INSERT INTO payments_batch
SELECT r.bill_key, r.account_id, r.currency, r.period, r.number, COALESCE(r.issued, p.issued_on),
       COALESCE(r.due, p.due_on), r.lines, r.change, r.due, b.id, b.source_version, b.id
FROM (SELECT a.id || '/' || s.period || '/' || COALESCE(s.number, '') AS bill_key, a.id AS account_id,
             min(a.currency) AS currency, s.period, COALESCE(s.number, '') AS number, max(s.issued) AS issued, max(s.due) AS due,
             count(*) AS lines, CAST(sum(s.amount) AS BIGINT) AS change
      FROM {_JOINED} WHERE {_FITTING} GROUP BY a.id, s.period, COALESCE(s.number, '')) r
JOIN payments_periods p ON p.period = r.period
LEFT JOIN payments_bills b ON b.source = :source AND b.source_key = r.bill_key
"""  # noqa: S608 - our own names
FORGET_BATCH = "DELETE FROM payments_batch"
ANY_OLD = "SELECT 1 FROM payments_batch WHERE old_id IS NOT NULL LIMIT 1"
CURRENCIES = "SELECT DISTINCT currency FROM payments_batch"

LEDGERS = """
INSERT INTO payments_ledgers (kind, owner, account_id, currency, balance)
SELECT DISTINCT 'customer', CAST(k.account_id AS VARCHAR(20)), k.account_id, k.currency, 0
FROM payments_batch k LEFT JOIN payments_ledgers l ON l.account_id = k.account_id WHERE l.id IS NULL
ORDER BY 3
ON CONFLICT DO NOTHING
"""
BILLS = """
INSERT INTO payments_bills (public_id, account_id, period, number, currency, total, posted, issued_on, due_on,
                            source, source_key, source_version, seen_at)
SELECT {public_id}, account_id, period, number, currency, change, change, issued_on, due_on,
       :source, bill_key, :import, :now
FROM payments_batch WHERE old_id IS NULL
"""
# Lines and entries find their bill through the batch: PostgreSQL knows its size, and nothing yet of freshly written bills.
FIND_BILLS = """
UPDATE payments_batch SET bill_id = b.id FROM payments_bills b
WHERE b.source = :source AND b.source_key = payments_batch.bill_key AND payments_batch.old_id IS NULL
"""
LINES = f"""
INSERT INTO payments_charge_lines (bill_id, position, kind, service, note, volume_milli, unit, rate_millionths, amount,
                                   source, source_key, source_version, seen_at)
SELECT k.bill_id, s.line, COALESCE(s.kind, 'charge'), s.service, COALESCE(s.note, ''), s.volume, COALESCE(s.unit, ''), s.rate,
       s.amount, :source, {_LINE_KEY}, :import, :now
FROM {_JOINED} CROSS JOIN payments_batch k
WHERE {_FITTING} AND {_OF_BILL}
ON CONFLICT (source, source_key) DO UPDATE SET position = excluded.position, service = excluded.service,
    note = excluded.note, volume_milli = excluded.volume_milli, unit = excluded.unit,
    rate_millionths = excluded.rate_millionths, amount = excluded.amount, source_version = excluded.source_version,
    seen_at = excluded.seen_at
"""  # noqa: S608 - our own names

OLD_BILLS = """
UPDATE payments_bills SET due_on = COALESCE(k.due_told, payments_bills.due_on), source_version = :import, seen_at = :now,
    total = (SELECT CAST(COALESCE(sum(l.amount), 0) AS BIGINT) FROM payments_charge_lines l WHERE l.bill_id = payments_bills.id)
FROM payments_batch k WHERE payments_bills.id = k.old_id
"""
OLD_CHANGES = """
UPDATE payments_batch SET change = b.total - b.posted FROM payments_bills b WHERE b.id = payments_batch.old_id
"""
OLD_POSTED = "UPDATE payments_bills SET posted = total WHERE id IN (SELECT old_id FROM payments_batch)"

ENTRIES = """
INSERT INTO payments_entries (origin, kind, debit_id, credit_id, amount, currency, occurred_on, booked_at)
SELECT 'bill:' || k.bill_id || ':' || :import || ':' || :batch, 'charge',
       CASE WHEN k.change > 0 THEN mine.id ELSE charged.id END, CASE WHEN k.change > 0 THEN charged.id ELSE mine.id END,
       abs(k.change), k.currency, CASE WHEN k.old_id IS NULL THEN k.issued_on ELSE :today END, :now
FROM payments_batch k
JOIN payments_ledgers mine ON mine.account_id = k.account_id
JOIN payments_ledgers charged ON charged.kind = 'charged' AND charged.owner = :source || '/' || k.currency
WHERE k.change <> 0
"""
BALANCES = """
UPDATE payments_ledgers SET balance = balance + c.change
FROM (SELECT account_id, CAST(sum(change) AS BIGINT) AS change FROM payments_batch GROUP BY account_id) c
WHERE payments_ledgers.account_id = c.account_id AND c.change <> 0
"""
COUNTS = "SELECT count(*) AS bills, COALESCE(sum(lines), 0) AS lines FROM payments_batch"
