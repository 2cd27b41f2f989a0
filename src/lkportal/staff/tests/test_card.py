"""The card: everything of one account in one place, seen by those who may, and each look leaves a trace."""

from __future__ import annotations

from datetime import timedelta

from lkportal.staff.contacts import masked
from lkportal.staff.tests.office import Office


def test_the_card_tells_of_account_people_and_what_was_done(office: Office) -> None:
    anna = office.person("anna@example.org", "Соколова Анна")
    account = office.account("0412778215", "Ломоносова, 14, кв. 37", anna, holder="Соколова А. В.")
    office.person("olga", "Ольга", "operator")
    desk = office.browser("olga")
    office.clock.advance(timedelta(minutes=5))

    page = desk.get(f"/staff/accounts/{account}")

    assert page.status_code == 200
    for said in ("Соколова А. В.", "0412778215", "Ломоносова, 14, кв. 37", "anna@example.org", "owner", "never here"):
        assert said in page.text
    assert office.audit("staff.customer") == [("staff", "viewed", account, "")]


def test_an_accountant_of_an_organisation_is_among_its_people(office: Office) -> None:
    buh = office.person("buh@zavod.example.org", "Мельник Тарас")
    account = office.account("0999000001", "Портовая, 3", buh, org="АО «Завод»")
    office.person("olga", "Ольга", "operator")

    page = office.browser("olga").get(f"/staff/accounts/{account}").text

    assert "Мельник Тарас" in page
    assert "АО «Завод»" in page


def test_contacts_are_masked_for_those_without_the_right(office: Office) -> None:
    people = [office.person("anna@example.org", "Анна"), office.person("+79161234567", "Борис")]
    account = office.account("0412778215", "Ломоносова, 14", *people)
    office.person("kasia", "Кассир", "cashier")

    page = office.browser("kasia").get(f"/staff/accounts/{account}").text

    assert "a***@example.org" in page
    assert "+7916***67" in page
    assert "anna@example.org" not in page
    assert "+79161234567" not in page


def test_a_mask_never_shows_the_middle() -> None:
    assert [masked(each) for each in ("a@b.org", "+79161234567", "olga", "")] == [
        "a***@b.org",
        "+7916***67",
        "o***",
        "",
    ]


def test_a_failing_section_leaves_the_rest_and_names_its_module(office: Office) -> None:
    account = office.account("0412778215", "Ломоносова, 14")
    office.person("olga", "Ольга", "operator")

    page = office.browser("olga").get(f"/staff/accounts/{account}")

    assert page.status_code == 200
    assert "Who has access" in page.text
    assert "This cannot be shown yet" in page.text
    failed = office.lines("panel_failed")
    assert [(line["module"], line["panel"]) for line in failed] == [("broken", "broken.section")]
    assert "anna@example.org" not in office.said.getvalue()


def test_an_unknown_card_is_not_there(office: Office) -> None:
    office.person("olga", "Ольга", "operator")

    assert office.browser("olga").get("/staff/accounts/AAAAAAAAAAAAAAAA").status_code == 404
    assert office.audit("staff.customer") == []


def test_staff_without_a_role_see_nothing(office: Office) -> None:
    account = office.account("0412778215", "Ломоносова, 14")
    office.person("visitor", "Гость", "none_of_ours")
    desk = office.browser("visitor")

    assert desk.get("/staff/").status_code == 403
    assert desk.get(f"/staff/accounts/{account}").status_code == 403
