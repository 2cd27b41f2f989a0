"""What people are told: the records a module declares, and the port through which it tells. Topics are declared in module, who is
told and by which ways lives in the room notify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.core.policy import AccountRef

if TYPE_CHECKING:
    from lkportal.core.events import Envelope


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that is about to leave, for `Notice.still_due`: the account it is about, whom it tells (internal key), what it is
    about (a public id, as it was told), and the moment."""

    account: AccountRef | None
    identity_id: int
    about: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told when an event happens: an entry of the in-app list and messages by the ways of its topic.

    `template` names a pair of templates ("readings/notices/submitted" + .html and .txt, with a `subject` block);
    `facts(db, envelope)` returns their values, or None when there is nothing to tell; the value `about` (a public id: the bill, the
    meter) also tells `still_due` what it is about. Told are the members of the account with the right `action` (empty: all), or
    only the `actor` of the event. `route` is where the entry leads.

    `still_due(connection, due)` is asked before every message leaves, at once or days later, and costs one statement: False when
    the person has done meanwhile what they would be told of (paid, sent). Nothing is sent then, and nothing of the rest.

    `event` is "" for what no event tells of: a job tells it by `NoticeSender.tell_many`.

    `guest` names a GuestPurpose ("payments.pay"): then the letter's templates get `guest_link`, a signed link for it about the
    public id that `about` begins with. It is made when the letter leaves and is kept nowhere: it is not there ("" by `default`) in
    the list inside the portal, in text messages and where that purpose is off.
    """

    name: str
    event: str
    topic: str
    template: str
    facts: Callable[..., Mapping[str, Any] | None]
    audience: Literal["members", "actor"] = "members"
    action: str = ""
    route: str = ""
    still_due: Callable[[Connection, Due], bool] | None = None
    guest: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell the people of an account: internal key of the account, `about` (a public id of at most 36 characters: a
    person is told once of it by one notice, so a reminder of a month writes "Xk3.../2026-11"), the template's values."""

    account_id: int
    about: str
    facts: Mapping[str, Any]


class NoticeSender(Protocol):
    """Port filled by notify: tells people. Bears being called twice for one thing."""

    def tell(self, db: Session, notice: Notice, envelope: Envelope) -> None:
        """Write the in-app entries and queue the messages of `notice` in the listener's own unit."""
        ...

    def tell_many(self, db: Session, notice: str, told: Sequence[Told]) -> int:
        """Tell of many things at once by the declared notice of this name; return how many new entries there are.

        For jobs that remind, and for what an import brought. The number of statements does not depend on that of `told`: give
        some hundreds a unit, not all at once. Who was told of the same thing before is left out.
        """
        ...


def no_event(_db: Session, _envelope: Envelope) -> None:
    """The `facts` of a notice that no event tells of."""
