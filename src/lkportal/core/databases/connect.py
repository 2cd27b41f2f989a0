"""The database of a portal, opened as its settings say. How a database works stands in db."""

from __future__ import annotations

from pathlib import Path

from lkportal.core.db import Database
from lkportal.core.protection.crypto import KeyRing
from lkportal.core.settings import Configuration


def connect(configuration: Configuration) -> Database:
    """Return the database of the settings; a relative SQLite file lies beside portal.toml, its folder is made."""
    settings = configuration.settings
    url = settings.database.url.get_secret_value()
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        file = configuration.path(Path(url.removeprefix("sqlite:///")))
        file.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{file}"
    web = settings.web
    slots = web.web_slots + web.slow_slots + web.hash_slots + web.files_slots + web.papers_slots
    return Database.connect(
        url,
        pool_size=slots + settings.jobs.threads + 2,
        keyring=KeyRing.parse([key.get_secret_value() for key in settings.encryption_keys]),
        statement_timeout=settings.database.statement_timeout_ms / 1000,
    )
