"""Passwords that somebody else checks: the company's own database, its ERP, a directory. What such a source is asked and answers;
plain data. How a portal asks it and what it makes of the answer is auth's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

from lkportal.core.i18n import Text, text


@dataclass(frozen=True, slots=True)
class AccountThere:
    """An account that a person may use by the source's word: its number as imported, and the role they have in it."""

    number: str
    role: str = "owner"


@dataclass(frozen=True, slots=True)
class PersonThere:
    """A person whose password fits, as the source knows them.

    `subject` is their lasting key there, never given to anybody else; `email` is set only when the source knows that it is
    theirs. `accounts` are granted at every sign-in and never taken back here. `staff_roles`, for the company's own people, are
    all that they have from this source: others are taken back; None leaves roles to the portal.
    """

    subject: str
    name: str = ""
    email: str = ""
    label: str = ""
    accounts: tuple[AccountThere, ...] = ()
    staff_roles: tuple[str, ...] | None = None


class SourceAway(Exception):
    """The source cannot be asked now. `why` goes to logs and audit, never to the person."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PasswordSource(Protocol):
    """Knows people and checks their passwords. Called outside any unit of work, from several threads at once."""

    def check(self, login: str, password: str) -> PersonThere | None:
        """Return the person whose password fits, None for everybody else: unknown, wrong, locked, alike.

        `login` comes trimmed, in small letters; `password` exactly as typed and never empty. Keep a time limit of a few
        seconds on what you call. Raises SourceAway when it cannot be told.
        """
        ...


@dataclass(frozen=True, slots=True)
class PasswordSourceSpec:
    """A password source: `factory(portal)` makes it at boot. `title` stands on its button: "Sign in: %(source)s".

    `kind` is whom it lets in. `on(settings)` says whether it is configured, given the settings of auth.
    """

    name: str
    title: Text | str
    factory: Callable[[Any], PasswordSource]
    kind: Literal["customer", "staff"] = "customer"
    order: int = 100
    on: Callable[[Any], bool] = lambda _settings: True

    @property
    def words(self) -> Text:
        """What its button and the heading of its page say."""
        return text("core.source.with", "Sign in: %(source)s", source=self.title)


class Holdings(Protocol):
    """Port filled by accounts: gives people what a source says is theirs, within the unit of their sign-in."""

    def give_accounts(self, db: Session, identity_id: int, accounts: tuple[AccountThere, ...]) -> int:
        """Grant a customer these accounts; return how many are not imported yet and wait for the next sign-in."""
        ...

    def set_staff_roles(self, db: Session, identity_id: int, identity: str, roles: tuple[str, ...]) -> None:
        """Give one of the company's people these roles and take all others back."""
        ...
