"""History and settings: what was done on an account in words, and what a person says of themselves."""

from __future__ import annotations

from datetime import timedelta

from lkportal.accounts.tests.street import Street
from lkportal.core.policy import Actor


def _actor(person: object) -> Actor:
    return Actor(person.kind, person.id, person.public_id, person.name, person.login)  # type: ignore[attr-defined]


def test_history_tells_what_was_done_by_whom(street: Street) -> None:
    anna, boris, clerk = street.person("Anna"), street.person("Boris"), street.person("Clerk", "staff")
    account, other = street.account(anna), street.account(anna, number=2)
    street.grant(boris, account, "reader")
    for _ in range(3):
        street.act("accounts.settings_changed", account, _actor(anna))
    street.clock.advance(timedelta(hours=1))
    street.act("accounts.settings_changed", account, _actor(clerk), outcome="refused")
    street.act("accounts.settings_changed", account, _actor(boris))
    street.act("somebody.else", account, _actor(boris))
    street.act("accounts.role_given", other)
    street.act("accounts.role_taken", account, outcome="viewed")
    browser = street.browser(anna)

    page = browser.get(f"/home/{account.public_id}/history").text

    assert "Settings changed, 3 times" in page
    assert page.count('note">You<') == 1
    assert "Clerk, the company" in page
    assert "Refused" in page
    assert ">Boris<" in page
    assert "Another act (somebody.else)" in page
    assert "Automatically" in page, "a right was given by the system"
    assert "13:00" in page, "the hour is the account's"
    assert "A staff role" not in page, "neither another account's nor what was only looked at"
    assert len(browser.statements) <= 4
    assert street.browser(boris).get(f"/home/{other.public_id}/history").status_code == 404


def test_a_person_changes_name_and_language(street: Street) -> None:
    anna = street.person("Anna")
    home = f"/home/{street.account(anna).public_id}/"
    browser = street.browser(anna)
    assert "Settings" in browser.get("/settings").text

    answer = browser.send("/settings/profile", name="  Анна   Викторовна ", locale="ru")

    assert answer.status_code == 303
    page = browser.get("/settings").text
    assert "Анна Викторовна" in page
    assert "Настройки сохранены." in page
    assert 'value="Анна Викторовна"' in browser.get("/settings/profile").text
    other_device = street.browser(anna, **{"accept-language": "en"})
    assert '<html lang="ru"' in other_device.get(home).text, "the account's language outweighs the browser's"
    assert street.number("SELECT count(*) FROM audit_records WHERE action = 'accounts.settings_changed'") == 1


def test_settings_that_do_not_fit_are_not_kept(street: Street) -> None:
    anna = street.person("Anna")
    browser = street.browser(anna)

    for fields, said in (
        ({"name": "", "locale": "en"}, "Fill this in."),
        ({"name": "Anna", "locale": "tlh"}, "Choose one of the languages."),
        ({"name": "A" * 201, "locale": "en"}, "Shorten this"),
        ({"name": "Anna", "locale": "en", "kind": "staff"}, "does not match this page"),
    ):
        answer = browser.send("/settings/profile", **fields)
        assert answer.status_code == 422
        assert said in answer.text

    assert street.number("SELECT count(*) FROM audit_records") == 0


def test_staff_have_settings_of_their_own_on_the_desk(street: Street) -> None:
    clerk = street.person("Clerk", "staff")
    browser = street.browser(clerk)

    assert 'data-density="compact"' in browser.get("/settings").text
    assert browser.send("/settings/profile", name="Clerk K.", locale="en").status_code == 303
    assert browser.get("/accounts").status_code == 404
