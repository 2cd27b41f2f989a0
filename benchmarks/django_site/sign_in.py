"""Gives every visitor of the benchmarks a session of Django's, and Django the portal's words: `python -m benchmarks.django_site.sign_in`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from benchmarks.places import BUILD, ROOT
from benchmarks.visitors import visitors


def write_words() -> None:
    """Merge the portal's Russian catalogues into the one that Django reads."""
    merged: Any = Catalog(locale="ru")
    for source in sorted(ROOT.glob("src/lkportal/**/locale/ru/LC_MESSAGES/messages.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale="ru"):
                if message.id:
                    merged.add(message.id, message.string, context=message.context)
    target = BUILD / "locale/ru/LC_MESSAGES/django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_mo(file, merged)


def write_sessions() -> None:
    """Write the sessions anew, a week long."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - only after django.setup()
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415
    from django.contrib.sessions.models import Session  # noqa: PLC0415

    people = get_user_model().objects
    store, until = SessionStore(), datetime.now(UTC) + timedelta(days=7)
    Session.objects.all().delete()
    rows = []
    for visitor in visitors():
        person = people.get(pk=int(visitor.account[1:], 16))
        data = {
            "_auth_user_id": str(person.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": person.get_session_auth_hash(),
        }
        rows.append(Session(session_key=visitor.django, session_data=store.encode(data), expire_date=until))
    Session.objects.bulk_create(rows, batch_size=500)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.django_site.settings")
    write_words()
    django.setup()
    write_sessions()
