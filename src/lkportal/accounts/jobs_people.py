"""Letters of invitations: the link is made inside the job, so that no secret ever waits in a table."""

from __future__ import annotations

from lkportal.accounts import inviting
from lkportal.core.contributions import JobSpec
from lkportal.core.jobs import JobContext
from lkportal.core.letters import Mailer, PageLinks


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
    ctx.ports.get(Mailer).deliver(  # type: ignore[type-abstract]
        to=row.email,
        template="accounts/letters/invitation",
        values=values,
        locale=row.locale,
        brand=row.brand or brand,
        message_id=f"accounts-invitation-{ctx.claimed.id}-{ctx.claimed.request_id}",
    )


PEOPLE_JOBS = (JobSpec(inviting.SEND, send_invitation),)
