"""Fiscal receipts of one's own cash register (54-FZ): owed with the entry they are for, sent and asked about by jobs."""
