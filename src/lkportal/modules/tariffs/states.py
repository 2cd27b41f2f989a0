"""The life of a connected service and of an order: states, who takes which step, how customers read them. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from lkportal.core.i18n import Text, text

Kind = Literal["connect", "disconnect", "freeze", "resume", "move", "change"]
KINDS: tuple[Kind, ...] = ("connect", "disconnect", "freeze", "resume", "move", "change")

WAITING, PROCESSED, REJECTED, CANCELED = "waiting", "processed", "rejected", "canceled"
ORDER_STATES = (WAITING, PROCESSED, REJECTED, CANCELED)
ORDER_STEPS: Mapping[tuple[str, str], frozenset[str]] = {
    ("customer", WAITING): frozenset({CANCELED}),
    ("company", WAITING): frozenset({PROCESSED, REJECTED}),
    ("portal", WAITING): frozenset({PROCESSED, REJECTED}),
}
"""(who, from) -> to. What is not here does not happen."""

ACTIVE, FROZEN, SUSPENDED, ENDED = "active", "frozen", "suspended", "ended"
SERVICE_STATES = (ACTIVE, FROZEN, SUSPENDED, ENDED)
LIVE = (ACTIVE, FROZEN, SUSPENDED)
SERVICE_STEPS: Mapping[str, Mapping[str, str]] = {
    "disconnect": {ACTIVE: ENDED, FROZEN: ENDED, SUSPENDED: ENDED},
    "freeze": {ACTIVE: FROZEN},
    "resume": {FROZEN: ACTIVE},
    "move": {ACTIVE: ACTIVE, FROZEN: FROZEN, SUSPENDED: SUSPENDED},
    "change": {ACTIVE: ACTIVE},
    "suspend": {ACTIVE: SUSPENDED},
    "restore": {SUSPENDED: ACTIVE},
}
"""What happens to a service: from -> to. The last two are the portal's, when money runs out and comes."""

ORDER_TITLES: Mapping[str, tuple[str, Text]] = {
    WAITING: ("inf", text("tariffs.order.waiting", "Waiting")),
    PROCESSED: ("ok", text("tariffs.order.processed", "Done")),
    REJECTED: ("bad", text("tariffs.order.rejected", "Refused")),
    CANCELED: ("off", text("tariffs.order.canceled", "You took it back")),
}
DESK_TITLES: Mapping[str, tuple[str, Text]] = {
    **ORDER_TITLES,
    WAITING: ("warn", text("tariffs.desk.waiting", "To be done")),
    CANCELED: ("off", text("tariffs.desk.canceled", "Taken back")),
}
SERVICE_TITLES: Mapping[str, tuple[str, Text]] = {
    ACTIVE: ("ok", text("tariffs.service.active", "Connected")),
    FROZEN: ("off", text("tariffs.service.frozen", "Frozen")),
    SUSPENDED: ("bad", text("tariffs.service.suspended", "Stopped: no money in hand")),
    ENDED: ("off", text("tariffs.service.ended", "Disconnected")),
}
KIND_TITLES: Mapping[str, Text] = {
    "connect": text("tariffs.kind.connect", "Connect"),
    "disconnect": text("tariffs.kind.disconnect", "Disconnect"),
    "freeze": text("tariffs.kind.freeze", "Freeze"),
    "resume": text("tariffs.kind.resume", "Resume"),
    "move": text("tariffs.kind.move", "Move"),
    "change": text("tariffs.kind.change", "Change the plan"),
}


def may_step(who: str, before: str, after: str) -> bool:
    """Whether `who` (customer, company, portal) may bring an order from one state to another."""
    return after in ORDER_STEPS.get((who, before), frozenset())


def fits(act: str, state: str) -> bool:
    """Whether an act may happen to a service that stands so."""
    return state in SERVICE_STEPS.get(act, {})
