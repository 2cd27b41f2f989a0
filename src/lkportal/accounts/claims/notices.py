"""What people are told about access to their account: somebody came by a claim, and may still be refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts.claims.models import Claim
from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.core.events import Envelope

_CLAIM = (
    select(Claim.refuse_until, Identity.name, Account.title, Account.number)
    .join(Identity, Identity.id == Claim.identity_id)
    .join(Account, Account.id == Claim.account_id)
    .where(Claim.public_id == bindparam("claim"), Claim.refused_at.is_(None))
)


def claimed_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return who came and until when they may be refused, or None when nobody was there before them."""
    row = db.execute(_CLAIM, {"claim": envelope.body["claim"]}).first() if envelope.body["joined"] else None
    if row is None:
        return None
    return {
        "name": row.name,
        "until": row.refuse_until.date(),
        "account_title": row.title,
        "account_number": row.number,
    }
