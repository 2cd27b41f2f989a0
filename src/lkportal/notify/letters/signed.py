"""Signed links in letters: one act without signing in, made for this one letter when it leaves and kept nowhere."""

from __future__ import annotations

from typing import Any

from lkportal.accounts.contract import GuestLinks
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.notify.portal import Portal


def signed_links(portal: Portal, template: str, facts: dict[str, Any], account: AccountRef | None) -> dict[str, str]:
    """Return `guest_link` for the letter of a notice that declares a purpose; nothing where it has none, or it is off."""
    notice = next((each for each in portal.registry.notices.values() if each.template == template), None)
    if account is None or notice is None or notice.guest not in portal.registry.guest_purposes:
        return {}
    target = str(facts.get("about", "")).partition("/")[0]
    with open_unit(portal.database, portal.unit_context()) as db:
        return {"guest_link": portal.ports.get(GuestLinks).make(db, notice.guest, account, target)}  # type: ignore[type-abstract]
