"""What other rooms may know of signing in: its events. People are named by public id, never by login or name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text

Whom = Literal["customers", "everybody"]


@dataclass(frozen=True)
class Registered(Event):
    """A person proved their mailbox and has a password: an identity came to be."""

    name: ClassVar[str] = "auth.registered"
    title: ClassVar[Text | str] = text("auth.event.registered", "Person registered")
    identity: str


@dataclass(frozen=True)
class SignedIn(Event):
    """A person signed in. `known_device`: they had signed in with this browser before."""

    name: ClassVar[str] = "auth.signed_in"
    identity: str
    session: str
    known_device: bool


@dataclass(frozen=True)
class SignInRefused(Event):
    """Login and password did not fit. `identity` is empty when nobody has this login."""

    name: ClassVar[str] = "auth.sign_in_refused"
    identity: str


@dataclass(frozen=True)
class PasswordChanged(Event):
    """A person has a new password: changed by themselves while signed in, or recovered through their mailbox."""

    name: ClassVar[str] = "auth.password_changed"
    identity: str
    how: Literal["changed", "recovered"]


@dataclass(frozen=True)
class SessionRevoked(Event):
    """Sign-ins were ended from elsewhere, or by a new password. `sessions` are their public ids."""

    name: ClassVar[str] = "auth.session_revoked"
    identity: str
    sessions: tuple[str, ...]


@dataclass(frozen=True)
class EverybodySignedOut(Event):
    """All sign-ins were ended at once, of customers or of everybody. One event for all of them; `sessions` is how many."""

    name: ClassVar[str] = "auth.everybody_signed_out"
    whom: Whom
    sessions: int


@dataclass(frozen=True)
class RecoveryAsked(Event):
    """A link to set a new password was made for a known person."""

    name: ClassVar[str] = "auth.recovery_asked"
    identity: str


@dataclass(frozen=True)
class ContactChanged(Event):
    """A person has another login, e-mail or phone; the address that was is told by letter."""

    name: ClassVar[str] = "auth.contact_changed"
    identity: str
    what: Literal["email", "phone", "login"]


@dataclass(frozen=True)
class PasskeyAdded(Event):
    """A person may sign in with one more passkey."""

    name: ClassVar[str] = "auth.passkey_added"
    identity: str
    passkey: str


@dataclass(frozen=True)
class PasskeyRemoved(Event):
    """A person removed a passkey."""

    name: ClassVar[str] = "auth.passkey_removed"
    identity: str
    passkey: str


@dataclass(frozen=True)
class PasskeySuspended(Event):
    """The counter of a passkey went back: it may have been copied and opens nothing any more."""

    name: ClassVar[str] = "auth.passkey_suspended"
    identity: str
    passkey: str


class WithoutSigningIn(Protocol):
    """Port filled by accounts: where one goes who does not want to sign in. The sign-in page leads there."""

    @property
    def route(self) -> str:
        """The route of that page, "" where it is off."""
        ...


@dataclass(frozen=True)
class SecondFactorChanged(Event):
    """A person set up a second factor or turned it off; `way` is "totp", "passkey", or "" when all were taken away."""

    name: ClassVar[str] = "auth.second_factor_changed"
    identity: str
    way: str
    on: bool
