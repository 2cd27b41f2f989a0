"""What a connector is to the portal: a record, an exchange with one other system, and what may go wrong with a call. What waits to be
told lies in connecting.queue, the round that tells it and asks in connecting.rounds; the desk's page in staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx2
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable

from lkportal.core.clock import Clock
from lkportal.core.i18n import Text
from lkportal.core.ports import Ports


class Unavailable(Exception):
    """The other system did not answer, or not now: what was asked may or may not have been done there. It is asked again.

    `code` is a word of the protocol ("timeout", "http_503", "limited"), never words of the other system. `retry_after` is how many
    seconds it asked us to wait.
    """

    def __init__(self, code: str, retry_after: float = 0) -> None:
        super().__init__(code)
        self.code, self.retry_after = code, retry_after


class Refused(Exception):
    """The other system refused this as it stands: nothing was done there, and repeating it will not help. A person looks."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One fact that another system is to be told, once: `kind` "ticket", `subject` its public id, `facts` ids and codes.

    `key` is the same at every `attempt` (from 1) and nobody else's: the other system is searched for it before anything is added.
    """

    id: int
    key: str
    kind: str
    subject: str
    facts: Mapping[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the other system said to a dispatch: `external_id` is its name of the thing. `write(db)` keeps what else it said; it runs
    in the unit that marks the dispatch as done."""

    external_id: str = ""
    write: Callable[[Session], None] | None = None


class Ways(Protocol):
    """The ways of an exchange into the portal. Between calls out, a unit is opened and closed; a call inside of one raises."""

    @property
    def clock(self) -> Clock:
        """The portal's clock."""
        ...

    @property
    def ports(self) -> Ports:
        """The ports of the portal, where modules answer."""
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a reading connection; use it in `with`."""
        ...

    def unit(self) -> AbstractContextManager[Session]:
        """Open a unit of work as the system. Raises what ends the round when another worker has taken it over."""
        ...

    def beat(self) -> None:
        """Say that the round goes on: at least once a minute of calls."""
        ...

    def external_id(self, kind: str, subject: str) -> str | None:
        """Return what the other system calls a thing that was told before, or None."""
        ...

    @property
    def cursor(self) -> Mapping[str, Any]:
        """What the exchange kept of its last pull: how far it had come."""
        ...

    def keep(self, db: Session, cursor: Mapping[str, Any]) -> None:
        """Keep how far a pull came, in the unit that writes what it brought."""
        ...


class Exchange(Protocol):
    """One other system behind one face. Both methods call out, outside of any unit, with a time limit on every call.

    They raise `Unavailable` when the system does not answer as it should, `Refused` when it says no.
    """

    def send(self, ways: Ways, dispatch: Dispatch) -> Told:
        """Tell a fact. It may come again with the same key after an answer was lost: then it is found there and not added."""
        ...

    def pull(self, ways: Ways) -> None:
        """Ask what is new there and write it, each in a unit of its own. What came already changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Connector:
    """A tie with another system, as the desk's page "Connections" tells of it. `name` is that of its module, or begins with it.

    `exchange(portal)` makes its exchange at boot, None while it is not set up; a connector without `exchange` is one that people
    feed by hand. `cron` is when it goes round, `late_minutes` after how much silence it is told as late. `kinds` names what it
    tells by kind. `page` is a route of its own; `waiting` a statement with `waiting` and `oldest` of what waits for people there;
    `heard` one that returns the moment it was last fed by hand.
    """

    name: str
    title: Text
    exchange: Callable[[Any], Exchange | None] | None = None
    cron: str = "* * * * *"
    late_minutes: int = 15
    kinds: Mapping[str, Text] = field(default_factory=dict)
    page: str = ""
    waiting: Executable | None = None
    heard: Executable | None = None

    @property
    def job(self) -> str:
        """The name of the job that goes its round."""
        return f"{self.name}.exchange"


class Exchanges:
    """The exchanges of a portal by name of connector. A port."""

    def __init__(self, connectors: Mapping[str, Connector], portal: Any) -> None:
        made = {name: each.exchange(portal) for name, each in connectors.items() if each.exchange is not None}
        self._found = {name: exchange for name, exchange in made.items() if exchange is not None}

    def of(self, name: str) -> Exchange | None:
        """Return the exchange of a connector; None when it is not set up."""
        return self._found.get(name)


@contextmanager
def calling() -> Iterator[None]:
    """Turn what may happen to a call of `core.foreign.client` into Unavailable: use it around the call alone."""
    try:
        yield
    except httpx2.TimeoutException:
        raise Unavailable("timeout") from None
    except httpx2.TransportError:
        raise Unavailable("unreachable") from None
