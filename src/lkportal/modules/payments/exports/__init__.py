"""Exports for bookkeeping: bills, payments, refunds and receipts of a period with VAT by rate, as CSV or XLSX, asked for or by schedule."""
