"""What other rooms may know of accounts: events, roles, small records, and the ports between accounts and those who stand
higher. Tables stand in models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal, Protocol

from sqlalchemy import ColumnElement, Connection, ScalarSelect
from sqlalchemy.orm import Session

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text
from lkportal.core.importing.kind import Rejection
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef, GuestLink

__all__ = [
    "ACCOUNT_REJECTIONS",
    "CUSTOMER_ROLES",
    "KEPT_AS_ACCOUNTING",
    "KEPT_AS_EVIDENCE",
    "KEPT_FOR_CONTRACT",
    "MARK_ACCOUNT",
    "STAFF_ROLES",
    "AccountClaimed",
    "AccountHistory",
    "AccountRef",
    "Accounts",
    "AccountsImported",
    "ActsAsked",
    "Billed",
    "BilledLine",
    "ClaimRefused",
    "Colleagues",
    "Duties",
    "GuestLinks",
    "InvitationAccepted",
    "LastBill",
    "Member",
    "MembershipGranted",
    "MembershipRevoked",
    "Owes",
    "Reached",
    "Role",
    "StaffRoleName",
    "UnreadCount",
]

Role = Literal["owner", "payer", "reader", "accountant", "signer"]
StaffRoleName = Literal["operator", "cashier", "accountant", "specialist", "administrator", "auditor"]
CUSTOMER_ROLES: tuple[Role, ...] = ("owner", "payer", "reader", "accountant", "signer")
STAFF_ROLES: tuple[StaffRoleName, ...] = (
    "operator",
    "cashier",
    "accountant",
    "specialist",
    "administrator",
    "auditor",
)
MARK_ACCOUNT = """
UPDATE {staging} SET reject = CASE WHEN EXISTS (SELECT 1 FROM accounts_accounts a WHERE a.number = {staging}.account)
                                   THEN 'many_accounts' ELSE 'no_account' END
WHERE reject IS NULL AND (SELECT count(*) FROM accounts_accounts a WHERE a.number = {staging}.account) <> 1
"""
"""For imports: refuses staged rows whose `account` is not the number of exactly one account. A number that several brands give names
none of them, or one brand's customer would be shown what another's owns. Its refusals are ACCOUNT_REJECTIONS."""
ACCOUNT_REJECTIONS: Mapping[str, Rejection] = {
    "no_account": Rejection(
        "account", text("accounts.import.no_account", "There is no such account. Import the accounts first.")
    ),
    "many_accounts": Rejection(
        "account",
        text(
            "accounts.import.many_accounts",
            "Accounts of several brands have this number: whose row this is, is not known.",
        ),
    ),
}

KEPT_AS_ACCOUNTING = text(
    "accounts.kept.accounting", "Accounting papers are kept for five years (Federal Law 402-FZ, article 29)."
)
KEPT_AS_EVIDENCE = text(
    "accounts.kept.evidence", "Kept while a claim may be brought: three years (Civil Code, article 196)."
)
KEPT_FOR_CONTRACT = text(
    "accounts.kept.contract",
    "Needed for the contract while the account is open, and as long afterwards as its papers are kept.",
)
"""Why rows outlive a person's wish to be erased: reasons for `PersonalTable.because`."""


@dataclass(frozen=True, slots=True)
class MembershipGranted(Event):
    """A person received the right to an account, or to an organisation's accounts, in `role`."""

    name: ClassVar[str] = "accounts.membership_granted"
    title: ClassVar[Text | str] = text("accounts.event.membership_granted", "Access given")
    membership: str
    role: str


@dataclass(frozen=True, slots=True)
class MembershipRevoked(Event):
    """A person lost the right to an account, or to an organisation's accounts."""

    name: ClassVar[str] = "accounts.membership_revoked"
    title: ClassVar[Text | str] = text("accounts.event.membership_revoked", "Access taken away")
    membership: str
    role: str


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Event):
    """A person accepted an invitation and has the right `membership` in `role` from now on."""

    name: ClassVar[str] = "accounts.invitation_accepted"
    title: ClassVar[Text | str] = text("accounts.event.invitation_accepted", "Invitation accepted")
    invitation: str
    membership: str
    role: str


@dataclass(frozen=True, slots=True)
class AccountClaimed(Event):
    """A person found an account by its number and a proof. `joined`: others have it already and may refuse the newcomer."""

    name: ClassVar[str] = "accounts.claimed"
    title: ClassVar[Text | str] = text("accounts.event.claimed", "Account found by a customer")
    claim: str
    membership: str
    role: str
    proof: str
    level: int
    joined: bool


@dataclass(frozen=True, slots=True)
class ClaimRefused(Event):
    """An owner refused somebody who had claimed their account: the right is gone."""

    name: ClassVar[str] = "accounts.claim_refused"
    claim: str
    membership: str


@dataclass(frozen=True, slots=True)
class AccountsImported(Event):
    """A batch of accounts from a file is in: `accounts` is how many rows of it were taken, new and known ones."""

    name: ClassVar[str] = "accounts.imported"
    title: ClassVar[Text | str] = text("accounts.event.imported", "Accounts came")
    import_id: str
    batch: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Member:
    """A person who reaches an account. `locale` is "" until they chose a language."""

    identity_id: int
    public_id: str
    email: str
    name: str
    locale: str


class Accounts(Protocol):
    """Port filled by accounts, for listeners and jobs: they know an account by the public id that events carry, or by the key in
    their rows.

    All take a unit's session or a reading connection:

        account = port(db, Accounts).by_public_id(db, envelope.account)
    """

    def by_public_id(self, db: Session | Connection, public_id: str) -> AccountRef | None:
        """Return the account as the system sees it (no role, no rights), or None when there is none."""
        ...

    def by_keys(self, db: Session | Connection, account_ids: Sequence[int]) -> Mapping[int, AccountRef]:
        """Return the accounts of rows (some hundreds) by internal key as the system sees them, by one statement."""
        ...

    def members(self, db: Session | Connection, account_id: int, right: str = "") -> list[Member]:
        """Return who reaches the account today in a role that has `right` (empty: in any), each person once."""
        ...

    def people(
        self, db: Session | Connection, account_ids: Sequence[int], right: str = ""
    ) -> list[tuple[AccountRef, list[Member]]]:
        """Return `members` of many accounts (some hundreds) by two statements; accounts of nobody are left out."""
        ...

    def has(self, module: str, account: str) -> bool:
        """Whether a module is open on an account (public id): jobs begin nothing for one that it is not open to yet."""
        ...


class Owes(Protocol):
    """Port filled by payments: what is owed on accounts, told beside them where a person chooses between several."""

    right: str
    """The right a person needs on an account to be told what is owed on it."""

    @property
    def together(self) -> str:
        """The route where several accounts are paid for at once, "" when that is not offered."""
        ...

    def amounts(self, connection: Connection, account_ids: Sequence[int]) -> Mapping[int, Money]:
        """Return, in one statement, what is owed by account id; zero or below means nothing is. Absent: not known."""
        ...


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of a bill, as a forecast of the next one needs it: `volume_milli` is None for what is not measured, `price_millionths`
    what one unit costs in millionths of a minor unit, `once` says that it will not come again (a recalculation, a penalty)."""

    service: str
    unit: str
    volume_milli: int | None
    price_millionths: int | None
    amount: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Billed:
    """The newest bill of an account: its month, its currency, its lines."""

    period: date
    currency: str
    lines: tuple[BilledLine, ...]


class LastBill(Protocol):
    """Port filled by payments: what the newest bill of an account says, for those who tell what the next one may be."""

    right: str
    """The right a person needs on an account to be told."""

    def of(self, connection: Connection, account_id: int) -> Billed | None:
        """Return the newest bill, in one statement; None when there was none."""
        ...


class Reached(Protocol):
    """Port filled by accounts: several accounts of one person, for a page that is about more than one."""

    def having(self, connection: Connection, identity_id: int, right: str, accounts: Sequence[str]) -> list[AccountRef]:
        """Return those of `accounts` (public ids) on which a person may do `right` now, by title, each once with all their rights;
        with `right` "" those they reach at all.

        One statement, as strict as the guard: a role, a level of proof, what was switched off. Whatever is absent, foreign or not
        allowed is left out alike.
        """
        ...


class GuestLinks(Protocol):
    """Port filled by accounts: links that let their holder do one thing about one account, once, without signing in."""

    def make(
        self,
        db: Session,
        purpose: str,
        account: AccountRef,
        target: str = "",
        *,
        lasts: timedelta | None = None,
        origin: Literal["letter", "number", "staff"] = "letter",
    ) -> str:
        """Make a link for a declared purpose ("payments.pay") about `target` (a public id) and return its whole address.

        It is a secret: call it from the job that sends the letter, put it nowhere else. Raises LookupError for a purpose that
        no module has.
        """
        ...

    def spend(self, db: Session, link: GuestLink, account: AccountRef, result: str = "") -> None:
        """Spend the link of a request (`request.own_link`) in the unit of its act; `result` names what came of it.

        Of many at once one wins; the others get LinkGone and their unit is rolled back.
        """
        ...


@dataclass(frozen=True, slots=True)
class ActsAsked:
    """What a reader (the label of an actor) asks of the history of an account (public id).

    `kind` is the module of the acts, `who` the label of their doer or the kind of it ("staff", "guest", "system"), `since` and
    `until` are moments, the last not included, `hidden` the modules of whose acts this reader is not told. `older` and `newer` are the public ids
    of acts of this account to go on from. What the reader did about themself alone, such as a consent, stands among the acts.
    """

    account: str
    reader: str
    kind: str = ""
    who: str = ""
    since: datetime | None = None
    until: datetime | None = None
    hidden: tuple[str, ...] = ()
    older: str = ""
    newer: str = ""


class AccountHistory(Protocol):
    """Port filled by audit: what was done on an account, for the people of that account."""

    def recent(self, connection: Connection, account: str, limit: int, offset: int = 0) -> Sequence[Any]:
        """Return rows (public_id, at, actor, on_behalf_of, action, outcome, target, detail) of an account, newest first."""
        ...

    def acts(self, connection: Connection, asked: ActsAsked, limit: int) -> Sequence[Any]:
        """Return such rows as far as `asked` lets them through, newest first; after `asked.newer` oldest first."""
        ...

    def doers(self, connection: Connection, asked: ActsAsked) -> Sequence[Any]:
        """Return the distinct (actor, action) among the newest acts of the account that this reader may be told of."""
        ...


class Duties(Protocol):
    """Port filled by privacy: what a customer must do before the pages open, counted by the statement that finds out who asks."""

    @property
    def route(self) -> str:
        """The page where it is done: customers are led there from every other, and back afterwards."""
        ...

    def column(self, identity_id: ColumnElement[int]) -> ScalarSelect[int] | None:
        """Return what was done, counted as a subquery correlated with `identity_id`; None when nothing is asked of anybody."""
        ...

    def due(self, count: int) -> bool:
        """Whether a person of this count still has something to do."""
        ...


class Colleagues(Protocol):
    """Port filled by accounts: the company's own people, as far as modules may ask about them."""

    def mailboxes(self, connection: Connection, right: str) -> frozenset[str]:
        """Return the e-mail addresses, in small letters, that may be written to about what a right opens: confirmed ones of those who
        have it now, and mailboxes that the company says several colleagues read. None for a right nobody declared."""
        ...


class UnreadCount(Protocol):
    """Port filled by notify: how much waits for a person at the bell, counted by the statement that finds out who asks."""

    def column(self, identity_id: ColumnElement[int]) -> ColumnElement[int]:
        """Return the count as subqueries correlated with `identity_id`, cheap by an index: it is part of every request."""
        ...
