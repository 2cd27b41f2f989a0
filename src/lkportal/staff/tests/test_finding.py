"""The one field: what an operator hears on the phone leads to the right card, and nobody else gets there."""

from __future__ import annotations

import pytest
from httpx2 import Response

from lkportal.staff.tests.office import Browser, Office
from lkportal.staff.wanted import after, understand


@pytest.fixture
def desk(office: Office) -> Browser:
    anna = office.person("anna@example.org", "Соколова Анна Викторовна")
    boris = office.person("+79161234567", "Ёлкин Борис")
    buh = office.person("buh@zavod.example.org", "Мельник Тарас")
    office.account("0412778215", "Ломоносова, 14, кв. 37", anna, boris, holder="Соколова А. В.")
    office.account("0412778299", "Озёрная, 6", anna, holder="Соколова А. В.")
    office.account("0999000001", "Портовая, 3", buh, address="посёлок Портовый, Портовая ул., 3", org="АО «Завод»")
    office.person("olga", "Ольга", "operator")
    return office.browser("olga")


def found(answer: Response) -> list[str]:
    """Return the numbers on a page of hits."""
    assert answer.status_code == 200, answer.text
    return [number for number in ("0412778215", "0412778299", "0999000001") if number in answer.text]


def test_a_number_or_a_login_opens_the_card(desk: Browser) -> None:
    for typed in ("0412778215", "0412 778 215", " 0412\u00a0778-215 ", "+7 916 123-45-67"):
        answer = desk.find(typed)

        assert answer.status_code == 303, typed
        assert "0412778215" in desk.get(answer.headers["location"]).text


def test_words_find_by_address_people_and_organisation(desk: Browser) -> None:
    said = {
        "0412": ["0412778215", "0412778299"],
        "anna@example.org": ["0412778215", "0412778299"],
        "ломоносова 14": ["0412778215"],
        "ОЗЕРНАЯ": ["0412778299"],
        "озёрная 6": ["0412778299"],
        "посёлок портовый": ["0999000001"],
        "соколова": ["0412778215", "0412778299"],
        "елкин": ["0412778215"],
        "завод": ["0999000001"],
        "мельник": ["0999000001"],
        "ломоносова 15": [],
        "%": [],
    }

    assert {typed: found(desk.find(typed)) for typed in said} == said


def test_nobody_found_says_what_to_try(desk: Browser) -> None:
    assert "Try with less" in desk.find("Неизвестная 99").text


def test_many_hits_come_in_pages_and_each_once(office: Office) -> None:
    for flat in range(1, 28):
        office.account(f"07000000{flat:02d}", f"Мира, 1, кв. {flat:02d}")
    office.person("olga", "Ольга", "operator")
    desk = office.browser("olga")

    first, second = desk.find("мира"), desk.get("/staff/?q=мира&page=2")

    numbers = [f"07000000{flat:02d}" for flat in range(1, 28)]
    assert [n for n in numbers if n in first.text] == numbers[:25]
    assert [n for n in numbers if n in second.text] == numbers[25:]
    assert "There are no more" in desk.get("/staff/?q=мира&page=3").text


def test_who_may_not_see_contacts_cannot_guess_them_by_searching(office: Office) -> None:
    anna = office.person("anna@example.org", "Анна")
    office.account("0412778215", "Ломоносова, 14", anna)
    office.person("kasia", "Кассир", "cashier")
    office.person("olga", "Ольга", "operator")

    assert found(office.browser("olga").find("anna@ex")) == ["0412778215"]
    assert found(office.browser("kasia").find("anna@ex")) == []
    assert office.browser("kasia").find("anna@example.org").status_code == 303


def test_who_signed_up_without_an_account_is_shown_too(office: Office) -> None:
    office.person("vera@example.org", "Вера Новая")
    office.person("kasia", "Кассир", "cashier")

    page = office.browser("kasia").find("новая").text

    assert "Вера Новая" in page
    assert "v***@example.org" in page
    assert "vera@" not in page


def test_the_desk_is_not_there_for_customers_nor_their_pages_for_staff(office: Office) -> None:
    anna = office.person("anna@example.org", "Анна")
    account = office.account("0412778215", "Ломоносова, 14", anna)
    office.person("olga", "Ольга", "operator")
    customer, staff = office.browser("anna@example.org"), office.browser("olga")

    for page in ("/staff/", f"/staff/accounts/{account}", "/staff/roles", "/staff/modules"):
        assert customer.get(page).status_code == 404, page
        assert Browser(office.portal).get(page).status_code == 303, page
    assert staff.get(f"/home/{account}/").status_code == 404
    assert staff.get(f"/readings/{account}/").status_code == 404


def test_typed_text_is_understood() -> None:
    assert understand("0412 778 215").number == "0412778215"
    assert understand("кв. 37").number == understand("14").number == ""
    assert understand("8 (916) 123-45-67").login == "+79161234567"
    assert not understand(" \x00 ")
    assert (after("0412"), after("0499"), after("99")) == ("0413", "05", None)
