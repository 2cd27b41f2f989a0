"""Examples that modules bring of themselves, for the accounts of a demo's customers. Loaded when a demo is filled, not before."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lkportal.accounts.contract import Accounts
from lkportal.accounts.models import Account, Membership
from lkportal.auth.models import Identity
from lkportal.core.ports import port
from lkportal.core.unit import open_unit


def seed_modules(portal: Any, logins: Sequence[str]) -> None:
    """Let the modules that are on put their own examples onto the accounts that the customers with these logins were given."""
    given = (
        select(Account.id)
        .join(Membership, Membership.account_id == Account.id)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Identity.login.in_(logins))
        .order_by(Membership.id)
    )
    for module in portal.registry.modules:
        if module.seed:
            with open_unit(portal.database, portal.unit_context("seed")) as db:
                keys = list(dict.fromkeys(db.execute(given).scalars()))
                known = port(db, Accounts).by_keys(db, keys)  # type: ignore[type-abstract]
                importlib.import_module(module.seed).seed(db, [known[key] for key in keys])
