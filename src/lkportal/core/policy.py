"""Who acts, on what, under which rule: plain data. Policies are evaluated by auth.guard; scopes are built by accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from lkportal.core.i18n import Text

Who = Literal["anyone", "person", "customer", "staff", "system", "guest", "caller"]
ActorKind = Literal["anonymous", "customer", "staff", "system", "guest"]
Purpose = Literal["entry", "payment", "signature", "contacts"]
StepUp = Literal["", "always", "second", "payment", "signature", "contacts"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting. `permissions` are staff rights, or the scopes of the token they call with; a customer's rights stand on the AccountRef.

    `stepped_up_at` is the last proof of any kind, `second_at` the last by a second factor. `has_second`: they have one set up.
    `asks` are the purposes for which they, or the company for them, want a second factor.
    """

    kind: ActorKind
    id: int | None = None
    public_id: str = ""
    name: str = ""
    login: str = ""
    permissions: frozenset[str] = frozenset()
    session_id: int | None = None
    stepped_up_at: datetime | None = None
    on_behalf_of: str | None = None
    second_at: datetime | None = None
    asks: frozenset[str] = frozenset()
    has_second: bool = False
    behind: str = ""
    """Who of the company looks at pages as this customer, by their label: acts and views are theirs then."""
    approved_by: str = ""
    """The label of the second person who let this act pass."""

    @property
    def label(self) -> str:
        """How audit and events name this actor: kind and public id, never a name or a contact."""
        if self.behind:
            return self.behind
        return f"{self.kind}:{self.public_id}" if self.public_id else self.kind


ANONYMOUS = Actor("anonymous")
SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class AccountRef:
    """One account as seen through the actor's membership. Having this object means access was proved.

    `level` tells how well: 0 by something others may know, 1 by what only the customer has, 2 in person or by post. `withheld`
    are rights of the role that wait for a higher level, `refused` those that an owner switched off for this person, `abstained`
    those they switched off themself; none of them stands in `rights`. `unused` are entries of the menu, by route, that lead to
    nothing on this account: readings where there is no meter.
    """

    id: int
    public_id: str
    number: str
    title: str
    time_zone: str
    currency: str
    brand: str
    organisation_id: int | None = None
    role: str = ""
    rights: frozenset[str] = frozenset()
    level: int = 2
    withheld: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    abstained: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GuestLink:
    """A signed link as the request came with it: for what, about which thing, until when. `used` once its act was done;
    `result` then names what came of it (a payment's public id)."""

    id: int
    public_id: str
    purpose: str
    target: str
    expires_at: datetime
    used: bool = False
    result: str = ""


@dataclass(frozen=True, slots=True)
class Viewing:
    """A view of the company's people: whose pages they see as that customer, and until when."""

    identity_id: int
    public_id: str
    name: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """What an actor may reach: the actor's memberships, or everything (staff with a permission, the system)."""

    identity_id: int | None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The rule of a route: who may call it, which right it needs, on what object.

    `on="account"` means the path holds `{account}`, resolved through memberships. `step_up` names the purpose for which a fresh
    proof is asked: one that people choose, "always" for any proof, "second" for that of the second factor of those who have one;
    `four_eyes` asks for another person's approval. `private` pages are closed to staff who view as the customer. `scope` is what the
    token of a call must be good for.
    """

    who: Who
    action: str = ""
    on: Literal["", "account"] = ""
    step_up: StepUp = ""
    four_eyes: bool = False
    private: bool = False
    scope: str = ""


def anyone() -> Policy:
    """Return the policy of a page open to all."""
    return Policy("anyone")


def known_person(*, step_up: bool | StepUp = "") -> Policy:
    """Return the policy of a page of whoever is signed in, customer or staff: their password, their devices."""
    return Policy("person", step_up=_purpose(step_up))


def signed_in(*, step_up: bool | StepUp = "", private: bool = False) -> Policy:
    """Return the policy of a customer's own page that touches no account."""
    return Policy("customer", step_up=_purpose(step_up), private=private)


def on_account(action: str, *, step_up: bool | StepUp = "", private: bool = False) -> Policy:
    """Return the policy of a customer's page about one account: `action` is a declared permission, "readings.submit"."""
    return Policy("customer", action, "account", _purpose(step_up), private=private)


def guest(action: str) -> Policy:
    """Return the policy of a page behind a signed link: the path holds `{token}`, the link must be for the right `action`."""
    return Policy("guest", action)


def staff(permission: str, *, step_up: bool | StepUp = "", four_eyes: bool = False) -> Policy:
    """Return the policy of a staff page: `permission` is a declared permission, "accounts.view"."""
    return Policy("staff", permission, "", _purpose(step_up), four_eyes)


def system(right: str) -> Policy:
    """Return the policy of a call of the company's own systems, known by a token: `right` is among those of the token ("feed")."""
    return Policy("system", right)


def caller(scope: str, right: str = "", *, on: Literal["", "account"] = "") -> Policy:
    """Return the policy of a call of the open API, by the token of a customer or of a system: it has the `scope`, and a customer
    the `right` on the account of the path."""
    return Policy("caller", right, on, scope=scope)


def _purpose(step_up: bool | StepUp) -> StepUp:
    if isinstance(step_up, bool):
        return "always" if step_up else ""
    return step_up


class AuditLog(Protocol):
    """Port filled by audit: writes what was done or refused in the act's own transaction."""

    def record(
        self,
        db: Session,
        action: str,
        *,
        target: str = "",
        account: AccountRef | None = None,
        outcome: Literal["done", "refused", "viewed"] = "done",
        detail: dict[str, str | int] | None = None,
    ) -> None:
        """Record that the unit's actor did `action` ("readings.submit") on `target` (a public id)."""
        ...

    def record_each(
        self,
        db: Session,
        action: str,
        targets: Sequence[str],
        *,
        account: AccountRef | None = None,
        outcome: Literal["done", "refused", "viewed"] = "done",
        detail: dict[str, str | int] | None = None,
    ) -> None:
        """Record the same of several targets at once: what one form did to each."""
        ...


@dataclass(frozen=True, slots=True)
class Permission:
    """A declared right. `roles` are the customer roles that have it by default; `staff` the staff roles."""

    name: str
    title: Text | str
    roles: tuple[str, ...] = field(default=())
    staff: tuple[str, ...] = field(default=())
