"""Reminding of bills: before the term, on the day, after it. Nobody is told of what they have paid."""
