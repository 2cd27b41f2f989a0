"""Payments in the open API: what is owed and paid, and paying."""
