"""A small town for the proof that nobody sees what is others': accounts of one person, of a company, of a stranger; people in
every role, members of before, staff of every role. What each may is told here in plain data, apart from the portal's own SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from lkportal.accounts.claims import codes as proof_codes
from lkportal.accounts.contract import CUSTOMER_ROLES, STAFF_ROLES
from lkportal.accounts.guests.links import LinkMaker
from lkportal.accounts.models import Account, Group, GroupAccount, Invitation, Membership, Organisation, Premise
from lkportal.app import Portal
from lkportal.auth import sessions
from lkportal.auth.models import Identity, Passkey, Session
from lkportal.core.clock import Clock
from lkportal.core.ids import token_hash
from lkportal.core.policy import ANONYMOUS, AccountRef, Actor, Permission
from lkportal.core.unit import open_unit
from lkportal.testing.canaries import Canaries, Owner, plant
from lkportal.testing.world import World

ACCOUNT_NAMES = ("own", "also own", "company", "company too", "stranger's")
Plant = Callable[["Town", AccountRef], None]


@dataclass(frozen=True)
class Person:
    """One visitor of the walk. `reach` are the roles on accounts by their id; `roles` those of staff; no token: anonymous.

    `identity` is the row of those who are, or were, somebody; `joined` are the accounts they ever reached. `is_out`: their
    session was ended, though letters still come to them. `view` is the customer whose pages somebody of the company sees.
    """

    title: str
    actor: Actor
    token: str = ""
    reach: Mapping[int, frozenset[str]] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    identity: int = 0
    joined: frozenset[int] = frozenset()
    is_out: bool = False
    view: Person | None = None

    @property
    def is_in(self) -> bool:
        """Whether this person is signed in as far as the portal should know."""
        return self.actor.kind != "anonymous" and not self.is_out

    @property
    def owns(self) -> frozenset[Owner]:
        """Whose things are theirs: their own and those of the accounts they reach."""
        return frozenset({("identity", self.identity), *(("account", key) for key in self.reach)})


@dataclass
class Town:
    """The town with its canaries. `plants` put rows of modules onto each account before the canaries are planted; `links` are
    tokens of signed links by the right they give, each with its account."""

    portal: Portal
    world: World
    canaries: Canaries = field(default_factory=Canaries)
    accounts: dict[str, AccountRef] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    organisation: int = 0
    group: int = 0
    own_group: int = 0
    links: dict[str, list[tuple[AccountRef, str]]] = field(default_factory=dict)

    def rights(self, person: Person, account: int) -> frozenset[str]:
        """Return what a person may do on an account, by the roles that modules declared their permissions for."""
        roles = person.reach.get(account, frozenset())
        return frozenset(name for name, each in self._permissions.items() if roles & set(each.roles))

    def staff_rights(self, person: Person) -> frozenset[str]:
        """Return what a person of the company may do, as modules declare it and portal.toml says it anew."""
        named = self.portal.settings_of("staff").roles
        declared = [each for module in self.portal.registry.modules for each in module.permissions]
        found: set[str] = set()
        for role in person.roles:
            own = named[role].rights if role in named else None
            found |= {each.name for each in declared if (role in each.staff if own is None else each.name in own)}
        return frozenset(found)

    def names(self) -> dict[Owner, str]:
        """Return the name of every owner, for reports."""
        names: dict[Owner, str] = {("account", account.id): name for name, account in self.accounts.items()}
        return names | {("identity", person.identity): person.title for person in self.people if person.identity}

    def readers(self) -> dict[str, Person]:
        """Return people by the address that letters to them go to."""
        with self.portal.database.reading() as connection:
            emails = {row.id: row.email for row in connection.execute(select(Identity.id, Identity.email))}
        return {emails[person.identity]: person for person in self.people if person.identity}

    def person(self, title: str) -> Person:
        """Return somebody by their title."""
        return next(person for person in self.people if person.title == title)

    @property
    def _permissions(self) -> Mapping[str, Permission]:
        return self.portal.registry.permissions


def build(portal: Portal, clock: Clock, plants: Mapping[str, Plant], codes: tuple[str, ...] = ()) -> Town:
    """Build the town: accounts, their rows, canaries, then people. `plants` are by module; each gets every account."""
    town = Town(portal, World(portal.database, clock, portal.ports))  # type: ignore[arg-type]
    _settle_accounts(town)
    for put in plants.values():
        for account in town.accounts.values():
            put(town, account)
    _settle_people(town)
    modules = [module.name for module in portal.registry.modules]
    with open_unit(portal.database, portal.unit_context("plant")) as db:
        plant(db, town.canaries, modules, codes)
    town.accounts = {name: _again(town, account) for name, account in town.accounts.items()}
    _sign_links(town)
    return town


def _settle_accounts(town: Town) -> None:
    with town.world.unit() as db:
        company = Organisation(name="company")
        db.add(company)
        db.flush()
        town.organisation = company.id
        premises = {name: Premise(address=name) for name in ACCOUNT_NAMES}
        db.add_all(premises.values())
        db.flush()
        places = {name: premise.id for name, premise in premises.items()}
    for number, name in enumerate(ACCOUNT_NAMES):
        changes: dict[str, Any] = {"premise_id": places[name], "holder": name}
        if name.startswith("company"):
            changes["organisation_id"] = town.organisation
        town.accounts[name] = town.world.account(f"10000{number}", **changes)
    _settle_invitations(town)


def _settle_invitations(town: Town) -> None:
    """Put an invitation that waits onto every account, and one account of the company into a group."""
    moment, too = town.world.clock.now(), town.accounts["company too"]
    with town.world.unit() as db:
        group = Group(name="group", organisation_id=town.organisation, created_at=moment)
        db.add(group)
        db.flush()
        town.group = group.id
        db.add(GroupAccount(group_id=group.id, account_id=too.id, organisation_id=town.organisation))
        for account in town.accounts.values():
            ends = moment + timedelta(days=14)
            invited = {"email": "invited@example.org", "role": "reader", "created_at": moment, "expires_at": ends}
            db.add(Invitation(account_id=account.id, **invited))


def _settle_people(town: Town) -> None:
    own, also, company, too, strangers = (town.accounts[name] for name in ACCOUNT_NAMES)
    _join(town, "owner", {own: "owner", also: "reader"})
    for role in CUSTOMER_ROLES[1:]:
        _join(town, role, {own: role})
    _keep_group(town, own)
    _join(town, "accountant of the company", {}, organisation=(company, too))
    _join(town, "member of one account of the company", {company: "owner"})
    _join(town, "stranger", {strangers: "owner"})
    _join(town, "reader of the other account of the company", {too: "reader"})
    _join(town, "accountant of a group", {}, group=(too,))
    _join(town, "member whose right ran out", {also: "owner"}, over=True)
    _join(town, "customer without accounts", {})
    _join(town, "member of before", {own: "owner"})
    _join(town, "person of before", {own: "owner"})
    _join(town, "session of before", {own: "owner"})
    for desk_role in dict.fromkeys((*STAFF_ROLES, *town.portal.settings_of("staff").roles)):
        _hire(town, desk_role, desk_role)
    _hire(town, "staff without a role")
    _hire(town, "operator viewing as the owner", "operator", view=town.person("owner"))
    _hand_out_keys(town)
    town.people.append(Person("anonymous", ANONYMOUS))


def _keep_group(town: Town, account: AccountRef) -> None:
    """Let the owner keep a group of their own with an account in it."""
    with town.world.unit() as db:
        group = Group(name="family", identity_id=town.person("owner").identity, created_at=town.world.clock.now())
        db.add(group)
        db.flush()
        town.own_group = group.id
        db.add(GroupAccount(group_id=group.id, account_id=account.id))


def _sign_links(town: Town) -> None:
    """Give out links of every purpose for every account; those of two are walked: whoever holds one is a guest there, whoever they
    are elsewhere. And let everybody ask for a code by post."""
    maker = town.portal.ports.get(LinkMaker)
    with open_unit(town.portal.database, town.portal.unit_context("links")) as db:
        for account in town.accounts.values():
            proof_codes.ask_letter(db, account.id, 0, town.world.clock.now())
        for purpose in maker.purposes.values():
            made = {name: (account, maker.token(db, purpose.name, account)) for name, account in town.accounts.items()}
            town.links.setdefault(purpose.right, []).extend(made[name] for name in ("own", "stranger's"))


def _hand_out_keys(town: Town) -> None:
    """Give everybody a passkey of no known domain: it opens nothing, its page is theirs alone."""
    moment = town.world.clock.now()
    with town.world.unit() as db:
        for person in town.people:
            key = token_hash(person.title)
            db.add(
                Passkey(
                    identity_id=person.identity, name=person.title, credential_hash=key, credential=key, public_key="",
                    sign_count=0, rp_id="nowhere.invalid", synced=False, created_at=moment,
                )
            )  # fmt: skip


def depart(town: Town) -> None:
    """Take from those "of before" what they had: a membership, the whole access, a session. They were told things until now."""
    moment = town.world.clock.now()
    changed = {person.title: person for person in town.people}
    member, person, session = (changed[f"{what} of before"] for what in ("member", "person", "session"))
    with town.world.unit() as db:
        db.execute(update(Membership).where(Membership.identity_id == member.actor.id).values(revoked_at=moment))
        db.execute(update(Identity).where(Identity.id == person.actor.id).values(disabled_at=moment))
        db.execute(update(Session).where(Session.identity_id == session.actor.id).values(revoked_at=moment))
    changed[member.title] = replace(member, reach={})
    changed[person.title] = replace(person, actor=ANONYMOUS, reach={})
    changed[session.title] = replace(session, is_out=True)
    town.people = list(changed.values())


def _join(
    town: Town,
    title: str,
    roles: Mapping[AccountRef, str],
    organisation: tuple[AccountRef, ...] = (),
    group: tuple[AccountRef, ...] = (),
    *,
    over: bool = False,
) -> None:
    login = f"{title.replace(' ', '.')}@example.org"
    where = town.organisation if organisation else None
    actor = town.world.customer(login, role="accountant", organisation=where)
    moment = town.world.clock.now()
    shared = {"identity_id": actor.id or 0, "created_at": moment, "expires_at": moment if over else None}
    with town.world.unit() as db:
        for account, role in roles.items():
            db.add(Membership(account_id=account.id, role=role, **shared))
        if group:
            db.add(Membership(group_id=town.group, role="accountant", **shared))
    reach = {} if over else {account.id: frozenset({role}) for account, role in roles.items()}
    reach |= {account.id: frozenset({"accountant"}) for account in (*organisation, *group)}
    town.people.append(
        Person(title, actor, _token(town, actor), reach, identity=actor.id or 0, joined=frozenset(reach))
    )


def _hire(town: Town, title: str, *roles: str, view: Person | None = None) -> None:
    actor = town.world.staff(f"staff.{title.replace(' ', '.')}@example.org", *roles)
    person = Person(f"staff: {title}", actor, _token(town, actor), roles=frozenset(roles), identity=actor.id or 0)
    if view is not None:
        until = town.world.clock.now() + timedelta(hours=1)
        with town.world.unit() as db:
            values = {"viewing_identity_id": view.identity, "viewing_until": until}
            db.execute(update(Session).where(Session.identity_id == person.identity).values(values))
        person = replace(person, view=view, reach=view.reach)
    town.people.append(person)


def _token(town: Town, actor: Actor) -> str:
    with open_unit(town.portal.database, town.portal.unit_context("town")) as db:
        origin = sessions.Origin("browser", "203.0.113.0")
        return sessions.begin(db, actor.id or 0, actor.kind, origin, town.portal.settings_of("auth")).token


def _again(town: Town, account: AccountRef) -> AccountRef:
    """Return an account as it reads after the canaries were planted."""
    with town.portal.database.reading() as connection:
        row = connection.execute(select(Account.number, Account.title).where(Account.id == account.id)).one()
    return replace(account, number=row.number, title=row.title)
