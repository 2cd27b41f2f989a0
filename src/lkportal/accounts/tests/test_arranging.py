"""A person arranges the home page of an account: by buttons alone, for themself alone, and what presses is still said."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session as Unit

from lkportal.accounts.home import service
from lkportal.accounts.home.layout import Layout
from lkportal.accounts.home.models import HomeLayout
from lkportal.accounts.tests.street import Browser, Street
from lkportal.core.errors import PortalError
from lkportal.testing.world import NOON

NAMES = ("a", "b", "c", "d")
CARDS = ("guest.greets", "guest.secret")


def _cards(page: str) -> list[str]:
    """The cards of a home page, by what the guest's cards say."""
    return re.findall(r'class="guest"[^>]*>\s*([^<\n]+)', page)


def _do(browser: Browser, home: str, card: str, act: str) -> str:
    answer = browser.send_to(f"{home}cards", f"{home}cards", card=card, act=act)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"/cards#card-{card.replace('.', '-')}"), "the page keeps its place"
    return browser.get(home).text


def test_cards_are_moved_put_away_and_brought_back_without_a_script(street: Street) -> None:
    anna = street.person("Anna")
    account, other = street.account(anna), street.account(anna, number=2)
    home, browser = f"/home/{account.public_id}/", street.browser(anna)
    assert [card[:10] for card in _cards(browser.get(home).text)] == ["0000000001", "a secret"]

    assert [card[:8] for card in _cards(_do(browser, home, "guest.secret", "up"))] == ["a secret", "00000000"]
    assert [card[:8] for card in _cards(_do(browser, home, "guest.secret", "hide"))] == ["00000000"]
    assert "Put away" in browser.get(f"{home}cards").text
    assert len(_cards(browser.get(f"/home/{other.public_id}/").text)) == 2, "another account stays as it was"
    assert browser.send_to(f"{home}cards", f"{home}cards/undo").status_code == 303
    assert [card[:8] for card in _cards(browser.get(home).text)] == ["a secret", "00000000"]
    _do(browser, home, "guest.greets", "pin")
    assert [card[:8] for card in _cards(browser.get(home).text)] == ["00000000", "a secret"]
    assert "Stays on top" in browser.get(f"{home}cards").text
    browser.send_to(f"{home}cards", f"{home}cards/default")
    assert [card[:8] for card in _cards(browser.get(home).text)] == ["00000000", "a secret"]
    browser.send_to(f"{home}cards", f"{home}cards/undo")
    assert "Stays on top" in browser.get(f"{home}cards").text, "the way back can be taken back too"


def test_each_person_has_their_own_order_and_nobody_arranges_what_is_foreign(street: Street) -> None:
    anna, boris = street.person("Anna"), street.person("Boris")
    account = street.account(anna)
    street.grant(boris, account, "signer")
    home = f"/home/{account.public_id}/"
    _do(street.browser(anna), home, "guest.greets", "hide")

    assert "0000000001 on" in street.browser(boris).get(home).text
    assert (
        street.browser(boris).send_to(f"{home}cards", f"{home}cards", card="guest.secret", act="hide").status_code
        == 409
    )
    stranger = street.browser(street.person("Vera"))
    assert stranger.send_to("/settings", f"{home}cards", card="guest.greets", act="up").status_code == 404


def test_a_card_put_away_is_not_read_but_says_what_presses(street: Street) -> None:
    anna = street.person("Anna")
    home, browser = f"/home/{street.account(anna).public_id}/", street.browser(anna)
    _do(browser, home, "guest.greets", "hide")
    _do(browser, home, "payments.slip", "hide")
    page = _do(browser, home, "guest.secret", "hide")

    assert not any("accounts_accounts WHERE id" in sql for sql in browser.statements)
    assert "Somebody looked at the secret" in page
    assert 'href="/settings"' in page
    assert _cards(page) == []
    assert "You put all cards away" in page


def test_a_card_that_breaks_or_hangs_can_be_put_away_and_is_quiet_then(street: Street) -> None:
    boris, vera = street.person("Boris"), street.person("Vera")
    account = street.account(boris, role="reader")
    street.grant(vera, account, "payer")
    home, browser = f"/home/{account.public_id}/", street.browser(boris)

    assert browser.get(home).text.count("This cannot be shown yet") == 2
    assert _do(browser, home, "guest.breaks", "hide").count("This cannot be shown yet") == 1
    page = _do(street.browser(vera), home, "guest.hangs", "hide")

    assert "0000000001 on" in page
    assert "Somebody looked at the secret" not in page, "nobody knows whether anything presses"
    assert "guest.hangs" in {line["panel"] for line in street.lines("panel_failed")}


def test_nothing_is_taken_back_before_anything_was_done(street: Street) -> None:
    anna = street.person("Anna")
    home, browser = f"/home/{street.account(anna).public_id}/", street.browser(anna)

    assert browser.send_to(f"{home}cards", f"{home}cards/undo").status_code == 303

    assert len(_cards(browser.get(home).text)) == 2
    assert street.number("SELECT count(*) FROM accounts_home_layouts") == 0


def test_what_another_window_did_meanwhile_is_not_lost(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna)

    with street.unit() as db:
        service.arrange(db, anna.id, account.id, _beaten(db, anna.id, account.id, 2))
        stands = Layout.read(service.kept(db.connection(), anna.id, account.id).cards)

    assert stands.hidden == frozenset(CARDS)


def test_who_is_beaten_again_and_again_is_told_and_changes_nothing(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna)

    with pytest.raises(PortalError, match="another window"), street.unit() as db:
        service.arrange(db, anna.id, account.id, _beaten(db, anna.id, account.id, 99))

    assert street.number("SELECT count(*) FROM accounts_home_layouts") == 0


def _beaten(db: Unit, person: int, account: int, times: int) -> Callable[[Layout], Layout]:
    """Return the act that hides the greeting; so many times another window is quicker, and hides the secret."""
    editions = iter(range(1, times + 1))
    row = {"identity_id": person, "account_id": account, "cards": str(Layout().changed("hide", CARDS[1], CARDS))}

    def act(layout: Layout) -> Layout:
        edition = next(editions, 0)
        if edition:
            other = insert(HomeLayout) if edition == 1 else update(HomeLayout)
            db.execute(other.values(**row, edition=edition, changed_at=NOON))
        return layout.changed("hide", CARDS[0], CARDS)

    return act


def test_a_menu_shows_readings_only_where_there_is_a_meter(street: Street) -> None:
    anna = street.person("Anna")
    with_meter, without = street.account(anna), street.account(anna, number=2)
    street.meter(with_meter)
    browser = street.browser(anna)

    assert f"/readings/{with_meter.public_id}/" in browser.get(f"/home/{with_meter.public_id}/").text
    for page in (f"/home/{without.public_id}/", f"/home/{without.public_id}/cards", "/settings"):
        assert f"/readings/{without.public_id}/" not in browser.get(page).text, page


@pytest.mark.parametrize("seen", [("a", "b", "c", "d"), ("a", "c"), ("d", "b")])
def test_a_layout_reads_back_what_it_wrote_and_loses_no_card(seen: tuple[str, ...]) -> None:
    for acts in product(("up", "down", "hide", "pin", "show", "unpin"), repeat=3):
        layout = Layout()
        for act, name in zip(acts, (seen[0], seen[-1], seen[0]), strict=True):
            layout = layout.changed(act, name, seen)  # type: ignore[arg-type]
        assert Layout.read(str(layout)) == layout
        assert sorted(layout.arranged(NAMES)) == sorted(NAMES), "a card that came or went is not lost"
        shown = [name for name in layout.arranged(NAMES) if name in layout.pinned]
        assert layout.arranged(NAMES)[: len(shown)] == shown, "the pinned stand first"


def test_a_new_card_stands_behind_the_one_it_follows_by_default() -> None:
    mine = Layout(("c", "a"))
    assert mine.arranged(("a", "b", "c", "d")) == ["c", "d", "a", "b"]
