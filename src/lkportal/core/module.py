"""The declaration of a module: what it is, needs, and owes. Read at boot, cheap when the module is off.
How declarations become a running portal lives in registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lkportal.core.i18n import Text
from lkportal.core.policy import Permission
from lkportal.core.protection.retention import parse_retention

CHANNELS = ("in_app", "email", "push", "sms")
"""The ways a person may be told: the list inside the portal, letters, push to a browser, text messages."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a person may be told about: one row of the page where they choose how. All but name and title may be left out.

    - `default`: the ways used until a person chooses, out of CHANNELS.
    - `channels`: the ways there are to choose from, each once.
    - `frequency`: when its letters come until a person chooses: at once, or gathered into one letter a day or a week. The list
      inside the portal, push and text messages are always at once.
    - `escalate`: the ways tried one after the other until the notice is read ("push", "email", "sms"), the pauses between them by
      [notify.escalation]. Empty: all chosen ways at once. Only ways the person chose are tried, and they may switch it off.
    - `obligatory`: why a person cannot switch it off ("It is about who can enter your account"): then the ways of `default`
      stay on. Empty: it can be switched off, and its letters carry the link that does.
    - `urgent`: goes out in a person's quiet hours too.
    - `why`: the end of "You get this because ...", a whole sentence: "You get this because {account} %(number)s has a new bill."
      may use %(number)s, the number of the account. Empty: the common sentence.
    - `hint`: what it tells about, one line under the title.

    Whether there is still something to tell is asked before every sending by `Notice.still_due`.
    """

    name: str
    title: Text | str
    default: tuple[str, ...] = ("in_app", "email")
    channels: tuple[str, ...] = CHANNELS
    frequency: Literal["at_once", "daily", "weekly"] = "at_once"
    escalate: tuple[str, ...] = ()
    obligatory: Text | str = ""
    urgent: bool = False
    why: Text | str = ""
    hint: Text | str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Action:
    """Something people do that audit records: `title` is how the history of an account tells of it, "Readings sent".

    Readers of an account who lack the module's right to view ("readings.view", where it declares one) are not told of it.
    `page` is where the desk shows the thing it was done to, the record's target: a route and the param that takes it.
    """

    name: str
    title: Text
    page: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two acts that one person does not do alone on one thing, named as audit records them: `act` comes after `after`.

    `rights` are the permissions behind them: the desk warns of a role that has both.
    """

    act: str
    after: str
    rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """What a module holds of a person: which table, how to find a person's rows, and what each duty does with them.

    `path` leads to a person or an account: a column with a foreign key ("identity_id", "account_id"), several of them
    ("payment_id.account_id"), or backwards ("id<accounts_accounts:premise_id"); the tables of people and accounts
    themselves say "id". `by` tells what stands in the column when it is no key: the label of an actor ("customer:Xk3..."),
    a public id, or a contact (an address or number itself). A table reached in two ways is declared twice.

    `export` names columns handed to the person, `mask` contacts, which staff without the right accounts.contacts see in part.
    `erase` maps a column to its replacement when the person goes (None for no value, "{id}" in it is the row's own);
    rows of a person with neither `erase` nor `retain` are deleted then, rows of an account stay with the account.
    `retain` says how long the law keeps a row (see core.retention), `because` why, and `at_end` what happens then:
    deleted, erased, or kept because nothing in it names a person once the account's holder is erased.
    """

    table: str
    path: str
    export: tuple[str, ...] = ()
    erase: tuple[tuple[str, str | None], ...] = ()
    mask: tuple[str, ...] = ()
    retain: str = ""
    by: Literal["key", "label", "public_id", "contact"] = "key"
    at_end: Literal["delete", "erase", "keep"] = "delete"
    title: Text | str = ""
    labels: tuple[tuple[str, Text], ...] = ()
    because: Text | str = ""

    def __post_init__(self) -> None:
        """Refuse a rule of keeping that nobody can read. Raises ValueError."""
        parse_retention(self.retain)


@dataclass(frozen=True, slots=True)
class Invariant:
    """A law of the data. `statement` is SQL that returns the rows that break it: none means it holds."""

    name: str
    title: str
    statement: str


@dataclass(frozen=True)
class Module:
    """A module of the portal, ours or a stranger's.

    `name` prefixes its tables, routes, permissions and events; `package` is the dotted import path of its folder, where
    templates/, static/, locale/ and migrations/ are found by convention; `hooks` is the dotted path of its hook functions,
    imported only when the module is on. `seed` is that of a file with the function `seed(db, accounts)`: it puts examples onto the
    accounts (a sequence of AccountRef) of a demo's customers, in one unit. `append_only` names tables whose rows are never changed: the database's own role is
    denied it. `requires` are modules that must be on; `after` only orders.
    `origins` are where its forms may lead besides the portal, or a function of its settings that returns them.
    `personal` declares what is held of people; `impersonal` names columns ("accounts_brands.name") and whole tables that
    look as if they did and do not.
    """

    name: str
    title: Text | str
    version: str
    package: str
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    needs_portal: str = ""
    models: str = ""
    hooks: str = ""
    settings: type[Any] | None = None
    permissions: tuple[Permission, ...] = ()
    topics: tuple[Topic, ...] = ()
    actions: tuple[Action, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    origins: tuple[str, ...] | Callable[[Any], tuple[str, ...]] = ()
    personal: tuple[PersonalTable, ...] = ()
    impersonal: tuple[str, ...] = ()
    append_only: tuple[str, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    seed: str = ""
    always_on: bool = False
    mount: str | None = None

    @property
    def prefix(self) -> str:
        """The path its routes are mounted under: "/readings", or "" for rooms whose pages stand at the root."""
        return f"/{self.name}" if self.mount is None else self.mount


def names(modules: Sequence[Module]) -> list[str]:
    """Return the names of `modules`, in order."""
    return [module.name for module in modules]
