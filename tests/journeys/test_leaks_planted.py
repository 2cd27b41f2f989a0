"""The proof of the leaks on trial: faults that programmers really make, planted one by one in the guard, the queries, the answers.
Each must turn the walk red. More stand in test_leaks."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from starlette.responses import Response

from lkportal.accounts import queries as accounts_queries
from lkportal.accounts.guard import MemberGuard
from lkportal.accounts.models import Account
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.databases.prepared import Prepared
from lkportal.core.policy import Policy
from lkportal.modules.payments import queries as payments_queries
from lkportal.notify import queries as notify_queries
from lkportal.testing import Mailbox, SandboxDriver, utility
from lkportal.testing.leaks import Prover
from lkportal.testing.town import Town, build, depart
from lkportal.web import Request, wrapper
from lkportal.web.cookies import SESSION, read_cookie
from lkportal.web.trust.guard import Grant

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
Change = Callable[[Grant], Grant]


@pytest.fixture
def town(gateway: SandboxDriver, portal: Portal, clock: MovableClock, mailbox: Mailbox) -> Town:
    """The town of the utility, told of everything that happened."""
    made = build(portal, clock, utility.PLANTS, utility.CODES)
    utility.speak(made)
    return made


def problems(town: Town, *routes: str, people: tuple[str, ...] = ()) -> list[str]:
    """What the prover finds on these pages; `people` are those who walk, all of them by default."""
    if people:
        town.people = [person for person in town.people if person.title in people]
    return Prover(town, samples=utility.SAMPLES).walk(forms=False, only=routes).problems


def granting(patch: pytest.MonkeyPatch, change: Change) -> None:
    """Plant a change of what the guard says of everybody who asks."""
    real = MemberGuard.authenticate
    patch.setattr(MemberGuard, "authenticate", lambda self, request, policy: change(real(self, request, policy)))


def kept_rights(patch: pytest.MonkeyPatch) -> None:
    """Plant a cache: who was let in once is let in again, whatever became of them."""
    real, kept = MemberGuard.authenticate, dict[Any, Grant]()

    def authenticate(self: MemberGuard, request: Request, policy: Policy) -> Grant:
        key = read_cookie(request, request.site, SESSION), request.path_params.get("account"), policy.on
        if key not in kept:
            grant = real(self, request, policy)
            if grant.actor.kind == "anonymous":
                return grant
            kept[key] = grant
        return kept[key]

    patch.setattr(MemberGuard, "authenticate", authenticate)


def loose(statement: Any, *words: str) -> Any:
    """Return a statement without the conditions that hold any of these words."""
    made = copy(statement)
    made._where_criteria = tuple(
        each for each in statement._where_criteria if not any(word in str(each) for word in words)
    )
    assert len(made._where_criteria) < len(statement._where_criteria)
    return made


def rights_that_are_remembered(town: Town, patch: pytest.MonkeyPatch) -> None:
    """A stale membership, a disabled person, an ended session: all three. Comes last, for people really leave."""
    kept_rights(patch)
    assert problems(town, "accounts:home") == []
    depart(town)
    found = problems(town, "accounts:home")
    assert "GET accounts:home by member of before (account of own) answers 200 instead of 404" in found
    for who in ("person of before", "session of before"):
        assert f"GET accounts:home by {who} (account of own) answers 200 instead of leading to the sign-in" in found


def a_customer_role_that_may_everything(town: Town, patch: pytest.MonkeyPatch) -> None:
    everything = frozenset(town.portal.registry.permissions)
    granting(patch, lambda grant: replace(grant, account=grant.account and replace(grant.account, rights=everything)))
    assert "GET payments:bills by reader (account of own) answers 200 instead of 403" in problems(
        town, "payments:bills"
    )


def a_staff_role_that_may_everything(town: Town, patch: pytest.MonkeyPatch) -> None:
    everything = frozenset(town.portal.registry.permissions)
    granting(patch, lambda grant: replace(grant, actor=replace(grant.actor, permissions=everything)))
    found = problems(town, "staff:roles", "staff:customer")
    assert "GET staff:roles by staff: cashier answers 200 instead of 403" in found
    assert any("staff without a role" in each for each in found)


def a_role_of_staff_given_to_a_customer(town: Town, patch: pytest.MonkeyPatch) -> None:
    everything = frozenset(town.portal.registry.permissions)
    granting(patch, lambda grant: replace(grant, actor=replace(grant.actor, kind="staff", permissions=everything)))
    assert any(
        each.startswith("GET staff:customer by stranger")
        for each in problems(town, "staff:customer", people=("stranger",))
    )


def a_list_of_everybodys_accounts(town: Town, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(accounts_queries, "ALL", loose(accounts_queries.ALL, "membership"))
    found = problems(town, "accounts:list", people=("stranger",))
    assert any("by stranger shows accounts_accounts.title of" in each and "company" in each for each in found), found


def a_list_of_everybodys_bills(town: Town, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(payments_queries, "_BILLS", Prepared(loose(payments_queries.BILLS, ":account_id")))
    found = problems(town, "payments:bills", people=("stranger",))
    assert any("by stranger" in each and " shows payments_bills." in each for each in found), found


def a_list_of_everybodys_notices(town: Town, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notify_queries, "RECENT", loose(notify_queries.RECENT, ":identity_id"))
    found = problems(town, "notify:list", people=("stranger",))
    assert any("by stranger" in each and " shows " in each for each in found), found


def a_paper_of_somebody_elses_bill(town: Town, patch: pytest.MonkeyPatch) -> None:
    """The canaries stand inside a PDF, packed and in glyphs of a font."""
    patch.setattr(payments_queries, "_BILLS", Prepared(loose(payments_queries.BILLS, ":account_id")))
    found = problems(town, "payments:bill_paper", people=("stranger",))
    assert any("payments:bill_paper by stranger" in each and " shows payments_" in each for each in found), found


def a_number_that_can_be_counted_through(town: Town, patch: pytest.MonkeyPatch) -> None:
    real = MemberGuard.authenticate

    def authenticate(self: MemberGuard, request: Request, policy: Policy) -> Grant:
        asked = str(request.path_params.get("account", ""))
        if asked.isdigit():
            found = request.db.scalar(select(Account.public_id).where(Account.id == int(asked)))
            request.path_params["account"] = found or asked
        return real(self, request, policy)

    patch.setattr(MemberGuard, "authenticate", authenticate)
    found = problems(town, "accounts:home", people=("owner",))
    assert "GET accounts:home by owner (account of nobody) answers 200 instead of 404" in found


def an_answer_kept_for_all(town: Town, patch: pytest.MonkeyPatch) -> None:
    real, kept = wrapper._served, dict[str, Response]()

    def served(request: Request) -> Response:
        path = request.scope["path"]
        if path not in kept:
            kept[path] = real(request)
        return kept[path]

    patch.setattr(wrapper, "_served", served)
    found = problems(town, "accounts:settings", people=("owner", "stranger"))
    assert any("by stranger" in each and " shows auth_identities." in each for each in found), found


def a_name_in_a_header(town: Town, patch: pytest.MonkeyPatch) -> None:
    real, title = wrapper._dress, town.accounts["own"].title

    def dress(request: Request, answer: Response) -> None:
        real(request, answer)
        answer.headers["x-account"] = title

    patch.setattr(wrapper, "_dress", dress)
    found = problems(town, "accounts:settings", people=("stranger",))
    assert any(" shows accounts_accounts.title of own" in each for each in found), found


FAULTS = (
    a_customer_role_that_may_everything,
    a_staff_role_that_may_everything,
    a_role_of_staff_given_to_a_customer,
    a_list_of_everybodys_accounts,
    a_list_of_everybodys_bills,
    a_list_of_everybodys_notices,
    a_paper_of_somebody_elses_bill,
    a_number_that_can_be_counted_through,
    an_answer_kept_for_all,
    a_name_in_a_header,
    rights_that_are_remembered,
)


def test_each_planted_fault_is_found(town: Town, subtests: pytest.Subtests) -> None:
    everybody = list(town.people)
    for fault in FAULTS:
        town.people = list(everybody)
        with subtests.test(fault.__name__), pytest.MonkeyPatch.context() as patch:
            fault(town, patch)
