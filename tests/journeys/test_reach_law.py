"""Who reaches what is asked in many statements; each of them says what a slow and obvious reading of the rows says, whatever
memberships there are: of accounts, groups and organisations, taken back, run out, narrowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from lkportal.accounts import grants, queries
from lkportal.accounts.contract import CUSTOMER_ROLES
from lkportal.accounts.directory import Directory
from lkportal.accounts.models import Abstention, Account, Group, GroupAccount, Membership
from lkportal.accounts.reached import Reachable
from lkportal.accounts.roles import Levels, Roles
from lkportal.auth import sessions
from lkportal.auth.models import Identity
from lkportal.auth.settings import AuthSettings
from lkportal.core.db import Database
from lkportal.core.ids import public_id, token_hash
from lkportal.core.policy import AccountRef, Actor
from lkportal.notify import queries as notices
from lkportal.notify.models import Message
from lkportal.staff import queries as desk
from lkportal.staff.wanted import understand
from lkportal.testing.world import NOON, World, new_world

DAY = timedelta(days=1)
RIGHTS = {
    "owner": {"see", "manage", "pay"}, "payer": {"see", "pay"}, "reader": {"see", "send"}, "accountant": {"see"}, "signer": {"sign"},
}  # fmt: skip
ROLES = Roles({role: frozenset(rights) for role, rights in RIGHTS.items()}, {}, {})


@dataclass
class Given:
    """One membership: whose, which scope and which of it, in which role."""

    person: int
    scope: str
    which: int
    role: str
    revoked: bool
    expires: int | None
    without: str


@dataclass
class Village:
    """Three people, four accounts, two organisations, three groups. The third group is a person's own."""

    world: World
    people: list[Actor] = field(default_factory=list)
    accounts: list[AccountRef] = field(default_factory=list)
    organisations: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


@pytest.fixture
def village(database: Database) -> Village:
    """The village on both databases."""
    made = Village(new_world(database))
    made.organisations = [made.world.organisation(name) for name in ("Mill", "Bakery")]
    made.accounts = [made.world.account(f"1000{n}") for n in range(4)]
    made.people = [made.world.customer(f"person{n}@example.org") for n in range(3)]
    with made.world.unit() as db:
        keepers: list[dict[str, Any]] = [{"organisation_id": each} for each in made.organisations]
        for keeper in (*keepers, {"identity_id": made.people[0].id}):
            group = Group(name="group", created_at=NOON, **keeper)
            db.add(group)
            db.flush()
            made.groups.append(group.id)
        for person in made.people:
            made.tokens.append(_session(db, person))
            for account in made.accounts:
                values = {"identity_id": person.id, "account_id": account.id, "event_id": public_id(), "notice": "n"}
                db.add(Message(topic="t", template="x", route="", facts={}, created_at=NOON, **values))
    return made


def _session(db: Any, person: Actor) -> str:
    return sessions.begin(db, person.id or 0, "customer", sessions.Origin(), AuthSettings()).token


memberships = st.builds(
    Given,
    st.integers(0, 2),
    st.sampled_from(["account", "organisation", "group"]),
    st.integers(0, 3),
    st.sampled_from(CUSTOMER_ROLES),
    st.sampled_from([False, False, False, True]),
    st.sampled_from([None, None, None, -1, 0, 1]),
    st.sampled_from(["", "", "pay", "pay send"]),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    given_=st.lists(memberships, max_size=8, unique_by=lambda m: (m.person, m.scope, m.which % _most(m.scope), m.role)),
    homes=st.lists(st.integers(-1, 1), min_size=4, max_size=4),
    entries=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=8),
    abstained=st.sampled_from(["", "pay"]),
)
def test_every_statement_reads_memberships_alike(
    village: Village, given_: list[Given], homes: list[int], entries: set[tuple[int, int]], abstained: str
) -> None:
    _settle(village, given_, homes, entries, abstained)
    reached = {
        (person, account): [
            each for each in given_ if each.person == person and _reaches(each, account, homes, entries)
        ]
        for person in range(3)
        for account in range(4)
    }
    with village.world.database.reading() as db:
        for (person, account), through in reached.items():
            _agrees_on(village, db, person, account, through, abstained if person == 0 else "")
        for person in range(3):
            _agrees_for(village, db, person, [account for account in range(4) if reached[person, account]], reached)


def _most(scope: str) -> int:
    return {"account": 4, "organisation": 2, "group": 3}[scope]


def _reaches(each: Given, account: int, homes: list[int], entries: set[tuple[int, int]]) -> bool:
    if each.revoked or (each.expires is not None and each.expires <= 0):
        return False
    which = each.which % _most(each.scope)
    if each.scope == "account":
        return which == account
    if each.scope == "organisation":
        return homes[account] == which
    return (which, account) in entries and (which == 2 or homes[account] == which)


def _settle(
    village: Village, given_: list[Given], homes: list[int], entries: set[tuple[int, int]], abstained: str
) -> None:
    keys = {
        "account": [each.id for each in village.accounts],
        "organisation": village.organisations,
        "group": village.groups,
    }
    with village.world.unit() as db:
        for table in (Membership, GroupAccount, Abstention):
            db.execute(delete(table))
        for account, home in zip(village.accounts, homes, strict=True):
            owner = village.organisations[home] if home >= 0 else None
            db.execute(update(Account).where(Account.id == account.id).values(organisation_id=owner))
        for group, account_index in entries:
            owner = village.organisations[group] if group < 2 else None
            row = {
                "group_id": village.groups[group],
                "account_id": village.accounts[account_index].id,
                "organisation_id": owner,
            }
            db.execute(insert(GroupAccount), row)
        for each in given_:
            db.add(
                Membership(
                    identity_id=village.people[each.person].id,
                    role=each.role,
                    created_at=NOON,
                    revoked_at=NOON if each.revoked else None,
                    expires_at=None if each.expires is None else NOON + each.expires * DAY,
                    without=each.without,
                    **{f"{each.scope}_id": keys[each.scope][each.which % _most(each.scope)]},
                )
            )
        if abstained:
            db.add(Abstention(identity_id=village.people[0].id, without=abstained, changed_at=NOON))


def _agrees_on(village: Village, db: Any, person: int, account: int, through: list[Given], abstained: str) -> None:
    """The session, the directory and the roles of one person in one account."""
    actor, ref = village.people[person], village.accounts[account]
    roles = {each.role for each in through}
    refused = {name for each in through for name in each.without.split()} | set(abstained.split())
    allowed = set().union(*(RIGHTS[role] for role in roles)) - refused
    rows = grants.Statements().person_and_account(db, token_hash(village.tokens[person]), NOON, ref.public_id)
    found = grants.account_ref(rows, Levels(ROLES.rights, {}))
    assert (found is not None) == bool(through)
    assert found is None or found.rights == allowed
    assert queries.held(db, actor.id or 0, NOON, [ref.id]).get(ref.id, queries.Held()).roles == roles
    directory = Directory(ROLES, village.world.clock)
    assert (actor.id in [each.identity_id for each in directory.members(db, ref.id)]) == bool(through)
    for right in ("see", "pay", "send", "manage", "sign"):
        told = [each.identity_id for each in directory.members(db, ref.id, right)]
        assert (actor.id in told) == (right in allowed)
        assert len(told) == len(set(told))
    people = [row.public_id for row in desk.people(db, ref.id, NOON, 50)]
    assert people.count(actor.public_id) == len(through)


def _agrees_for(
    village: Village, db: Any, person: int, accounts: list[int], reached: dict[tuple[int, int], list[Given]]
) -> None:
    """The lists of one person: accounts, the switcher, notices, what the desk finds by their login."""
    actor, keys = village.people[person], {village.accounts[each].id for each in accounts}
    _agrees_at_once(village, db, actor, accounts)
    pairs = {(row.id, row.role) for row in queries.some(db, actor.id or 0, NOON, 100)}
    assert pairs == {(village.accounts[a].id, each.role) for a in accounts for each in reached[person, a]}
    listed = [row.id for row in queries.by_title(db, actor.id or 0, NOON, 100)]
    assert (set(listed), len(listed)) == (keys, len(keys))
    entries = notices.recent(db, actor.id or 0, NOON, 100)
    assert {row.account for row in entries} == {village.accounts[each].public_id for each in accounts}
    unread = select(notices.Unread().column(_identities().c.id)).where(_identities().c.id == actor.id)
    assert db.execute(unread, {"now": NOON}).scalar_one() == len(accounts)
    wanted = understand(actor.login)
    assert {row.id for row in desk.exactly(db, wanted, NOON, 100)} == keys
    lonely = [row.public_id for row in desk.without_account(db, wanted, NOON, 10, contacts=True)]
    holds = any(not e.revoked and (e.expires is None or e.expires > 0) for e in _of(village, db, actor))
    assert (actor.public_id in lonely) != holds


def _agrees_at_once(village: Village, db: Any, actor: Actor, accounts: list[int]) -> None:
    """What asks for many accounts at once says what is said of each of them."""
    directory = Directory(ROLES, village.world.clock)
    keys, names = [each.id for each in village.accounts], [each.public_id for each in village.accounts]
    for right in ("see", "pay"):
        one_by_one = {key: directory.members(db, key, right) for key in keys}
        told = {ref.id: members for ref, members in directory.people(db, keys, right)}
        assert told == {key: members for key, members in one_by_one.items() if members}
        having = Reachable(directory, village.world.clock).having(db, actor.id or 0, right, names)
        mine = {key for key, members in one_by_one.items() if actor.id in [each.identity_id for each in members]}
        assert ({each.id for each in having}, len(having)) == (mine, len(mine))
        assert all(right in each.rights for each in having)
    everybody = {ref.id for ref, members in directory.people(db, keys) if actor.id in [m.identity_id for m in members]}
    assert everybody == {village.accounts[each].id for each in accounts}
    assert Reachable(directory, village.world.clock).having(db, actor.id or 0, "see", []) == []


def _of(village: Village, db: Any, actor: Actor) -> list[Given]:
    rows = db.execute(select(Membership.revoked_at, Membership.expires_at).where(Membership.identity_id == actor.id))
    days = [
        (row.revoked_at is not None, None if row.expires_at is None else (row.expires_at - NOON).days) for row in rows
    ]
    return [Given(0, "", 0, "", revoked, expires, "") for revoked, expires in days]


def _identities() -> Any:
    return Identity.__table__
