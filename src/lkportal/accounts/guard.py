"""Who is asking, found out once for each request: cookie -> session, person, account and memberships in one statement.
The statements stand in grants; sessions are begun and ended in auth; policies are judged by the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection

from lkportal.accounts import grants
from lkportal.accounts.contract import Duties, Reached, UnreadCount
from lkportal.accounts.desk import viewing
from lkportal.accounts.directory import Directory
from lkportal.accounts.guests import links
from lkportal.accounts.roles import Levels, roles_of
from lkportal.auth import sessions
from lkportal.auth.origins import network_of
from lkportal.auth.settings import AuthSettings, demanded
from lkportal.core.clock import Clock
from lkportal.core.contributions import GuestPurpose, MenuItem
from lkportal.core.db import Database
from lkportal.core.errors import NotFound
from lkportal.core.ids import token_hash
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef, Permission, Policy
from lkportal.core.ports import Ports
from lkportal.core.registry.rollouts import Opening, without
from lkportal.web.cookies import SESSION, read_cookie
from lkportal.web.trust.guard import DeskGate, Grant, TokenReader

if TYPE_CHECKING:
    from lkportal.web.request import Request

_LONGEST_TOKEN = 100
_FOLLOW_SECONDS = 3.0


class Registry(Protocol):
    """What the guard reads of the registry."""

    @property
    def permissions(self) -> Mapping[str, Permission]: ...
    @property
    def guest_purposes(self) -> Mapping[str, GuestPurpose]: ...
    @property
    def installed(self) -> tuple[Module, ...]: ...
    @property
    def menu(self) -> tuple[MenuItem, ...]: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def opening(self) -> Opening: ...
    def is_on(self, module: str) -> bool: ...


class Portal(Protocol):
    """What the guard needs of the portal it serves."""

    @property
    def registry(self) -> Registry: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def database(self) -> Database: ...
    @property
    def ports(self) -> Ports: ...
    def settings_of(self, module: str) -> Any: ...
    def see_version(self, version: int) -> None: ...
    def follow(self) -> None: ...


class MemberGuard:
    """Fills the port Guard. One for each registry: rights of roles are worked out when it is made."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._settings: AuthSettings = portal.settings_of("auth")
        self._demanded = {kind: demanded(kind, self._settings) for kind in ("customer", "staff")}
        self._registry = portal.registry
        self._permissions = self._registry.permissions
        gates = portal.settings_of("accounts").claim.levels
        self._levels = Levels(roles_of(portal.registry).rights, gates)
        self._uses = {item.route: item.used for item in portal.registry.menu if item.used is not None}
        self._statements: grants.Statements | None = None
        self._duties: Duties | None = None
        self._followed = monotonic()

    def authenticate(self, request: Request, policy: Policy) -> Grant:
        """Return who asks, with the account of the path when the policy is about one and it is theirs."""
        return self._opened(request, policy, self._known(request, policy))

    def _known(self, request: Request, policy: Policy) -> Grant:
        if policy.who == "staff" and not self._desk_is_open(request):
            raise NotFound
        if policy.who == "guest":
            return self._guest(request)
        if policy.who in ("system", "caller"):
            return self._called(request, policy)
        if policy.who == "anyone" and request.route.spec.kind == "api":
            return Grant()
        token = read_cookie(request, request.site, SESSION)
        if not 0 < len(token) <= _LONGEST_TOKEN:
            self._follow(request)
            return Grant()
        now, statements, hashed = self._portal.clock.now(), self._prepared(), token_hash(token)
        wanted = str(request.path_params["account"]) if policy.on == "account" else ""
        if wanted:
            rows = statements.person_and_account(request.db, hashed, now, wanted)
        else:
            rows = statements.person_and_last(request.db, hashed, now)
        if not rows:
            return Grant()
        if rows[0].kind == "staff" and not self._desk_is_open(request):
            return Grant()
        self._portal.see_version(rows[0].overlay_version)
        grant = self._grant(rows, request.db, wanted)
        if rows[0].viewing_until is not None:
            view = viewing.Viewed(statements, request.db, hashed, now, self._levels, [*self._uses])
            grant = view.grant(grant, policy, wanted)
        if wanted and grant.account is None and grant.viewing is None:
            last = grants.account_ref(statements.person_and_last(request.db, hashed, now), self._levels, [*self._uses])
            grant = replace(grant, menu_account=last)
        self._refuse_switched_off(request.route.module)
        self._remember(request, rows[0], grant.account, now)
        return grant

    def _guest(self, request: Request) -> Grant:
        """Return a guest with the one account and right of their link; whoever is signed in besides does not matter here."""
        token = str(request.path_params["token"])
        purposes = self._registry.guest_purposes
        if not 0 < len(token) <= _LONGEST_TOKEN:
            return Grant()
        found = links.opened(request.db, token, self._portal.clock.now(), purposes)
        self._follow(request)
        self._refuse_switched_off(request.route.module)
        if found is None:
            return Grant()
        actor, account, link = found
        return Grant(actor=actor, account=account, link=link)

    def _called(self, request: Request, policy: Policy) -> Grant:
        """Return who calls, known by a token alone: a session does not open the API. Customers reach by it what they reach on
        the pages, systems of the company every account."""
        reader = self._portal.ports.find(TokenReader)  # type: ignore[type-abstract]
        self._follow(request)
        self._refuse_switched_off(request.route.module)
        if reader is None:
            return Grant()
        actor = reader.read(request)
        if policy.on != "account":
            return Grant(actor=actor)
        wanted = str(request.path_params["account"])
        if actor.kind == "system":
            found = self._portal.ports.get(Directory).by_public_id(request.db, wanted)
        else:
            reached = self._portal.ports.get(Reached)  # type: ignore[type-abstract]
            found = next(iter(reached.having(request.db, actor.id or 0, "", [wanted])), None)
        return Grant(actor=actor, account=found)

    def _follow(self, request: Request) -> None:
        """See, every few seconds, whether something was published: a process that only strangers visit must follow too."""
        moment = monotonic()
        if moment - self._followed > _FOLLOW_SECONDS:
            self._followed = moment
            request.after_answer(self._portal.follow)

    def _desk_is_open(self, request: Request) -> bool:
        gate = self._portal.ports.find(DeskGate)  # type: ignore[type-abstract]
        return gate is None or gate.is_open(request)

    def _refuse_switched_off(self, module: str) -> None:
        """Refuse a page whose module went off since its route was found: the request that notices is the first without it."""
        live = self._portal.registry
        if live is not self._registry and self._registry.is_on(module) and not live.is_on(module):
            raise NotFound

    def _opened(self, request: Request, policy: Policy, grant: Grant) -> Grant:
        """Take from a grant what is not open to its account, and refuse pages of it. The live registry tells: the request that
        notices a change is the first to be judged by it."""
        opening = self._portal.registry.opening
        if not opening.partial or grant.actor.kind in ("staff", "system"):
            return grant
        about = grant.account or grant.menu_account
        closed = opening.closed(about.public_id if about else "", staff=bool(grant.actor.behind))
        if request.route.module in closed and (policy.who == "caller" or request.route.spec.kind != "api"):
            raise NotFound
        return replace(
            grant,
            account=_narrowed(grant.account, closed),
            menu_account=_narrowed(grant.menu_account, closed),
            closed=closed,
        )

    def _grant(self, rows: Sequence[Any], connection: Connection, wanted: str) -> Grant:
        row = rows[0]
        permissions: frozenset[str] = frozenset()
        if row.kind == "staff":
            # The live matrix: the request that notices a change of it is the first to be judged by it.
            permissions = grants.staff_permissions(connection, row.id, self._portal.registry.permissions)
        account = grants.account_ref(rows, self._levels, [*self._uses])
        return Grant(
            actor=grants.actor(row, permissions, self._demanded.get(row.kind, frozenset())),
            account=account if wanted else None,
            menu_account=account,
            locale=row.locale,
            first=self._first(row),
            slots=_slots(row),
        )

    def _first(self, row: Any) -> str:
        """Return the page a customer must see before others: -1 says that nothing is asked of anybody."""
        if row.done < 0 or row.kind != "customer" or self._duties is None or not self._duties.due(row.done):
            return ""
        return self._duties.route

    def _prepared(self) -> grants.Statements:
        if self._statements is None:
            unread = self._portal.ports.find(UnreadCount)  # type: ignore[type-abstract]
            self._duties = self._portal.ports.find(Duties)  # type: ignore[type-abstract]
            self._statements = grants.Statements(unread, self._duties, list(self._uses.values()))
        return self._statements

    def _remember(self, request: Request, row: Any, account: AccountRef | None, now: datetime) -> None:
        """After the answer, note that the session was seen and which account it looked at: at most every five minutes."""
        last = account.id if account else row.last_account_id
        if last == row.last_account_id and now - row.seen_at < sessions.TOUCH_EVERY:
            return
        idle, _ = sessions.limits(row.kind, self._settings)
        database, network = self._portal.database, network_of(request)
        request.after_answer(partial(sessions.touch, database, row.session_id, now, idle, network, last))


def _narrowed(account: AccountRef | None, closed: frozenset[str]) -> AccountRef | None:
    if account is None or not closed:
        return account
    kept = (without(each, closed) for each in (account.rights, account.withheld, account.refused, account.abstained))
    rights, withheld, refused, abstained = kept
    return replace(account, rights=rights, withheld=withheld, refused=refused, abstained=abstained)


def _slots(row: Any) -> dict[str, str]:
    slots = {"unread": str(row.unread)} if row.unread else {}
    return slots | {"first_visit": "1"} if row.first_visit and row.kind == "customer" else slots
