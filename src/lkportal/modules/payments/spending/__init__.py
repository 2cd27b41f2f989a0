"""Spending: what was charged by service and month beside earlier months and the year before, and why it changed."""
