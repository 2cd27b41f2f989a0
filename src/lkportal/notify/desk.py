"""What staff see of the messages about an account, what became of each, and sending one again. Words of letters are not shown here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from lkportal.accounts.models import Account, Membership
from lkportal.auth.models import Identity
from lkportal.core.contributions import Section, Shown
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.protection.masking import masked
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.notify.audience import IS_MARKED
from lkportal.notify.choosing.choices import Topics
from lkportal.notify.models import Letter, Message, Returned
from lkportal.notify.returns.pages import REASONS
from lkportal.notify.telling import LETTER, letter_job
from lkportal.web import Request, redirect, route, unit_of_work

SHOWN = 8
RESENT = "notify.resent"
_AGAIN = ("dead", "bounced")
_people = select(Membership.identity_id).where(
    Membership.account_id == bindparam("account_id"), Membership.revoked_at.is_(None)
)
_LAST = (
    select(
        Letter.public_id,
        Letter.kind,
        Letter.channel,
        Letter.state,
        Letter.error,
        Letter.created_at,
        Letter.sent_at,
        Letter.due_at,
        Message.read_at,
        Identity.name,
        Returned.address,
        Returned.reason,
        Returned.marked_at,
    )
    .outerjoin(Message, Message.public_id == Letter.entry)
    .join(Identity, Identity.id == Letter.identity_id)
    .outerjoin(Returned, IS_MARKED)
    .where(
        Letter.identity_id.in_(_people),
        Letter.account == select(Account.public_id).where(Account.id == bindparam("account_id")).scalar_subquery(),
    )
    .order_by(Letter.id.desc())
    .limit(SHOWN)
)
_QUEUE = (
    update(Letter)
    .where(Letter.public_id == bindparam("letter"), Letter.state.in_(_AGAIN))
    .values(state="queued", error="", attempts=0, due_at=bindparam("moment"))
)
_WHOSE = (
    select(Account.public_id)
    .join(Letter, Letter.account == Account.public_id)
    .where(Letter.public_id == bindparam("letter"))
)
_WAYS: Mapping[str, Text] = {
    "email": text("notify.desk.email", "Letter"),
    "push": text("notify.desk.push", "Browser"),
    "sms": text("notify.desk.sms", "Text message"),
}
_STATES: Mapping[str, tuple[str, Text]] = {
    "queued": ("inf", text("notify.state.queued", "Waiting")),
    "held": ("inf", text("notify.state.held", "For the gathered letter")),
    "gathered": ("inf", text("notify.state.gathered", "In a gathered letter")),
    "failed": ("warn", text("notify.state.failed", "Tried, comes again")),
    "sent": ("ok", text("notify.state.sent", "Accepted")),
    "bounced": ("bad", text("notify.state.bounced", "Came back")),
    "dead": ("bad", text("notify.state.dead", "Not delivered")),
    "dropped": ("off", text("notify.state.dropped", "Not sent")),
}
_READ = ("ok", text("notify.state.read", "Read"))
_REASONS: Mapping[str, Text] = {
    "read": text("notify.reason.read", "it was read before"),
    "done": text("notify.reason.done", "there was nothing more to tell"),
    "off": text("notify.reason.off", "the person switched it off"),
    "gone": text("notify.reason.gone", "the person has no access any more"),
    "no_address": text("notify.reason.no_address", "there is no confirmed address"),
    "address_unusable": text("notify.reason.address", "the address cannot be written to"),
    "smtp_550": REASONS["mailbox_gone"],
    **REASONS,
    "push_404": text("notify.reason.browser", "the browser takes no more messages"),
    "push_410": text("notify.reason.browser", "the browser takes no more messages"),
}


def section(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the newest messages about an account with what became of them."""
    if not rows["messages"]:
        return None
    messages = [
        {
            "when": row.sent_at or row.created_at,
            "way": _WAYS.get(row.channel, row.channel),
            "topic": row.kind,
            "status": _READ if row.read_at is not None and row.state == "sent" else _STATES[row.state],
            "why": _REASONS.get(row.error, row.error),
            "again": shown.url("notify:resend", letter=row.public_id) if row.state in _AGAIN else "",
        }
        for row in rows["messages"]
    ]
    marks = {row.address: row for row in rows["messages"] if row.marked_at is not None}
    unreached = [(row.name, masked(row.address), REASONS[row.reason], row.marked_at) for row in marks.values()]
    return {
        "messages": messages,
        "unreached": unreached,
        "zone": shown.account.time_zone,
        "may_resend": "notify.resend" in shown.rights,
    }


def topic_title(request: Request, name: str) -> Text | str:
    """Return what a topic is called, its name where the module that brought it is off: a name of the section's template."""
    return next((topic.title for topic in request.portal.ports.get(Topics).all if topic.name == name), name)


def resend(request: Request) -> Response:
    """Send a message again that was not delivered."""
    letter = str(request.path_params["letter"])
    with unit_of_work(request) as db:
        account = send_again(db, letter)
    return redirect(request, "staff:customer", text("notify.desk.resent", "It is on its way again."), customer=account)


def send_again(db: Session, letter: str) -> str:
    """Queue a message (public id) that came back or was given up; return the public id of its account.

    Raises NotFound for a message about no account, PortalError when it is not one to send again.
    """
    account = db.execute(_WHOSE, {"letter": letter}).scalar()
    if account is None:
        raise NotFound
    if not changed(db.connection().execute(_QUEUE, {"letter": letter, "moment": now(db)})):
        raise PortalError(
            "notify.not_again",
            text(
                "notify.desk.not_again",
                "This message was delivered or is still on its way: there is nothing to send again.",
            ),
            409,
        )
    args, key = letter_job(letter)
    enqueue(db, LETTER, args, dedup=f"{key}/{now(db).isoformat()}")
    port(db, AuditLog).record(db, RESENT, target=letter)  # type: ignore[type-abstract]
    return str(account)


SECTIONS = [
    Section(
        "staff:customer",
        "notify.customer",
        "notify/section_customer.html",
        {"messages": _LAST},
        section,
        order=60,
        action="notify.view",
    )
]
STAFF_PAGES = [
    route(
        "/messages/{letter}/again",
        resend,
        name="resend",
        policy=staff("notify.resend"),
        methods=("POST",),
        kind="action",
    )
]
