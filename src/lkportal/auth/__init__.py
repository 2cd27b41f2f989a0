"""Auth: who are you. Identities, sessions, passwords, links sent to a mailbox. What a person may reach is told by accounts."""

from lkportal.auth.oidc.presets import form_origins
from lkportal.auth.personal import PERSONAL
from lkportal.auth.settings import AuthSettings
from lkportal.core.i18n import text
from lkportal.core.module import Action, Invariant, Module
from lkportal.core.version import __version__

module = Module(
    name="auth",
    title=text("auth.title", "Signing in"),
    version=__version__,
    package="lkportal.auth",
    models="lkportal.auth.models",
    hooks="lkportal.auth.hooks",
    settings=AuthSettings,
    mount="",
    always_on=True,
    actions=(
        Action("auth.crossed", text("auth.act.crossed", "Sign-in carried to another site of the company")),
        Action("auth.signed_in", text("auth.act.signed_in", "Sign-in")),
        Action("auth.signed_out", text("auth.act.signed_out", "Sign-out")),
        Action("auth.registered", text("auth.act.registered", "Access opened")),
        Action("auth.external_entered", text("auth.act.external_entered", "Sign-in with a service")),
        Action("auth.external_linked", text("auth.act.external_linked", "A service linked to the access")),
        Action("auth.external_unlinked", text("auth.act.external_unlinked", "A service unlinked from the access")),
        Action("auth.proved", text("auth.act.proved", "Password asked again")),
        Action("auth.stepped_up", text("auth.act.stepped_up", "Password confirmed")),
        Action("auth.password_changed", text("auth.act.password_changed", "Password changed")),
        Action("auth.contact_changed", text("auth.act.contact_changed", "Login or contact changed")),
        Action("auth.passkey_added", text("auth.act.passkey_added", "Passkey added")),
        Action("auth.passkey_renamed", text("auth.act.passkey_renamed", "Passkey renamed")),
        Action("auth.passkey_removed", text("auth.act.passkey_removed", "Passkey removed")),
        Action("auth.passkey_suspended", text("auth.act.passkey_suspended", "Passkey stopped: it may be copied")),
        Action(
            "auth.recovery_started", text("auth.act.recovery_started", "A letter for a new password sent by the desk")
        ),
        Action("auth.session_revoked", text("auth.act.session_revoked", "A device signed out")),
        Action("auth.second_step", text("auth.act.second_step", "Second step of a sign-in")),
        Action("auth.second_on", text("auth.act.second_on", "Second factor set up")),
        Action("auth.second_off", text("auth.act.second_off", "Second factor turned off")),
        Action("auth.second_reset", text("auth.act.second_reset", "Second factor taken away by the company")),
        Action("auth.codes_renewed", text("auth.act.codes_renewed", "New recovery codes")),
        Action("auth.asks_changed", text("auth.act.asks_changed", "What asks for a second factor changed")),
        Action("auth.all_sessions_revoked", text("auth.act.all_sessions_revoked", "All devices signed out")),
        Action("auth.other_sessions_revoked", text("auth.act.other_sessions_revoked", "All other devices signed out")),
    ),
    personal=PERSONAL,
    origins=lambda settings: form_origins(settings.oidc),
    invariants=(
        Invariant(
            "auth.sessions_end",
            "No session outlives its whole limit",
            "SELECT id FROM auth_sessions WHERE expires_at > ends_at",
        ),
        Invariant(
            "auth.second_step_taken",
            "Nobody who asks for a second factor at entry is signed in without it",
            "SELECT s.id FROM auth_sessions s JOIN auth_identities i ON i.id = s.identity_id"
            " WHERE s.revoked_at IS NULL AND s.second_at IS NULL AND i.second_ways <> '' AND i.asks LIKE '%entry%'",
        ),
        Invariant(
            "auth.passwords_are_hashed",
            "No password is kept but as an Argon2id hash",
            "SELECT id FROM auth_identities WHERE password_hash <> '' AND substr(password_hash, 1, 10) <> '$argon2id$'",
        ),
    ),
)
