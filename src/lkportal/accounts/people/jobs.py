"""Letters of invitations: the link is made inside the job, so that no secret ever waits in a table."""

from __future__ import annotations

from datetime import timedelta

from lkportal.accounts.people import inviting
from lkportal.core.asked.letters import Mailer, PageLinks
from lkportal.core.contributions import JobSpec
from lkportal.core.i18n import text
from lkportal.core.ids import token_hash
from lkportal.core.jobs import JobContext, enqueue

A_BATCH = 200
PAUSE = timedelta(minutes=1)


def send_invitation(ctx: JobContext, *, invitation: str, brand: str = "") -> None:
    """Write to an invited mailbox, known here or not; one that was taken back meanwhile gets nothing."""
    with ctx.unit() as db:
        made = inviting.mint(db, invitation)
    if made is None:
        return
    row, token = made
    link = ctx.ports.get(PageLinks).page("accounts:invited", row.brand or brand, token=token)  # type: ignore[type-abstract]
    values = {
        "name": row.name,
        "giver": row.giver or "",
        "word": row.word,
        "scope": row.group_name or row.organisation or row.account_title,
        "days": max(1, (row.expires_at - ctx.clock.now()).days),
        "link": link,
    }
    # Tried again, the letter has a new link, so it is another letter: the one before would open nothing.
    ctx.ports.get(Mailer).deliver(  # type: ignore[type-abstract]
        to=row.email,
        template="accounts/letters/invitation",
        values=values,
        locale=row.locale,
        brand=row.brand or brand,
        message_id=f"accounts-invitation-{row.public_id}-{token_hash(token)[:12]}",
    )


def send_batch(ctx: JobContext, *, source: str, after: int) -> None:
    """Queue the letters of one import, some hundreds at a time with a pause between: a mail server takes no thousands at once."""
    with ctx.unit() as db:
        rows = inviting.unsent(db.connection(), source, after, A_BATCH)
        for row in rows:
            enqueue(db, inviting.SEND, {"invitation": row.public_id})
        if len(rows) == A_BATCH:
            more = {"source": source, "after": rows[-1].id}
            enqueue(db, inviting.SEND_BATCH, more, run_at=ctx.clock.now() + PAUSE)


PEOPLE_JOBS = (
    JobSpec(inviting.SEND, send_invitation, title=text("accounts.work.send_invitation", "Sends an invitation")),
    JobSpec(
        inviting.SEND_BATCH, send_batch, title=text("accounts.work.send_invitations", "Sends the invitations of a file")
    ),
)
