"""What owners are told of people: somebody accepted an invitation, somebody has no access any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import InvitationAccepted, MembershipRevoked
from lkportal.accounts.models import Account, Membership
from lkportal.accounts.roles import Roles
from lkportal.auth.models import Identity
from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.core.ports import port

_PERSON = (
    select(Identity.name, Membership.role, Account.title, Account.number)
    .select_from(Membership)
    .join(Identity, Identity.id == Membership.identity_id)
    .join(Account, Account.id == Membership.account_id)
    .where(Membership.public_id == bindparam("membership"))
)


def facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return who it is about, or None when it is about no single account."""
    row = db.execute(_PERSON, {"membership": envelope.body["membership"]}).first()
    if row is None:
        return None
    role = port(db, Roles).said(row.role)
    return {"name": row.name or "—", "role": role, "account_title": row.title, "account_number": row.number}


def _notice(name: str, event: str) -> Notice:
    template = f"accounts/notices/{name}"
    return Notice(
        f"accounts.{name}", event, "accounts.access", template, facts, action="accounts.manage", route="accounts:people"
    )


PEOPLE_NOTICES = (_notice("joined", InvitationAccepted.name), _notice("left", MembershipRevoked.name))
