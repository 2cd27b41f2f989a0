"""What a visitor of the walk should be answered and may be told: judged from policies, roles and owners as plain data, without
asking the guard or the queries that are on trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from httpx2 import Response

from lkportal.api.rest.scopes import Scopes
from lkportal.core.policy import Actor
from lkportal.testing.canaries import IDENTITIES, Canary, Owner
from lkportal.testing.town import Person, Town
from lkportal.web.routing import SAFE_METHODS, Bound

Verdict = Literal["open", "pass", "sign_in", "forbidden", "not_found", "gone"]
REFUSED = frozenset({"forbidden", "not_found", "sign_in"})
_SESSIONS = "auth_sessions"
_CONTACTS = frozenset({"login", "email", "recipient"})
# An answer to a form that was let in: done, led on, or told what is wrong with it.
_ACCEPTED = frozenset({200, 201, 202, 204, 302, 303, 400, 409, 410, 413, 415, 422, 429, 503})
_SHOWN = frozenset({200, 204, 302, 303, 304, 307, 308, 410, 503})


@dataclass(frozen=True, slots=True)
class Sample:
    """A value for a param of a path. `owners` empty: it belongs to nobody (a gateway's name, a secret, an id of nothing).

    `exists` False: nobody finds anything there.
    """

    value: str
    owners: frozenset[Owner] = field(default=frozenset())
    exists: bool = True


def expected(town: Town, person: Person, bound: Bound, values: Mapping[str, Sample]) -> Verdict:
    """Return what the policy of a route means for this person and these objects."""
    policy = bound.policy
    if policy.who == "anyone":
        return "open"
    if policy.who == "guest":
        return "pass" if values["token"].exists else "gone"
    if not person.is_in or policy.who == "system" or (policy.who == "caller" and not has_program(person)):
        return "sign_in"  # nobody's session opens what is for systems and programs
    if policy.who == "caller" and policy.scope not in town.portal.ports.get(Scopes).of("customers"):
        return "forbidden"  # for systems alone
    if person.view is not None:
        return _of_view(town, person, person.view, bound, values)
    if policy.who not in (person.actor.kind, "person", "caller"):
        return "not_found"
    if policy.on == "account":
        refusal = _on_account(town, person, policy.action, values["account"])
        if refusal:
            return refusal
    elif policy.who == "staff" and policy.action not in town.staff_rights(person):
        return "forbidden"
    rest = {name: value for name, value in values.items() if not (policy.on == "account" and name == "account")}
    return "pass" if all(_is_theirs(person, bound, value, values) for value in rest.values()) else "not_found"


def has_program(person: Person) -> bool:
    """Whether a program of this person calls the API: customers who are in have one."""
    return person.is_in and person.actor.kind == "customer" and person.view is None and person.identity > 0


def _of_view(town: Town, person: Person, view: Person, bound: Bound, values: Mapping[str, Sample]) -> Verdict:
    """Somebody of the company who sees pages as a customer: they read, and read no secret; only the end is a form of theirs."""
    policy, own = bound.policy, replace(person, view=None, reach={})
    if bound.name == "staff:view_end":
        return expected(town, own, bound, values)
    if policy.who == "person" or bound.spec.kind == "action" or not SAFE_METHODS & set(bound.spec.methods):
        return "forbidden"
    if policy.who == "customer":
        secret = policy.private or bound.module == "auth" or policy.step_up not in ("", "payment")
        return "forbidden" if secret else expected(town, view, bound, values)
    return expected(town, own, bound, values)


def _on_account(town: Town, person: Person, action: str, account: Sample) -> Verdict | None:
    reached = [key for kind, key in account.owners if kind == "account" and key in person.reach]
    if not reached:
        return "not_found"
    if action and action not in town.rights(person, reached[0]):
        return "forbidden"
    return None


def _is_theirs(person: Person, bound: Bound, value: Sample, values: Mapping[str, Sample]) -> bool:
    if not value.exists:
        return False
    if bound.policy.who == "staff" or not value.owners:
        return True
    if bound.policy.on == "account":
        return bool(value.owners & values["account"].owners)
    mine = ("identity", person.actor.id)
    persons = {owner for owner in value.owners if owner[0] == "identity"}
    accounts = {key for kind, key in value.owners if kind == "account"}
    if persons:
        return mine in persons and accounts <= person.reach.keys()
    return bool(accounts & person.reach.keys())


def reader(person: Person, bound: Bound, values: Mapping[str, Sample]) -> Person | None:
    """Return who reads an answer: the person who is in, or, behind a signed link, a guest who may see its module alone."""
    if bound.policy.who != "guest":
        return person if person.is_in else None
    reach = {key: frozenset({"guest"}) for _, key in values["token"].owners}
    return Person("guest", Actor("guest"), reach=reach, roles=frozenset({bound.policy.action.partition(".")[0]}))


def wrong(verdict: Verdict, method: str, answer: Response, *, elsewhere: bool = False) -> str:
    """Return what is wrong with an answer, or "" when it is what the verdict asks for.

    What names things `elsewhere` (an empty form, the example of a call) may be told that they are not there.
    """
    status = answer.status_code
    if verdict == "sign_in":
        led = status == 303 and answer.headers.get("location", "").partition("?")[0].endswith("/login")
        return "" if led or status == 401 else f"answers {status} instead of leading to the sign-in"
    if verdict == "forbidden":
        return "" if status == 403 else f"answers {status} instead of 403"
    if verdict == "not_found":
        return "" if status == 404 else f"answers {status} instead of 404"
    if verdict == "gone":
        return "" if status == 410 else f"answers {status} instead of 410"
    if verdict == "open":
        return "" if status < 500 or status == 503 else f"fails with {status}"
    if elsewhere and status == 404:
        return ""
    fine = status in (_SHOWN if method in SAFE_METHODS else _ACCEPTED)
    return "" if fine else f"answers {status} to somebody who may"


def may_see(town: Town, person: Person, canary: Canary) -> bool:
    """Whether a canary may stand in what this person is shown or sent."""
    if person.actor.kind == "guest":
        return canary.module in person.roles and any(key in person.reach for _, key in canary.owners)
    if person.view is not None and may_see(town, person.view, canary):
        return True
    if person.actor.kind == "staff":
        return _staff_may_see(town, person, canary)
    if ("identity", person.actor.id) in canary.owners:
        return True
    if canary.table == IDENTITIES:
        return canary.column not in _CONTACTS and _share_an_account(town, person, canary)
    return any(
        right.partition(".")[0] == canary.module
        for _, account in canary.owners
        for right in town.rights(person, account)
    )


def _staff_may_see(town: Town, person: Person, canary: Canary) -> bool:
    rights = town.staff_rights(person)
    if ("identity", person.actor.id) in canary.owners:
        return True
    if canary.table == IDENTITIES and _is_staffs(town, canary):
        return (
            bool({"staff.roles", "accounts.find"} & rights)
            if canary.column not in _CONTACTS
            else "staff.roles" in rights
        )
    if canary.table == _SESSIONS:
        return ("staff.people" if _is_staffs(town, canary) else "staff.sessions") in rights
    if canary.table == IDENTITIES:
        return ("accounts.contacts" if canary.column in _CONTACTS else "accounts.find") in rights
    return any(right.partition(".")[0] == canary.module for right in rights)


def _is_staffs(town: Town, canary: Canary) -> bool:
    return any(("identity", other.identity) in canary.owners and other.actor.kind == "staff" for other in town.people)


def _share_an_account(town: Town, person: Person, canary: Canary) -> bool:
    """People of one account see in its history who did what, by name."""
    keys = {key for kind, key in canary.owners if kind == "identity"}
    return any(other.identity in keys and other.joined & person.reach.keys() for other in town.people)
