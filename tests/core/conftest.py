"""Real databases for the tests of the core."""

from lkportal.testing.databases import (
    database,
    database_url,
    keyring,
    postgres_server,
    postgres_url,
    sqlite_url,
)

__all__ = ["database", "database_url", "keyring", "postgres_server", "postgres_url", "sqlite_url"]
