"""Two changes of one person's login or contacts at the same moment, on a real PostgreSQL: one counts, the other is refused and leaves
nothing behind, no name above all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.auth.tests.house import Browser, House
from lkportal.auth.tests.test_codes import code_of
from lkportal.auth.tests.test_contacts import ANNA, NEW, inside
from lkportal.testing.databases import fresh_postgres
from lkportal.testing.races import meanwhile, race

pytestmark = pytest.mark.postgres
READ = "AND auth_identities.id = "
"""After this statement a change knows what it replaces, and has claimed nothing yet."""
MEANWHILE = "in another window at the same moment"


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        house = House(url, str(folder), contact_tries=100)
        yield house
        house.close()


def names_of(house: House) -> set[str]:
    with house.portal.database.unit() as db:
        return set(db.connection().exec_driver_sql("SELECT name FROM auth_names").scalars())


def changes(house: House) -> int:
    return house.count("SELECT count(*) FROM audit_records WHERE action = 'auth.contact_changed'")


def replace_phone(house: House, phone: str) -> None:
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(f"UPDATE auth_identities SET phone = '{phone}'")


def another_window(house: House) -> Browser:
    """The same person in another browser."""
    browser = house.browser()
    assert browser.sign_in(ANNA).status_code == 303
    return browser


def test_the_slower_of_two_logins_is_refused_and_its_name_stays_free(house: House) -> None:
    here, before = inside(house), changes(house)
    there = another_window(house)

    def choose() -> None:
        assert there.send("/settings/login", login="anna.there").status_code == 303

    with meanwhile(house.portal.database, READ, choose):
        answer = here.send("/settings/login", login="anna.here")

    assert answer.status_code == 409
    assert MEANWHILE in answer.text
    assert names_of(house) == {ANNA, "anna.there"}
    assert house.browser().sign_in("anna.here").status_code == 422
    assert house.browser().sign_in("anna.there").status_code == 303
    assert changes(house) == before + 1
    assert here.send("/settings/login", login="anna.here").status_code == 303


def test_the_same_login_sent_twice_at_once_is_one_change(house: House) -> None:
    browser, before = inside(house), changes(house)
    other = another_window(house)
    answers = race(lambda each: each.send("/settings/login", login="anna.k").status_code, [browser, other])
    assert set(answers) <= {303, 409}
    assert 303 in answers
    assert names_of(house) == {ANNA, "anna.k"}
    assert changes(house) == before + 1


def test_the_slower_of_two_new_mailboxes_is_refused(house: House) -> None:
    here = inside(house)
    there = another_window(house)
    here.send("/settings/email", email=NEW)
    code = code_of(house)
    there.send("/settings/email", email="b.new@example.org")
    other_code = code_of(house)

    def confirm() -> None:
        assert there.send("/settings/email/code", code=other_code).status_code == 303

    with meanwhile(house.portal.database, READ, confirm):
        answer = here.send("/settings/email/code", code=code)

    assert answer.status_code == 409
    assert MEANWHILE in answer.text
    assert names_of(house) == {"b.new@example.org"}


def test_a_phone_that_was_replaced_meanwhile_is_not_taken_away(house: House) -> None:
    browser = inside(house)
    replace_phone(house, "+79161234567")

    with meanwhile(house.portal.database, READ, lambda: replace_phone(house, "+79167654321")):
        answer = browser.send("/settings/phone/remove", page="/settings/login")

    assert answer.status_code == 409
    assert house.count("SELECT count(*) FROM auth_identities WHERE phone = '+79167654321'") == 1
