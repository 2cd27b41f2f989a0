"""Letters to those who may decide what waits for a second person, and whether somebody wants them. What is asked for, and of whom it
tells, stands behind the sign-in: the letter names the right and who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from lkportal.accounts.models import StaffRole
from lkportal.auth.models import Identity
from lkportal.core.asked.letters import Letters, PageLinks
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext
from lkportal.core.module import Topic
from lkportal.core.policy import Permission
from lkportal.notify.choosing import choices
from lkportal.notify.choosing.planning import Chosen
from lkportal.staff.desk import Desk
from lkportal.staff.models import Approval

TELL = "staff.tell_approvers"
DECIDE = "staff.approvals"
TOPIC = Topic(
    DECIDE, text("staff.approval.topic", "Requests to a second person"), default=("email",), channels=("email",)
)
"""Of staff alone: it is no topic of a module, or customers would find it among their choices."""
_asker = aliased(Identity)
_WAITS: Select[*tuple[Any, ...]] = (
    select(Approval.public_id, Approval.action, Approval.expires_at, Approval.asked_by, _asker.name.label("asker"))
    .join(_asker, _asker.id == Approval.asked_by)
    .where(
        Approval.public_id == bindparam("public"),
        Approval.state == "waiting",
        Approval.expires_at > bindparam("now"),
    )
)
_HOLDERS: Select[*tuple[Any, ...]] = (
    select(Identity.id, Identity.email, Identity.name, Identity.locale, StaffRole.role)
    .join(StaffRole, StaffRole.identity_id == Identity.id)
    .where(
        StaffRole.role.in_(bindparam("roles", expanding=True)),
        Identity.kind == "staff",
        Identity.id != bindparam("asker"),
        Identity.disabled_at.is_(None),
        Identity.email != "",
        Identity.email_confirmed_at.is_not(None),
    )
    .order_by(Identity.id)
)


def tell(ctx: JobContext, *, approval: str) -> None:
    """Queue a letter for each who may decide a request that still waits, but for those who want none. Done once: the letters and the
    end of the job are one transaction."""
    desk = ctx.ports.get(Desk)  # type: ignore[type-abstract]
    with ctx.unit(finish=True) as db:
        row = db.execute(_WAITS, {"public": approval, "now": ctx.clock.now()}).first()
        if row is None:
            return
        right = desk.registry.permissions.get(row.action)
        letters = ctx.ports.get(Letters)  # type: ignore[type-abstract]
        link = ctx.ports.get(PageLinks).page("staff:approval", "", approval=row.public_id)  # type: ignore[type-abstract]
        zone = ZoneInfo(desk.settings.portal.time_zone)
        facts = {
            "asker": row.asker,
            "right": right.title if right else row.action,
            "until": _day(row.expires_at, zone),
            "link": link,
        }
        for person in deciders(db.connection(), desk.registry.permissions, row.action, row.asked_by):
            if wants(db, person.id):
                letters.send(
                    db,
                    to=person.email,
                    template="staff/letters/asked",
                    values={"name": person.name, **facts},
                    locale=person.locale,
                    brand="",
                    kind=TOPIC.name,
                )


def deciders(
    connection: Connection, permissions: Mapping[str, Permission], action: str, asker: int
) -> Sequence[Row[Any]]:
    """Return the colleagues (id, email, name, locale), each once, who may decide a request for `action` and have a confirmed
    mailbox: they have that right and the one to decide, by whichever roles."""
    able = [permissions[right].staff if right in permissions else frozenset() for right in (action, DECIDE)]
    roles = sorted({role for each in able for role in each})
    if not roles:
        return []
    held: dict[int, set[str]] = {}
    people: dict[int, Row[Any]] = {}
    for row in connection.execute(_HOLDERS, {"roles": roles, "asker": asker}):
        held.setdefault(row.id, set()).add(row.role)
        people[row.id] = row
    return [person for key, person in people.items() if all(held[key] & set(each) for each in able)]


def wants(db: Session | Connection, person: int) -> bool:
    """Whether somebody wants letters about requests; usual is yes."""
    return choices.chosen_by(db, person, [TOPIC])[TOPIC.name].email != "off"


def choose(db: Session, person: int, on: bool) -> None:
    """Keep whether somebody wants letters about requests."""
    chosen = Chosen(in_app=False, email="at_once" if on else "off", push=False, sms=False)
    choices.keep(db, person, choices.EVERY_ACCOUNT, {TOPIC.name: chosen})


def _day(moment: datetime, zone: ZoneInfo) -> Any:
    return moment.astimezone(zone).date()
