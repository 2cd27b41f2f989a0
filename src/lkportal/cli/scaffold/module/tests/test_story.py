"""The story of entries: added, seen, found, told of, and nobody else's business."""

from collections.abc import Callable

from lkportal.core.imports import ImportReport
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World

TOKEN = "theFormsOwnToken"


def test_an_entry_is_added_and_seen(customer: Visitor) -> None:
    assert "Nothing here yet" in customer.get(customer.url("things:list")).text
    answer = customer.post(customer.url("things:new"), {"title": "Blue door", "remark": "It sticks", "token": TOKEN})
    assert answer.status_code == 303
    page = customer.get(customer.url("things:list")).text
    assert "The entry is added." in page
    assert "Blue door" in page
    assert "1 entry" in customer.get(customer.url("accounts:home")).text
    assert "Entry added" in customer.get(customer.url("accounts:history")).text
    assert "Blue door" in customer.get("/search?q=blue").text


def test_the_same_form_twice_is_one_entry(customer: Visitor) -> None:
    for _ in range(2):
        form = {"title": "Blue door", "token": TOKEN}
        assert customer.post(customer.url("things:new"), form).status_code == 303
    assert "1 entry" in customer.get(customer.url("accounts:home")).text


def test_an_entry_without_a_title_is_asked_for_again(customer: Visitor) -> None:
    answer = customer.post(customer.url("things:new"), {"title": "", "remark": "It sticks", "token": TOKEN})
    assert answer.status_code == 422
    assert "It sticks" in answer.text, "nothing typed is lost"


def test_who_may_only_look_adds_nothing(customer: Visitor, visit: Callable[..., Visitor], world: World, account: AccountRef) -> None:
    reader = visit(world.customer("reader@example.org", account, role="reader"), account)
    assert reader.get(reader.url("things:list")).status_code == 200
    assert reader.get(reader.url("things:new")).status_code == 403


def test_rows_of_the_company_are_entries_once(customer: Visitor, bring: Callable[[str, str], ImportReport], account: AccountRef) -> None:
    row = f"{account.number};Blue door\n"
    report = bring("things.entries", f"account;title\n{row}{row}none;Red door\n")
    assert (report.accepted, report.rejected) == (2, 1)
    bring("things.entries", f"account;title\n{row}")
    assert "1 entry" in customer.get(customer.url("accounts:home")).text
