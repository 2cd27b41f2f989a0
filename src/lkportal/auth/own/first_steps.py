"""The steps of a first visit that auth brings: a contact that answers, a second way to prove oneself."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select

from lkportal.auth.models import Identity
from lkportal.auth.settings import passkeys_are_on
from lkportal.core.contributions import FirstStep
from lkportal.core.i18n import text

_MINE = Identity.id == bindparam("identity_id")
FIRST_STEPS = [
    FirstStep(
        "auth.contact",
        text("auth.step.contact", "Confirm how to reach you"),
        text(
            "auth.step.contact_how",
            "We write there about bills, and a new password goes there if you forget the old one.",
        ),
        "auth:email",
        text("auth.step.contact_do", "Confirm an e-mail"),
        done=select(Identity.id).where(
            _MINE, or_(Identity.email_confirmed_at.is_not(None), Identity.phone_confirmed_at.is_not(None))
        ),
        order=20,
    ),
    FirstStep(
        "auth.second",
        text("auth.step.second", "Sign in without a password"),
        text(
            "auth.step.second_how",
            "A passkey opens the portal by fingerprint, face or the code of your device. Nobody can guess it.",
        ),
        "auth:passkeys",
        text("auth.step.second_do", "Add a passkey"),
        done=select(Identity.id).where(_MINE, Identity.second_ways != ""),
        order=40,
        on=lambda settings_of: passkeys_are_on(settings_of("auth")),
    ),
]
