"""What a person reaches: through a membership in an account or an organisation, from the moment it is given until it is taken."""

from __future__ import annotations

import pytest

from lkportal.accounts import service
from lkportal.accounts.contract import Accounts
from lkportal.accounts.desk import roles
from lkportal.accounts.directory import Directory
from lkportal.accounts.reached import Reachable
from lkportal.accounts.roles import Roles
from lkportal.accounts.tests.street import Street
from lkportal.core.errors import NotFound
from lkportal.core.registry.rollouts import Opening, Rollout


def test_a_member_comes_home_and_a_neighbour_finds_nothing(street: Street) -> None:
    anna, boris = street.person("Anna"), street.person("Boris")
    home = f"/home/{street.account(anna).public_id}/"

    assert "Лесная, 1" in street.browser(anna).get(home).text
    foreign, absent = street.browser(boris).get(home), street.browser(boris).get(f"/home/{'0' * 16}/")
    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert "Лесная" not in foreign.text
    assert street.browser().get(home).headers["location"].startswith("/login?next=%2Fhome")


def test_a_member_of_an_organisation_reaches_all_its_accounts_also_those_that_come_later(street: Street) -> None:
    buh, mill = street.person("Buh"), street.organisation("Mill")
    street.grant(buh, mill, "accountant")
    (early,) = street.accounts(1, mill)
    (late,) = street.accounts(1, mill, first=2)
    (other,) = street.accounts(1, first=3)
    browser = street.browser(buh)

    answers = [browser.get(f"/home/{each.public_id}/").status_code for each in (early, late, other)]

    assert answers == [200, 200, 404]


@pytest.mark.parametrize("through", ["account", "organisation"])
def test_a_right_taken_back_is_refused_at_the_very_next_request(street: Street, through: str) -> None:
    anna, mill = street.person("Anna"), street.organisation("Mill")
    (account,) = street.accounts(1, mill)
    membership = street.grant(anna, account if through == "account" else mill)
    browser = street.browser(anna)
    assert browser.get(f"/home/{account.public_id}/").status_code == 200

    street.revoke(membership)

    assert browser.get(f"/home/{account.public_id}/").status_code == 404
    assert "No account here yet" in browser.get("/").text
    with pytest.raises(NotFound):
        street.revoke(membership)


def test_a_right_is_given_once_and_may_be_given_again_after_it_was_taken(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account()

    first, twice = street.grant(anna, account, "payer"), street.grant(anna, account, "payer")
    other = street.grant(anna, account, "reader")
    street.revoke(first)
    again = street.grant(anna, account, "payer")

    assert first == twice
    assert len({first, other, again}) == 3
    assert street.number("SELECT count(*) FROM core_outbox WHERE name = 'accounts.membership_granted'") == 3
    assert street.number("SELECT count(*) FROM audit_records WHERE action = 'accounts.membership_revoked'") == 1


def test_the_owner_of_one_account_cannot_take_a_right_to_another(street: Street) -> None:
    anna, boris = street.person("Anna"), street.person("Boris")
    mine, theirs = street.account(anna), street.account(number=2)
    membership = street.grant(boris, theirs)

    with street.unit() as db, pytest.raises(NotFound):
        service.revoke(db, membership, mine)

    assert street.browser(boris).get(f"/home/{theirs.public_id}/").status_code == 200


def test_the_way_in_leads_to_where_one_was_last(street: Street) -> None:
    anna, clerk, nobody = street.person("Anna"), street.person("Clerk", "staff"), street.person("Nobody")
    first, second = street.account(anna), street.account(anna, number=2)
    browser = street.browser(anna)

    assert browser.get("/").headers["location"] == f"/home/{first.public_id}/"
    browser.get(f"/home/{second.public_id}/")
    assert browser.get("/").headers["location"] == f"/home/{second.public_id}/"
    assert street.browser(clerk).get("/").headers["location"] == "/staff/"
    assert street.browser().get("/").headers["location"] == "/login"
    kind = street.browser(nobody).get("/")
    assert kind.status_code == 200
    assert "nobody@example.org" in kind.text


def test_listeners_learn_an_account_and_its_people_by_its_public_id(street: Street) -> None:
    anna, boris, gone, buh = (street.person(name) for name in ("Anna", "Boris", "Gone", "Buh"))
    mill = street.organisation("Mill")
    (account,) = street.accounts(1, mill)
    street.grant(anna, account, "owner")
    street.grant(anna, account, "signer")
    street.grant(boris, account, "reader")
    street.grant(buh, mill, "accountant")
    street.revoke(street.grant(gone, account, "owner"))
    directory = street.portal.ports.get(Accounts)  # type: ignore[type-abstract]

    with street.portal.database.reading() as connection:
        found = directory.by_public_id(connection, account.public_id)
        everyone = directory.members(connection, account.id)
        payers = directory.members(connection, account.id, "payments.pay")

    assert found == account
    assert (account.number, account.time_zone, account.currency) == ("0000000001", "Europe/Moscow", "RUB")
    assert (account.brand, account.role, account.rights) == (street.portal.sites[0].key, "", frozenset())
    assert [member.name for member in everyone] == ["Anna", "Boris", "Buh"]
    assert [member.email for member in payers] == ["anna@example.org", "buh@example.org"]


def test_where_a_module_is_not_open_yet_nobody_is_told_of_it_and_nobody_may_do_anything_there(street: Street) -> None:
    anna = street.person("Anna")
    first, second = street.account(anna), street.account(anna, number=2)
    tried_out = Opening({"payments": Rollout("accounts", frozenset({first.public_id}))}, {})
    directory = Directory(street.portal.ports.get(Roles), street.clock, opening=tried_out)
    both = [first.public_id, second.public_id]

    with street.portal.database.reading() as connection:
        members = [directory.members(connection, each.id, "payments.pay") for each in (first, second)]
        told = directory.people(connection, [first.id, second.id], "payments.pay")
        reached = Reachable(directory, street.clock).having(connection, anna.id, "payments.pay", both)

    assert [len(each) for each in members] == [1, 0]
    assert [ref for ref, _ in told] == [first]
    assert [ref.public_id for ref in reached] == [first.public_id]


def test_a_role_at_the_desk_that_was_never_given_is_not_taken(street: Street) -> None:
    clerk = street.person("Clerk", "staff")
    browser = street.browser(clerk)

    with street.unit() as db:
        assert not roles.take_role(db, clerk.id, clerk.public_id, "cashier")

    assert browser.get("/settings/sessions").status_code == 200, "nobody is signed out for nothing"
    assert street.number("SELECT count(*) FROM audit_records WHERE action = 'accounts.role_taken'") == 0
