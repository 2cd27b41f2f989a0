"""Auth: who are you. Identities, sessions, passwords, links sent to a mailbox. What a person may reach is told by accounts."""

from lkportal.auth.settings import AuthSettings
from lkportal.core.module import Module, PersonalTable
from lkportal.core.version import __version__

module = Module(
    name="auth",
    title="Signing in",
    version=__version__,
    package="lkportal.auth",
    models="lkportal.auth.models",
    hooks="lkportal.auth.hooks",
    settings=AuthSettings,
    mount="",
    always_on=True,
    personal=(
        PersonalTable(
            "auth_identities",
            "id",
            export=("login", "email", "name", "locale", "created_at"),
            erase=(("login", ""), ("email", ""), ("name", ""), ("password_hash", "")),
            mask=("login", "email", "name"),
        ),
        PersonalTable(
            "auth_sessions", "identity_id", export=("created_at", "seen_at", "device", "network"), mask=("network",)
        ),
    ),
)
