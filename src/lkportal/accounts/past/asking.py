"""What a reader of the history asks for: the fields of the page, what they may choose, and the question to audit they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from lkportal.accounts.contract import ActsAsked
from lkportal.accounts.past.telling import COMPANY, GUEST, PORTAL, SOMEBODY, YOU, Actions
from lkportal.core.i18n import Text, text
from lkportal.core.policy import AccountRef, Actor
from lkportal.web import Day, FormModel, Label, ShortText

_SINCE, _UNTIL = date(1970, 1, 2), date(9998, 12, 30)
_KINDS: Mapping[str, Text] = {
    "accounts": text("accounts.history.kind_people", "Access and people"),
    "auth": text("accounts.history.kind_entry", "Signing in"),
    "privacy": text("accounts.history.kind_data", "Consents and your data"),
    "staff": text("accounts.history.kind_staff", "Work of the company"),
}
_CROWDS: Mapping[str, Text] = {"staff": COMPANY, "guest": GUEST, "system": PORTAL}


class HistoryForm(FormModel):
    """Which acts are shown: of a kind (a module's name), of a doer (a public id, or "staff", "guest", "system"), of days (both
    included). `older` and `newer` are the public ids of acts a page goes on from. Empty: all."""

    kind: Annotated[ShortText, Label(text("accounts.history.kind", "What"))] = ""
    who: Annotated[ShortText, Label(text("accounts.history.who", "By whom"))] = ""
    since: Annotated[Day | None, Label(text("accounts.history.since", "From"))] = None
    until: Annotated[Day | None, Label(text("accounts.history.until", "To"))] = None
    older: ShortText = ""
    newer: ShortText = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from on this account: (value, words), the first of each is everything."""

    kinds: Sequence[tuple[str, Text | str]]
    doers: Sequence[tuple[str, Text | str]]


def hidden_from(actions: Actions, rights: frozenset[str]) -> tuple[str, ...]:
    """Return the modules of whose acts a reader with `rights` is not told: that of money, say."""
    return tuple(sorted(module for module, right in actions.rights.items() if right not in rights))


def asked(data: HistoryForm, account: AccountRef, reader: Actor, hidden: tuple[str, ...]) -> ActsAsked:
    """Return the question to audit for what a reader typed."""
    zone = ZoneInfo(account.time_zone)
    return ActsAsked(
        account.public_id,
        reader.on_behalf_of or reader.label,
        kind=data.kind,
        who=data.who if data.who in ("", *_CROWDS) else f"customer:{data.who}",
        since=_midnight(data.since, zone) if data.since else None,
        until=_midnight(data.until + timedelta(days=1), zone) if data.until else None,
        hidden=hidden,
        older=data.older,
        newer=data.newer,
    )


def is_turned(data: HistoryForm) -> bool:
    """Whether the last day lies before the first."""
    return (data.since or _SINCE) > (data.until or _UNTIL)


def choices(
    pairs: Iterable[Any], data: HistoryForm | None, actions: Actions, people: Mapping[str, Any], reader: Actor
) -> Choices:
    """Return what stands on an account: `pairs` are its (actor, action). What was chosen stays even when it finds nothing."""
    found = list(pairs)
    kinds = {row.action.partition(".")[0] for row in found if row.action in actions.titles}
    labels = {row.actor for row in found}
    doers: dict[str, Text | str] = {"": text("accounts.history.anybody", "Anybody")}
    if f"customer:{reader.public_id}" in labels:
        doers[reader.public_id] = YOU
    for kind, public in sorted(label.split(":", 1) for label in labels if ":" in label):
        if kind == "customer" and public != reader.public_id:
            doers[public] = people[public].name or SOMEBODY if public in people else SOMEBODY
    doers |= {crowd: words for crowd, words in _CROWDS.items() if any(label.startswith(crowd) for label in labels)}
    if data is not None:
        kinds |= {data.kind} & set(actions.modules)
    named = [(kind, _KINDS.get(kind) or actions.modules.get(kind, kind)) for kind in sorted(kinds)]
    return Choices([("", text("accounts.history.everything", "Everything")), *named], list(doers.items()))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
