"""The books of money: the ledger, its laws, what moved in a period, sums for the report."""
