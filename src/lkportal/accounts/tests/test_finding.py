"""A customer looks for something of theirs: by a month, a sum, a meter or what they want to do; and finds nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert

from lkportal.accounts.contract import AccountRef
from lkportal.accounts.finding.pages import Finders
from lkportal.accounts.tests.street import Street
from lkportal.core.search import Hit, read_typed
from lkportal.modules.payments.models import Bill

OCTOBER = date(2026, 10, 1)


def _bill(street: Street, account: AccountRef, number: str, total: int, period: date = OCTOBER) -> None:
    row = {"account_id": account.id, "number": number, "total": total, "posted": total, "period": period}
    days = {"currency": "RUB", "issued_on": period, "due_on": period.replace(day=28)}
    with street.unit() as db:
        db.execute(insert(Bill).values(**row, **days))


def test_bills_are_found_by_month_sum_and_number_on_all_accounts_of_a_person(street: Street) -> None:
    anna, boris = street.person("Anna"), street.person("Boris")
    first, second = street.account(anna), street.account(anna, number=2)
    foreign = street.account(boris, number=3)
    _bill(street, first, "A-7701", 148_260)
    _bill(street, second, "A-8802", 90_000)
    _bill(street, second, "A-8803", 148_200, date(2026, 9, 1))
    _bill(street, foreign, "A-9909", 148_260)
    browser = street.browser(anna)

    def found(words: str) -> list[str]:
        page = browser.get(f"/search?q={words}").text
        assert len(browser.statements) <= 8
        assert foreign.public_id not in page
        assert "A-9909" not in page
        return [number for number in ("A-7701", "A-8802", "A-8803") if number in page]

    assert found("October") == ["A-7701", "A-8802"]
    assert found("october 2025") == []
    assert found("1482") == ["A-7701", "A-8803"]
    assert found("1482,60") == ["A-7701"]
    assert found("8802") == ["A-8802"]
    assert found("9909") == []
    assert "Лесная, 2" in browser.get("/search?q=8802").text, "which account it is on"


def test_a_search_shows_only_what_this_person_may_see(street: Street) -> None:
    anna, vera = street.person("Anna"), street.person("Vera")
    account = street.account(anna)
    street.meter(account)
    _bill(street, account, "A-7701", 148_260)
    membership = street.grant(vera, account, "reader")
    street.narrow(membership, "payments.view")

    assert "A-7701" in street.browser(anna).get("/search?q=7701").text
    browser = street.browser(vera)
    browser.get(f"/home/{account.public_id}/")
    page = browser.get("/search?q=october").text + browser.get("/search?q=bills").text
    assert "/payments/" not in page
    assert "No. 18-1" in browser.get("/search?q=water").text
    assert street.browser().get("/search?q=october").status_code == 303


def test_pages_are_found_by_what_is_done_there(street: Street) -> None:
    anna = street.person("Anna")
    with_meter, without = street.account(anna), street.account(anna, number=2)
    street.meter(with_meter)
    browser = street.browser(anna)

    browser.get(f"/home/{with_meter.public_id}/")
    assert f'href="/readings/{with_meter.public_id}/"' in browser.get("/search?q=send").text
    assert f'href="/payments/{with_meter.public_id}/history"' in browser.get("/search?q=refunds").text
    assert 'href="/settings/password"' in browser.get("/search?q=password").text
    found = browser.get("/search?q=home").text.partition("<main")[2].partition("</main")[0]
    assert f'href="/home/{with_meter.public_id}/"' in found, "pages of the menu are found too"
    browser.get(f"/home/{without.public_id}/")
    assert f"/readings/{without.public_id}" not in browser.get("/search?q=send").text, "there is no meter"


def test_who_has_many_accounts_searches_the_one_they_looked_at_last(street: Street) -> None:
    buh, firm = street.person("Buh"), street.organisation("Works")
    street.grant(buh, firm, "accountant")
    looked_at, other = street.accounts(30, firm)[:2]
    _bill(street, looked_at, "A-7701", 148_260)
    _bill(street, other, "A-8802", 90_000)
    browser = street.browser(buh)
    browser.get(f"/home/{looked_at.public_id}/")

    page = browser.get("/search?q=october").text

    assert "A-7701" in page
    assert "A-8802" not in page
    assert "Лесная, 1" in page, "where was looked"


def test_who_has_no_account_yet_finds_no_pages_about_one(street: Street) -> None:
    browser = street.browser(street.person("Nina"))

    assert "Nothing found" in browser.get("/search?q=journal").text
    assert 'href="/settings/password"' in browser.get("/search?q=password").text


def test_nothing_found_and_nothing_typed_say_what_to_do(street: Street) -> None:
    anna = street.person("Anna")
    street.account(anna)
    browser = street.browser(anna)

    assert "Nothing found for “zzz”" in browser.get("/search?q=zzz").text
    assert "Type at least two" in browser.get("/search?q=z").text
    assert "By month, sum" in browser.get("/search").text
    for odd in ("%25", "%27%22--", "_" * 40, "%F0%9F%98%80 1", "A" * 199, "1" * 60):
        assert browser.get(f"/search?q={odd}").status_code == 200, odd
    refused = browser.get("/search?q=" + "A" * 500)
    assert refused.status_code == 422


def test_a_provider_that_breaks_takes_nothing_else_down(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = street.person("Anna")
    street.meter(street.account(anna))
    finders = street.portal.ports.get(Finders)

    def broken(_asked: object) -> list[Hit]:
        raise RuntimeError("anna@example.org broke it")

    first, *others = finders.providers
    planted = replace(finders, providers=((first[0], replace(first[1], find=broken)), *others))
    monkeypatch.setitem(street.portal.ports._filled, Finders, planted)
    page = street.browser(anna).get("/search?q=water").text

    assert "Could not look here now" in page
    assert "No. 18-1" in page
    (line,) = street.lines("search_failed")
    assert (line["provider"], line["error"]) == ("payments.bills", "RuntimeError")


def test_what_is_typed_is_read_in_every_way_it_may_be_meant(street: Street) -> None:
    russian = street.portal.locales.get("ru")

    may = read_typed("счета за мая 2026", russian)
    assert may.months == {5}
    assert may.years == {2026}
    assert may.plain == ("счета", "за")
    assert read_typed("март", russian).months == {3}
    assert read_typed("нояб", russian).months == {11}
    assert read_typed("1 482,60 ₽", russian).sums == {(148_260, 148_260)}
    assert max(max(read_typed("999 " * 20, russian).sums)) < 2**63, "no database holds more"
    assert read_typed("1482", russian).sums == {(148_200, 148_299)}
    assert read_typed("счётчики", russian).fits("Счетчик воды")
    assert not read_typed("газ", russian).fits("Холодная вода")
    assert not read_typed("", russian).fits("Счётчик")
