"""What a module publishes of its tables in its contract: columns that statements of other modules may join, so that a card needs one
statement. Their names and meaning are part of the contract; everything else of a table is its owner's alone."""

from __future__ import annotations

from sqlalchemy import TableClause, column, table


def published(name: str, *columns: str) -> TableClause:
    """Return a table of which others may read `columns`. Writing goes through the owner's ports."""
    return table(name, *(column(each) for each in columns))
