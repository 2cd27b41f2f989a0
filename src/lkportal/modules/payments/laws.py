"""The laws of money, as SQL that finds what breaks them: `lkportal verify` runs it on the live database."""

from __future__ import annotations

from lkportal.core.module import Invariant

LAWS = (
    Invariant(
        "payments.entries_balance",
        "Each entry moves one amount between two ledgers of its own currency, so entries sum to zero",
        """
        SELECT e.id, e.origin FROM payments_entries e
        JOIN payments_ledgers d ON d.id = e.debit_id JOIN payments_ledgers c ON c.id = e.credit_id
        WHERE e.amount <= 0 OR e.debit_id = e.credit_id OR d.currency <> e.currency OR c.currency <> e.currency
        """,
    ),
    Invariant(
        "payments.credited_once",
        "Each payment the provider took is credited exactly once, to its own account, with its own amount",
        """
        SELECT p.public_id, a.key, count(e.id) AS credits
        FROM payments_attempts a JOIN payments_payments p ON p.id = a.payment_id
        LEFT JOIN payments_ledgers l ON l.account_id = p.account_id
        LEFT JOIN payments_entries e ON e.origin = 'payment:' || a.key
            AND e.amount = p.amount AND e.currency = p.currency AND e.credit_id = l.id
        WHERE a.state = 'succeeded' GROUP BY p.public_id, a.key HAVING count(e.id) <> 1
        """,
    ),
    Invariant(
        "payments.no_credit_without_money",
        "No payment is credited that the provider did not take",
        """
        SELECT e.origin FROM payments_entries e
        LEFT JOIN payments_attempts a ON e.origin = 'payment:' || a.key AND a.state = 'succeeded'
        WHERE e.kind = 'payment' AND a.id IS NULL
        """,
    ),
    Invariant(
        "payments.refunds_match",
        "What the books gave back of a payment is what the provider gave back",
        """
        SELECT a.key, a.refunded, coalesce(sum(e.amount), 0) AS booked
        FROM payments_attempts a
        LEFT JOIN payments_entries e ON e.kind = 'refund' AND e.origin LIKE 'refund:' || a.key || ':%'
        WHERE a.refunded > 0 GROUP BY a.key, a.refunded HAVING a.refunded <> coalesce(sum(e.amount), 0)
        """,
    ),
    Invariant(
        "payments.balance_is_the_fold",
        "The balance of each account is the sum of its entries",
        """
        SELECT l.account_id, l.balance, coalesce(f.folded, 0) AS folded FROM payments_ledgers l
        LEFT JOIN (
            SELECT ledger_id, sum(change) AS folded FROM (
                SELECT debit_id AS ledger_id, amount AS change FROM payments_entries
                UNION ALL SELECT credit_id, -amount FROM payments_entries
            ) sides GROUP BY ledger_id
        ) f ON f.ledger_id = l.id
        WHERE l.kind = 'customer' AND l.balance <> coalesce(f.folded, 0)
        """,
    ),
    Invariant(
        "payments.bills_add_up",
        "Each bill is the sum of its lines, and all of it is in the books",
        """
        SELECT b.public_id, b.total, b.posted, coalesce(s.lines, 0) AS lines FROM payments_bills b
        LEFT JOIN (SELECT bill_id, sum(amount) AS lines FROM payments_charge_lines GROUP BY bill_id) s ON s.bill_id = b.id
        WHERE b.total <> coalesce(s.lines, 0) OR b.posted <> b.total
        """,
    ),
)
