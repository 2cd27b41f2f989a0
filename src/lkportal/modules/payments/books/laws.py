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
        SELECT c.public_id, c.name, count(e.id) AS credits FROM (
            SELECT p.public_id, p.account_id, p.amount, p.currency, a.key AS name
            FROM payments_attempts a JOIN payments_payments p ON p.id = a.payment_id WHERE a.state = 'succeeded'
            UNION ALL SELECT p.public_id, p.account_id, p.amount, p.currency, p.public_id
            FROM payments_attempts a JOIN payments_payments p ON p.lead_id = a.payment_id AND p.id <> a.payment_id
            WHERE a.state = 'succeeded'
        ) c
        LEFT JOIN payments_ledgers l ON l.account_id = c.account_id
        LEFT JOIN payments_entries e ON e.origin = 'payment:' || c.name
            AND e.amount = c.amount AND e.currency = c.currency AND e.credit_id = l.id
        GROUP BY c.public_id, c.name HAVING count(e.id) <> 1
        """,
    ),
    Invariant(
        "payments.parts_add_up",
        "What was collected for several accounts at once is the sum of their payments",
        """
        SELECT a.key, a.amount, sum(p.amount) AS parts FROM payments_attempts a
        JOIN payments_payments p ON p.lead_id = a.payment_id
        GROUP BY a.key, a.amount HAVING a.amount IS NULL OR a.amount <> sum(p.amount)
        """,
    ),
    Invariant(
        "payments.no_credit_without_money",
        "No payment is credited that the provider did not take",
        """
        SELECT e.origin FROM payments_entries e
        LEFT JOIN payments_attempts a ON a.key = substr(e.origin, 9) AND a.state = 'succeeded'
        LEFT JOIN payments_payments p ON p.public_id = substr(e.origin, 9) AND p.lead_id <> p.id AND p.state = 'paid'
        LEFT JOIN payments_attempts t ON t.payment_id = p.lead_id AND t.state = 'succeeded'
        WHERE e.kind = 'payment' AND a.id IS NULL AND t.id IS NULL
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
        "payments.refunds_within",
        "No payment is given back beyond what was taken, and what is promised is what is under way",
        """
        SELECT a.key, p.amount, a.refunded, a.promised FROM payments_attempts a
        JOIN payments_payments p ON p.id = a.payment_id
        WHERE a.refunded > coalesce(a.amount, p.amount) OR a.promised <> (
            SELECT coalesce(sum(r.amount), 0) FROM payments_refunds r
            WHERE r.attempt_id = a.id AND r.state IN ('intended', 'pending', 'unknown', 'attention'))
        """,
    ),
    Invariant(
        "payments.refunds_given_once",
        "What the company's people gave back is in what the provider gave back, each refund once",
        """
        SELECT a.key, a.refunded, sum(r.amount) AS given FROM payments_refunds r
        JOIN payments_attempts a ON a.id = r.attempt_id
        WHERE r.state = 'succeeded' GROUP BY a.key, a.refunded HAVING sum(r.amount) > a.refunded
        """,
    ),
    Invariant(
        "payments.slips_add_up",
        "Each slip of the cash desk is the sum of its payments, and a reversed one is given back whole",
        """
        SELECT s.public_id, s.state, s.total, sum(p.amount) AS parts, sum(p.refunded) AS given_back FROM payments_slips s
        LEFT JOIN payments_slip_parts t ON t.slip_id = s.id LEFT JOIN payments_payments p ON p.id = t.payment_id
        GROUP BY s.public_id, s.state, s.total
        HAVING s.total <> coalesce(sum(p.amount), 0)
            OR coalesce(sum(p.refunded), 0) <> CASE WHEN s.state = 'reversed' THEN s.total ELSE 0 END
        """,
    ),
    Invariant(
        "payments.cash_days_add_up",
        "What a day of the cash desk counts is what its slips took and gave back",
        """
        SELECT d.day FROM payments_cash_days d
        WHERE d.cash <> (SELECT coalesce(sum(total), 0) FROM payments_slips s WHERE s.day_id = d.id AND s.kind = 'cash')
            OR d.card <> (SELECT coalesce(sum(total), 0) FROM payments_slips s WHERE s.day_id = d.id AND s.kind = 'card')
            OR d.returned_cash <> (SELECT coalesce(sum(total), 0) FROM payments_slips s
                WHERE s.reversed_day_id = d.id AND s.kind = 'cash')
            OR d.returned_card <> (SELECT coalesce(sum(total), 0) FROM payments_slips s
                WHERE s.reversed_day_id = d.id AND s.kind = 'card')
        """,
    ),
    Invariant(
        "payments.receipts_fit",
        "Each fiscal receipt is for one entry of the books, with its amount; one that is registered has its fiscal data",
        """
        SELECT r.public_id, r.origin, r.total, e.amount FROM payments_receipts r
        LEFT JOIN payments_entries e ON e.origin = r.origin
        WHERE e.id IS NULL OR e.amount <> r.total OR e.currency <> r.currency
            OR (r.kind = 'sell') <> (e.kind = 'payment')
            OR (r.state = 'registered') <> (r.registered_at IS NOT NULL)
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
    Invariant(
        "payments.autopay_keeps_the_cap",
        "Autopay takes no more of an account in a month than was agreed, and pays each thing once",
        """
        SELECT r.account_id, r.month, sum(r.amount) AS taken, max(r.cap) AS cap FROM payments_autopay_runs r
        WHERE r.state IN ('planned', 'charging', 'paid') GROUP BY r.account_id, r.month HAVING sum(r.amount) > max(r.cap)
        """,
    ),
    Invariant(
        "payments.autopay_takes_what_was_told",
        "What autopay took is what its run says, and a paid run has its payment",
        """
        SELECT r.id, r.amount, p.amount AS paid FROM payments_autopay_runs r
        LEFT JOIN payments_payments p ON p.id = r.payment_id
        WHERE (r.state = 'paid' AND (p.id IS NULL OR p.state <> 'paid'))
            OR (r.state IN ('charging', 'paid') AND (p.id IS NULL OR p.amount <> r.amount))
        """,
    ),
)
