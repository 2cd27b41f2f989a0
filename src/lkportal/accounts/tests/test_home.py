"""Home: cards of many modules on one page, within a budget, and none of them can take the page down."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

import pytest
from sqlalchemy import update

from lkportal.accounts.home.panels import Panels
from lkportal.accounts.models import Account
from lkportal.accounts.tests.street import Street

MOST_STATEMENTS = 8


def test_home_asks_at_most_eight_statements(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna)
    street.account(anna, number=2)
    browser = street.browser(anna)

    page = browser.get(f"/home/{account.public_id}/")

    assert page.status_code == 200
    theirs = [sql for sql in browser.statements if "accounts_accounts WHERE id" in sql]
    assert len(theirs) == 1, "the guest's own card is not of the preset"
    assert len(browser.statements) - len(theirs) <= MOST_STATEMENTS


def test_a_card_knows_the_account_the_day_and_the_year(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna)

    page = street.browser(anna).get(f"/home/{account.public_id}/").text

    assert "0000000001 on 2026-11-22, year from 2025-11-01" in page
    assert "a secret" in page
    assert page.count('class="guest"') == 2, "a card that has nothing to show takes no place"


def test_a_card_is_hidden_from_who_lacks_its_right(street: Street) -> None:
    boris = street.person("Boris")
    home = f"/home/{street.account(boris, role='signer').public_id}/"
    browser = street.browser(boris)

    page = browser.get(home).text

    assert "0000000001 on" in page
    assert "a secret" not in page
    assert street.lines("panel_failed") == []


def test_a_card_that_breaks_leaves_a_quiet_box_and_a_line_with_its_module(street: Street) -> None:
    boris = street.person("Boris")
    home = f"/home/{street.account(boris, role='reader').public_id}/"

    page = street.browser(boris).get(home)

    assert page.status_code == 200
    assert "0000000001 on" in page.text
    assert page.text.count("This cannot be shown yet") == 2
    said = [(line["module"], line["panel"], line["error"]) for line in street.lines("panel_failed")]
    assert said == [("guest", "guest.breaks", "RuntimeError"), ("guest", "guest.lost", "TemplateNotFound")]
    assert "anna@example.org" not in street.said.getvalue(), "what an error says may be somebody's data"


def test_a_card_that_hangs_is_cut_off_and_the_rest_stands(street: Street) -> None:
    boris = street.person("Boris")
    home = f"/home/{street.account(boris, role='payer').public_id}/"
    browser = street.browser(boris)
    browser.get("/settings")

    began = perf_counter()
    page = browser.get(home)
    took = perf_counter() - began

    assert page.status_code == 200
    assert "0000000001 on" in page.text
    assert "This cannot be shown yet" in page.text
    (line,) = street.lines("panel_failed")
    assert (line["module"], line["panel"], line["error"]) == ("guest", "guest.hangs", "StatementTooSlow")
    assert took < 5


def test_a_page_of_hanging_cards_ends_when_its_time_is_over(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    boris = street.person("Boris")
    home = f"/home/{street.account(boris, role='payer').public_id}/"
    panels = street.portal.ports.get(Panels)
    hanging = next(part for part in panels._cards if part.item.name == "guest.hangs")
    monkeypatch.setattr(panels, "_cards", (*[hanging] * 20, *panels._cards[1:]))

    page = street.browser(boris).get(home)

    assert page.status_code == 200
    errors = [line["error"] for line in street.lines("panel_failed")]
    assert 5 <= errors.count("StatementTooSlow") <= 8, "five of 200 ms fill the second a page has"
    assert errors.count("TooLate") >= 12


def test_a_closed_account_says_since_when(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna, role="signer")
    with street.portal.database.unit() as db:
        db.execute(
            update(Account).where(Account.id == account.id).values(closed_at=datetime(2026, 11, 3, 21, 30, tzinfo=UTC))
        )

    assert "was closed on 4\u00a0November" in street.browser(anna).get(f"/home/{account.public_id}/").text


def test_an_account_without_anything_says_so_kindly(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = street.person("Anna")
    home = f"/home/{street.account(anna, role='signer').public_id}/"
    monkeypatch.setattr(street.portal.ports.get(Panels), "_cards", ())

    assert "Nothing has come yet" in street.browser(anna).get(home).text
