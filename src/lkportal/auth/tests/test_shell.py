"""Stories of the shell: the first administrator, a role given and taken, a person kept out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from lkportal.auth.tests.house import PASSWORD, House, settled
from lkportal.cli.users import user
from lkportal.staff import module as desk

BOSS = "boss@example.org"


@pytest.fixture
def office(build: Callable[..., House]) -> House:
    """A house with a desk: roles are its own."""
    return build(also=(desk,))


def test_the_first_administrator_signs_in(office: House) -> None:
    made = call(office, "add", BOSS, "--name", "Boss", "--role", "administrator", "--password-stdin", said=PASSWORD)

    assert made.output == "boss@example.org may sign in as administrator.\n"
    assert office.browser().sign_in(BOSS).status_code == 303
    again = call(office, "add", "Boss@example.org", "--name", "Other", "--password-stdin", said=PASSWORD)
    assert again.exit_code == 1
    assert "Somebody has the login boss@example.org already." in again.output


def test_a_weak_password_makes_nobody(house: House) -> None:
    refused = call(house, "add", BOSS, "--name", "Boss", "--password-stdin", said="password123")

    assert refused.exit_code == 1
    assert "guessed first" in refused.output
    assert house.count("SELECT count(*) FROM auth_identities") == 0


def test_a_role_holds_once_its_person_signs_in_anew(office: House) -> None:
    office.person(BOSS, "staff")
    browser = office.browser()
    browser.sign_in(BOSS)

    assert call(office, "role", BOSS, "operator").output == "boss@example.org is now operator.\n"
    assert not browser.inside()
    browser.sign_in(BOSS)
    assert browser.get("/staff/yard/desk").status_code == 200
    assert "nothing changed" in call(office, "role", BOSS, "operator").output
    assert call(office, "role", BOSS, "operator", "--take").output == "boss@example.org is no longer operator.\n"
    assert not browser.inside()
    browser.sign_in(BOSS)
    assert browser.get("/staff/yard/desk").status_code == 403


def test_customers_get_no_role_and_nobody_is_named(house: House) -> None:
    house.person("anna@example.org")

    assert "is a customer" in call(house, "role", "anna@example.org", "operator").output
    assert "Nobody signs in with nobody@example.org" in call(house, "role", "nobody@example.org", "operator").output


def test_a_customer_is_given_an_account_and_loses_it_again(house: House) -> None:
    house.person("anna@example.org")
    house.person(BOSS, "staff")
    house.account("0412778215")
    give = ("account", "anna@example.org", "0412778215")

    assert call(house, *give, "--role", "payer").output == "anna@example.org is payer of 0412778215.\n"
    assert house.count("SELECT count(*) FROM accounts_memberships WHERE revoked_at IS NULL AND role = 'payer'") == 1
    assert call(house, *give, "--take").output == "anna@example.org has no right to 0412778215 any more.\n"
    assert house.count("SELECT count(*) FROM accounts_memberships WHERE revoked_at IS NULL") == 0
    assert "nothing changed" in call(house, *give, "--take").output
    assert "There is no account 1" in call(house, "account", "anna@example.org", "1").output
    assert "accounts are for customers" in call(house, "account", BOSS, "0412778215").output


def test_an_empty_standard_input_is_told_as_such(house: House) -> None:
    refused = CliRunner().invoke(
        user, ["add", BOSS, "--name", "Boss", "--password-stdin"], obj=lambda: house.portal, input=""
    )
    assert "holds no password" in refused.output


def test_whoever_is_disabled_is_out_at_the_next_request(house: House) -> None:
    house.person(BOSS, "staff")
    browser = house.browser()
    browser.sign_in(BOSS)

    call(house, "disable", BOSS)

    assert not browser.inside()
    assert browser.sign_in(BOSS).status_code == 422


def test_a_lost_second_factor_is_taken_away(house: House) -> None:
    browser, _, _ = settled(house)

    said = call(house, "reset-second", "anna@example.org").output

    assert said == "anna@example.org signs in without a second factor, and may set up another.\n"
    assert not browser.inside()
    assert house.browser().sign_in("anna@example.org").headers["location"] == "/"


def call(house: House, *arguments: str, said: str = "") -> Result:
    return CliRunner().invoke(user, arguments, obj=lambda: house.portal, input=said + "\n")
