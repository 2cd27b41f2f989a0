"""What auth puts on the page of a person's settings."""

from __future__ import annotations

from typing import Any

from lkportal.auth import identities, names
from lkportal.auth.settings import passkeys_are_open
from lkportal.core.asked.letters import TextMessages
from lkportal.core.contributions import SettingsEntry
from lkportal.core.i18n import text


def _email(request: Any) -> str:
    person = identities.by_id(request.db, request.actor.id or 0)
    return str(person.email) if person is not None else ""


def _phone(request: Any) -> str | None:
    """The phone; nothing at all where no text message can confirm one."""
    texts = request.portal.ports.find(TextMessages)
    if texts is None or not texts.on:
        return None
    person = identities.by_id(request.db, request.actor.id or 0)
    return names.spoken(person.phone) if person is not None else ""


SETTINGS_ENTRIES = [
    SettingsEntry(
        "auth:login_name",
        text("auth.entry.login", "Login"),
        text("auth.entry.login_hint", "A name of your own to sign in with"),
        "user",
        order=15,
        now=lambda request: str(request.actor.login),
        group="you",
    ),
    SettingsEntry(
        "auth:email",
        text("auth.entry.email", "E-mail"),
        text("auth.entry.email_hint", "For letters and for signing in"),
        "mail",
        order=20,
        now=_email,
        group="you",
    ),
    SettingsEntry(
        "auth:phone",
        text("auth.entry.phone", "Phone"),
        text("auth.entry.phone_hint", "For text messages and for signing in"),
        "phone",
        order=25,
        now=_phone,
        group="you",
    ),
    SettingsEntry(
        "auth:password",
        text("auth.entry.password", "Password"),
        text("auth.entry.password_hint", "Change the one you sign in with"),
        "key-round",
        order=30,
    ),
    SettingsEntry(
        "auth:passkeys",
        text("auth.entry.passkeys", "Passkeys"),
        text("auth.entry.passkeys_hint", "Sign in by finger, face or the code of your device"),
        "fingerprint",
        order=35,
        on=passkeys_are_open,
    ),
    SettingsEntry(
        "auth:second",
        text("auth.entry.second", "Second factor"),
        text("auth.entry.second_hint", "An app with codes, and what asks for it: signing in, payments, signatures"),
        "shield-check",
        order=40,
    ),
    SettingsEntry(
        "auth:sessions",
        text("auth.entry.sessions", "Devices"),
        text("auth.entry.sessions_hint", "Where you are signed in, and signing out from afar"),
        "monitor",
        order=50,
    ),
    SettingsEntry(
        "auth:history",
        text("auth.entry.history", "History of sign-ins"),
        text("auth.entry.history_hint", "When, from where, and who was not let in"),
        "history",
        order=55,
    ),
    SettingsEntry(
        "auth:external",
        text("auth.entry.external", "Other services"),
        text("auth.entry.external_hint", "Sign in with them, link and unlink"),
        "log-in",
        order=45,
        on=lambda settings: bool(settings.oidc),
    ),
]
