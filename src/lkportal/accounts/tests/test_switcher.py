"""Choosing between accounts: a few stand beside the address, thousands in a list with a search."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Select, insert, text, update
from sqlalchemy.dialects import sqlite

from lkportal.accounts.contract import AccountRef, UnreadCount
from lkportal.accounts.grants import Statements
from lkportal.accounts.models import Membership
from lkportal.accounts.people import abstaining
from lkportal.accounts.tests.street import Street
from lkportal.auth.models import Identity
from lkportal.core.ids import public_id
from lkportal.modules.payments.models import Ledger

THOUSANDS = 10_000


def _owe(street: Street, account: AccountRef, balance: int) -> None:
    with street.unit() as db:
        owner = str(account.id)
        db.add(Ledger(kind="customer", owner=owner, account_id=account.id, currency="RUB", balance=balance))


def test_the_others_stand_beside_the_address_with_what_they_owe(street: Street) -> None:
    anna = street.person("Anna")
    home, dacha, mother = (street.account(anna, number=n) for n in (1, 2, 3))
    _owe(street, dacha, 0)
    _owe(street, mother, 64000)

    page = street.browser(anna).get(f"/home/{home.public_id}/").text

    assert f"/home/{dacha.public_id}/" in page
    assert "All paid" in page
    assert "640,00\u00a0₽ to pay" in page
    assert "/accounts" not in page


def test_who_may_not_see_bills_is_not_told_what_is_owed(street: Street) -> None:
    anna = street.person("Anna")
    home = street.account(anna)
    mother = street.account(anna, role="reader", number=3)
    _owe(street, mother, 64000)
    browser = street.browser(anna)

    for path in (f"/home/{home.public_id}/", "/accounts"):
        page = browser.get(path).text
        assert "Лесная, 3" in page
        assert "640,00" not in page


@pytest.mark.parametrize("by", ["an owner", "themself"])
def test_who_has_bills_switched_off_is_not_told_what_is_owed(street: Street, by: str) -> None:
    anna = street.person("Anna")
    home, mother = street.account(anna), street.account(anna, number=3)
    _owe(street, mother, 64000)
    browser = street.browser(anna)
    pages = (f"/home/{home.public_id}/", "/accounts")
    assert all("640,00" in browser.get(path).text for path in pages)

    with street.unit() as db:
        if by == "themself":
            abstaining.keep(db, anna.id, anna.public_id, ["payments.view"])
        else:
            db.execute(update(Membership).where(Membership.account_id == mother.id).values(without="payments.view"))

    assert all("640,00" not in browser.get(path).text for path in pages)


def test_the_first_eight_accounts_never_share_a_seal(street: Street) -> None:
    anna = street.person("Anna")
    owned = [street.account(anna, number=n) for n in range(1, 9)]
    browser = street.browser(anna)

    at_home = browser.get(f"/home/{owned[3].public_id}/").text
    in_list = browser.get("/accounts").text

    for page in (at_home, in_list):
        seals = set(re.findall(r'<span class="seal">(.*?)</span>', page, re.DOTALL))
        assert len({_shape(seal) for seal in seals}) == 8
    assert "8 more" not in at_home
    assert "7 more addresses" in at_home


def _shape(seal: str) -> str:
    """The family of a seal: what is left when the turn by its number is taken out."""
    return re.sub(r"rotate\([^)]*\)", "", seal)


def _many(street: Street, through: str) -> tuple[Identity, AccountRef]:
    buh, mill = street.person("Buh"), street.organisation("Mill")
    accounts = street.accounts(THOUSANDS, mill)
    street.accounts(300, first=THOUSANDS + 1)
    if through == "organisation":
        street.grant(buh, mill, "accountant")
    else:
        first = accounts[0].id
        shared = {"identity_id": buh.id, "organisation_id": None, "role": "owner", "created_at": street.clock.now()}
        with street.unit() as db:
            rows = [{"account_id": first + n, "public_id": public_id(), **shared} for n in range(THOUSANDS)]
            db.execute(insert(Membership), rows)
    with street.unit() as db:
        # What a database does by itself within a minute: the tables held thousands before, were emptied and counted as empty.
        db.execute(text("ANALYZE"))
    return buh, accounts[20]


def _walk(street: Street, through: str) -> None:
    buh, account = _many(street, through)
    browser = street.browser(buh)

    home = browser.get(f"/home/{account.public_id}/")
    assert "All addresses" in home.text
    assert len(home.text) < 20_000
    assert len(browser.statements) <= 9

    first, second = browser.get("/accounts"), browser.get("/accounts?page=2")
    assert len(browser.statements) <= 6
    shown = [set(re.findall(r"/home/(\w{16})/", page.text)) for page in (first, second)]
    assert [len(each - {account.public_id}) for each in shown] == [24, 24]
    assert not (shown[0] & shown[1]) - {account.public_id}

    found = browser.get("/accounts?q=лесная+10000").text
    assert "Лесная, 10000" in found
    assert "Лесная, 9999<" not in found
    assert "Nothing found" in browser.get("/accounts?q=Лесная+10001").text, "a neighbour's"
    assert browser.get("/accounts?page=nonsense").status_code == 200


def test_an_organisation_with_ten_thousand_accounts_is_as_quick(street: Street) -> None:
    _walk(street, "organisation")


def test_ten_thousand_memberships_of_one_person_are_as_quick(street: Street) -> None:
    _walk(street, "accounts")


def test_a_search_takes_words_as_people_type_them(street: Street) -> None:
    anna = street.person("Anna")
    street.account(anna, number=412778215)
    browser = street.browser(anna)

    for typed in ("0412 778", "ЛЕСНАЯ", "лесна", "Лёсная 412778215", "778%2C Лесная"):
        assert "Лесная, 412778215" in browser.get(f"/accounts?q={typed}").text, typed
    for typed in ("%25", "_", "Берёзовая", "778 Лесная 9"):
        page = browser.get(f"/accounts?q={typed}").text
        assert ("Nothing found" in page) == (typed not in ("%25", "_")), typed


def test_roles_in_one_account_do_not_double_it(street: Street) -> None:
    anna = street.person("Anna")
    account = street.account(anna)
    street.grant(anna, account, "signer")
    street.account(anna, number=2)

    assert "1 more address<" in street.browser(anna).get(f"/home/{account.public_id}/").text


def test_the_session_statement_looks_memberships_up_and_never_walks_them(tmp_path: Path) -> None:
    """Read off the plan: each way to an account by its own index, groups by theirs."""
    street = Street(f"sqlite:///{tmp_path / 'portal.db'}", tmp_path)
    statement = Statements(street.portal.ports.find(UnreadCount))._by_path.statement  # type: ignore[type-abstract]
    assert isinstance(statement, Select)
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    # Lists of values (topics of modules that are off) are written out, as when it is asked.
    written = compiled.construct_expanded_state(compiled.params)
    with street.portal.database.reading() as connection:
        plan = [
            str(row[3])
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + written.statement, dict(written.parameters))
        ]
    street.close()

    members = [line for line in plan if "accounts_memberships" in line or "notice_member" in line]
    assert not [line for line in plan if line.startswith("SCAN")], plan
    assert len(members) == 6
    for way in ("account_id=?", "organisation_id=?", "group_id>?"):
        assert sum(f"(identity_id=? AND {way})" in line for line in members) == 2, plan
