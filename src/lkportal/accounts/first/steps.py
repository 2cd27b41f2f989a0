"""The steps of a first visit that accounts bring: find the account, look around. Other rooms bring theirs."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from lkportal.accounts.models import Membership
from lkportal.core.contributions import FirstStep
from lkportal.core.i18n import text

_HAS_ACCOUNT = (
    select(Membership.id)
    .where(Membership.identity_id == bindparam("identity_id"), Membership.revoked_at.is_(None))
    .limit(1)
)
FIRST_STEPS = [
    FirstStep(
        "accounts.account",
        text("accounts.step.account", "Add your account"),
        text("accounts.step.account_how", "Its number stands on any bill. One more thing proves that it is yours."),
        "accounts:claim",
        text("accounts.claim.do", "Add the account"),
        done=_HAS_ACCOUNT,
        order=10,
        always=True,
        on=lambda settings_of: bool(settings_of("accounts").claim.proofs),
    ),
    FirstStep(
        "accounts.look",
        text("accounts.step.look", "Look around"),
        text(
            "accounts.step.look_how",
            "What there is and what was done stands on the start page of the account.",
        ),
        "accounts:start",
        text("accounts.step.look_do", "Open the start page"),
        order=90,
    ),
]
