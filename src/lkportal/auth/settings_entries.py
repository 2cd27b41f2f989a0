"""What auth puts on the page of a person's settings."""

from __future__ import annotations

from lkportal.core.contributions import SettingsEntry
from lkportal.core.i18n import text

SETTINGS_ENTRIES = [
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
    ),
    SettingsEntry(
        "auth:sessions",
        text("auth.entry.sessions", "Devices"),
        text("auth.entry.sessions_hint", "Where you are signed in, and signing out from afar"),
        "monitor",
        order=50,
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
