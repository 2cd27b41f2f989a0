"""Jobs of accounts: a letter with a code comes into the desk's queue, what ran out is let go of."""

from __future__ import annotations

from datetime import timedelta

from lkportal.accounts.claims import claiming, codes
from lkportal.accounts.claims.claiming import Proofs
from lkportal.accounts.guests import links
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext

_KEEP = timedelta(days=30)


def ask_letter(ctx: JobContext, *, number: str, brand: str, identity: int) -> None:
    """Put a letter into the queue of the desk when the number is an account's; nothing happens when it is nobody's."""
    days = ctx.ports.get(Proofs).table.post_days
    with ctx.unit() as db:
        account = claiming.by_number(db, number, brand)
        if account is not None:
            codes.ask_letter(db, account.id, identity, ctx.clock.now() - timedelta(days=days))


def clear(ctx: JobContext) -> None:
    """Let go of codes and links that were used or ran out a month ago."""
    with ctx.unit() as db:
        before = ctx.clock.now() - _KEEP
        codes.forget_old(db, before)
        links.forget_old(db, before)


JOBS = (
    JobSpec(
        "accounts.ask_letter", ask_letter, title=text("accounts.work.ask_letter", "Orders a paper letter with a code")
    ),
    JobSpec(
        "accounts.clear",
        clear,
        title=text("accounts.work.clear", "Clears away invitations and links that have run out"),
    ),
)
SCHEDULES = (Schedule("accounts.clear", "23 4 * * *"),)
