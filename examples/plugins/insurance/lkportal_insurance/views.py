"""What pages, letters and the API say of policies: rows in, plain values out. No database, no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lkportal.core.i18n import Text, ntext, text

KINDS: Mapping[str, Text] = {
    "home": text("insurance.kind.home", "Home insurance"),
    "car": text("insurance.kind.car", "Car insurance"),
    "health": text("insurance.kind.health", "Health insurance"),
    "travel": text("insurance.kind.travel", "Travel insurance"),
    "other": text("insurance.kind.other", "Insurance"),
}
_ICONS = {"home": "house", "travel": "globe", "health": "users"}
_ENDED = ("off", text("insurance.state.ended", "Ended"))
_CANCELLED = ("off", text("insurance.state.cancelled", "Cancelled"))
_WAITS = ("inf", text("insurance.state.waits", "Not begun yet"))
_VALID = ("ok", text("insurance.state.active", "In force"))
_LAST_DAY = ("warn", text("insurance.state.last_day", "Last day today"))
PREMIUM_STATES: Mapping[str, tuple[str, Text]] = {
    "planned": ("inf", text("insurance.premium.planned", "Later")),
    "asked": ("warn", text("insurance.premium.asked", "To pay")),
    "late": ("bad", text("insurance.premium.late", "Overdue")),
    "paid": ("ok", text("insurance.premium.paid", "Paid")),
    "withdrawn": ("off", text("insurance.premium.withdrawn", "Not asked")),
}


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy as it is shown. `state`: waits, active, ending, ended, cancelled; `days` are left to its end, the last day among
    them (0 when it is not in force)."""

    id: int
    public_id: str
    number: str
    kind: str
    title: Text
    icon: str
    risks: Sequence[str]
    insured_sum: int
    deductible: int
    starts_on: date
    ends_on: date
    state: str
    days: int
    status: tuple[str, Text]
    document: str

    @property
    def is_alive(self) -> bool:
        """Whether it insures now or will."""
        return self.state in {"waits", "active", "ending"}


def shown(row: Any, today: date, ending_days: int) -> PolicyView:
    """Return a policy as it is shown on a day."""
    days = (row.ends_on - today).days + 1
    state, status = _state(row, today, days, ending_days)
    return PolicyView(
        row.id, row.public_id, row.number, row.kind, KINDS.get(row.kind, KINDS["other"]),
        _ICONS.get(row.kind, "shield-check"), risks_of(row.risks), row.insured_sum,
        row.deductible, row.starts_on, row.ends_on, state, days if state in {"active", "ending"} else 0, status, row.document,
    )  # fmt: skip


def risks_of(risks: str) -> list[str]:
    """Return what a policy covers, one by one: the insurer parts them by semicolons."""
    return [each.strip() for each in risks.split(";") if each.strip()]


def premium_status(state: str, due_on: date, today: date) -> tuple[str, Text]:
    """Return kind and words of the state of a premium."""
    return PREMIUM_STATES["late" if state == "asked" and due_on < today else state]


def _state(row: Any, today: date, days: int, ending_days: int) -> tuple[str, tuple[str, Text]]:
    if row.state == "cancelled":
        return "cancelled", _CANCELLED
    if days <= 0:
        return "ended", _ENDED
    if row.starts_on > today:
        return "waits", _WAITS
    if days == 1:
        return "ending", _LAST_DAY
    if days <= ending_days:
        return "ending", ("warn", ntext("insurance.state.days", "%(n)s day left", "%(n)s days left", days))
    return "active", _VALID
