"""Who may pass: the port that tells who is asking, and the one place where a route's policy is judged.
Sessions and memberships live in auth and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from lkportal.core.errors import Forbidden, NotFound, PortalError, Problem
from lkportal.core.i18n import Text, text
from lkportal.core.policy import ANONYMOUS, AccountRef, Actor, GuestLink, Policy, Purpose, StepUp, Viewing
from lkportal.web.request import ONLY_LOOKING
from lkportal.web.routing import SAFE_METHODS, Bound

if TYPE_CHECKING:
    from lkportal.web.request import Request

SIGN_IN = "auth:login"
STEP_UP = "auth:step_up"
SET_UP = "auth:second"
_OPEN_IN_VIEW = frozenset({"staff:view_end", "auth:logout", "web:language", "web:mode"})
_PRIVATE = text(
    "web.viewing.private", "This page is the customer's own: it is closed to you while you see pages as they do."
)
_NO_RIGHT = text("web.guard.no_right", "Your role does not allow this. Ask an administrator for the right to it.")
_VIEW_IS_OVER = text(
    "web.viewing.over", "The time of this view is over. Open the customer's card at the desk to begin anew."
)
STEP_UP_LASTS = timedelta(minutes=10)
Verdict = Literal["pass", "sign_in", "step_up", "set_up"]
Proof = Literal["", "any", "second"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What is known of who asks: the actor, the account of the path if it is theirs, their language, values for the chrome.

    `menu_account` is what the menu is about on pages that are about no account: the one they looked at last.
    `slots` are counts that cached chrome leaves open, such as {"unread": "3"}; leave out what is zero. `link` is the signed
    link a guest came by: then the account has the link's right alone, and nothing that tells whose it is.
    `first` is the route of a page that must be seen before others, "" for none: a document to agree to.
    `viewing`: the actor is of the company and sees pages as this customer; `view_is_over`: that time has run out.
    `closed` are modules that are not open to this account: for it they leave no trace.
    """

    actor: Actor = ANONYMOUS
    account: AccountRef | None = None
    menu_account: AccountRef | None = None
    locale: str = ""
    first: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    link: GuestLink | None = None
    viewing: Viewing | None = None
    view_is_over: bool = False
    closed: frozenset[str] = frozenset()


class LinkGone(PortalError):
    """A signed link opens nothing: the same answer for one that never was, ran out, was taken back or is for something else."""

    def __init__(self) -> None:
        message = text("web.link.gone", "This link was used already, or its time is over. Ask for a new one.")
        super().__init__("link_gone", message, 410)


class SwitchedOff(Forbidden):
    """The person's role has this right, but it was switched off for them: by an owner of the account, or by themself."""

    def __init__(self, *, by_self: bool) -> None:
        own = text("web.error.off_own", "You switched this off for yourself. Your settings switch it on again.")
        other = text(
            "web.error.off", "This is switched off for you by an owner of the account. Ask them if you need it."
        )
        super().__init__("switched_off", own if by_self else other)


class NotVerified(Forbidden):
    """The person's role has this right, but it waits until it is proved better that the account is theirs."""

    def __init__(self) -> None:
        message = text(
            "web.error.level",
            "This opens after one more proof that the account is yours: a code from a paper bill or from a letter, or a"
            " visit to the office with a passport.",
        )
        super().__init__("not_verified", message)


class Guard(Protocol):
    """Port filled by auth: tells who is asking, in one statement, on `request.db`."""

    def authenticate(self, request: Request, policy: Policy) -> Grant:
        """Return who asks. With `policy.on == "account"` also the account named by `request.path_params["account"]`,
        found through the actor's memberships, or None when it is absent, foreign or revoked.
        """
        ...


class NoToken(Problem):
    """A call of the API came without a token, or with one that is not good (RFC 6750)."""

    def __init__(self, message: Text | None = None) -> None:
        missing = text("web.token.missing", "Send the token of your system: the header Authorization: Bearer TOKEN.")
        bearer = 'Bearer realm="api"' + (', error="invalid_token"' if message else "")
        super().__init__("token", message or missing, 401, headers={"www-authenticate": bearer})


class TokenReader(Protocol):
    """Port filled by api: tells who calls by a token."""

    def read(self, request: Request) -> Actor:
        """Return the system or the customer whose token the request carries, its scopes in `permissions`. Raises NoToken."""
        ...


class DeskGate(Protocol):
    """Port filled by staff: where the desk is opened."""

    def is_open(self, request: Request) -> bool:
        """Whether the desk is open to where this request comes from and to the host it asks."""
        ...


def judge_view(bound: Bound, method: str, grant: Grant) -> None:
    """Judge what a view as the customer may ask for, before the policy is judged. Raises Forbidden.

    Whatever may change something is closed, on pages of the company too, but for ending the view and signing out; and whatever
    is about how the customer proves who they are.
    """
    policy = bound.policy
    if grant.view_is_over and policy.who == "customer":
        raise Forbidden("view_is_over", _VIEW_IS_OVER)
    if grant.viewing is None or bound.name in _OPEN_IN_VIEW:
        return
    if method not in SAFE_METHODS or bound.spec.kind == "action":
        raise Forbidden("viewing", ONLY_LOOKING)
    if _is_private(bound):
        raise Forbidden("viewing_private", _PRIVATE)


def _is_private(bound: Bound) -> bool:
    policy = bound.policy
    if policy.who == "customer":
        return policy.private or policy.step_up not in ("", "payment") or bound.module == "auth"
    return policy.who == "person"


def judge(policy: Policy, grant: Grant, now: datetime) -> Verdict:
    """Judge a policy: pass, or which page must come first.

    Raises NotFound for what is not theirs to know of, Forbidden for what they know but may not do.
    """
    actor = grant.actor
    if policy.who == "anyone":
        return "pass"
    if policy.who == "guest":
        return _judge_link(policy, grant)
    if actor.kind == "anonymous":
        if policy.who in ("system", "caller"):
            raise NoToken
        return "sign_in"
    if policy.who == "caller":
        return _judge_call(policy, grant)
    if policy.who not in (actor.kind, "person"):
        raise NotFound
    _judge_rights(policy, grant)
    if policy.who != "person" and lacks_second(actor):
        return "set_up"
    return "step_up" if proof_wanted(actor, policy.step_up, now) else "pass"


def lacks_second(actor: Actor) -> bool:
    """Whether a second factor is asked of them at entry and their session has none: they have not set one up, or it began before
    it was asked for. Only their own settings are open to them."""
    return "entry" in actor.asks and actor.second_at is None


def proof_wanted(actor: Actor, purpose: StepUp | Purpose, now: datetime) -> Proof:
    """Return which fresh proof must come before something done for `purpose`: "" none, any, or one by the second factor.

    Who has a second factor and chose the purpose (or whose company did) proves with it, others with any; a payment is asked of
    those alone who chose it. "second" is chosen by all: what touches the second factor itself.
    """
    if not purpose:
        return ""
    chosen = purpose == "second" or purpose in actor.asks
    if chosen and actor.has_second:
        return "" if _is_fresh(actor.second_at, now) else "second"
    if purpose == "payment" and not chosen:
        return ""
    return "" if _is_fresh(actor.stepped_up_at, now) else "any"


def _judge_link(policy: Policy, grant: Grant) -> Verdict:
    if grant.link is None or grant.account is None or policy.action not in grant.account.rights:
        raise LinkGone
    return "pass"


def _judge_call(policy: Policy, grant: Grant) -> Verdict:
    """A token without the scope is told so before anything is looked for; of accounts, what is not reached is not there."""
    if policy.scope not in grant.actor.permissions:
        raise Forbidden("scope", text("web.token.scope", "This token is not good for %(scope)s.", scope=policy.scope))
    if policy.on == "account" and grant.account is None:
        raise NotFound("not_found", text("web.token.no_account", "This token reaches no such account."))
    if (
        grant.account is not None
        and grant.actor.kind == "customer"
        and policy.action not in ("", *grant.account.rights)
    ):
        raise _why(policy.action, grant.account)
    return "pass"


def _judge_rights(policy: Policy, grant: Grant) -> None:
    if policy.on == "account":
        if grant.account is None:
            raise NotFound
        if policy.action and policy.action not in grant.account.rights:
            raise _why(policy.action, grant.account)
    elif policy.who in ("staff", "system") and policy.action not in grant.actor.permissions:
        raise Forbidden(message=_NO_RIGHT) if policy.who == "staff" else Forbidden()


def _why(action: str, account: AccountRef) -> Forbidden:
    """Return why a right is missing, as far as its role would have it."""
    if action in account.refused or action in account.abstained:
        return SwitchedOff(by_self=action not in account.refused)
    return NotVerified() if action in account.withheld else Forbidden()


def _is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    return proved_at is not None and timedelta(0) <= now - proved_at <= STEP_UP_LASTS
