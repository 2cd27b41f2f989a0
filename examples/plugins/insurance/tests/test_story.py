"""The story of a policy: it comes from the insurer, is seen and found, its premium is paid, its paper read, an event reported; and it ends."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.modules.payments.contract import Received, Receiving
from lkportal.testing import Mailbox, Program, Visitor, World

HOME = "ИМ-1;{};имущество;12.12.2025;11.12.2026;3000000;10000;Пожар; 6400;04.12.2026;{}"
OBJECTS = "номер полиса;объект;описание;страховая сумма"
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def home(account: AccountRef, send: Callable[..., Any], work_off: Callable[[], int]) -> Callable[..., Any]:
    """The home policy of `account`, with all that follows from its coming."""

    def sent(state: str = "") -> Any:
        report = send(HOME.format(account.number, state))
        work_off()
        return report

    return sent


def link(page: str, part: str) -> str:
    """Return the first address on a page that has this part."""
    found = re.search(rf'href="([^"]*{part}[^"]*)"', page)
    assert found is not None, part
    return unescape(found[1])


def policy_page(visitor: Visitor) -> str:
    """Return the page of the policy that the dashboard leads to."""
    return visitor.get(link(visitor.get(visitor.url("accounts:home")).text, r"/insurance/\w+/\w+/")).text


def received(world: World, account: AccountRef, amount: int) -> None:
    """Let money of the customer reach the company."""
    with world.unit() as db:
        paid = Received(f"order-{amount}", account, amount, "RUB", date(2026, 11, 22), "Payment order 1")
        port(db, Receiving).record(db, paid)  # type: ignore[type-abstract]


def test_a_policy_comes_and_is_paid(
    customer: Visitor,
    world: World,
    account: AccountRef,
    send: Callable[..., Any],
    home: Callable[..., Any],
    work_off: Callable[[], int],
) -> None:
    assert "No policies here yet" in customer.get(customer.url("insurance:list")).text
    assert home().accepted == 1
    told = send("ИМ-1;Квартира;54 кв. м;3000000", kind="insurance.objects", head=OBJECTS)
    assert told.accepted == 1

    assert "20 days left" in customer.get(customer.url("accounts:home")).text
    page = policy_page(customer)
    for said in ("Policy No. ИМ-1", "Пожар", "Квартира", "54 кв. м", "10\u00a0000"):
        assert said in page
    assert "ИМ-1" in customer.get("/search?q=квартира").text
    assert "Premium of a policy is to be paid" in customer.get(customer.url("accounts:history")).text

    pay = customer.get(link(page, r"/pay\?bill="))
    assert pay.status_code == 200
    bill = customer.get(customer.url("payments:bill", bill=link(page, r"/pay\?bill=").partition("bill=")[2])).text
    assert "Страховой взнос" in bill, "kept in the first language of the company"
    assert "Полис № ИМ-1" in bill

    received(world, account, 240_000)
    work_off()
    assert "left of 6\u00a0400" in policy_page(customer)
    received(world, account, 400_000)
    work_off()
    page = policy_page(customer)
    assert "Premium to pay" not in page
    assert "Paid" in page


@ON_SQLITE
def test_an_event_is_reported_about_a_policy(customer: Visitor, staff: Visitor, home: Callable[..., Any]) -> None:
    home()
    page = policy_page(customer)
    form = link(page, "/new/insurance.claim")
    shown = customer.get(form).text
    assert "Policy No. ИМ-1" in shown
    hidden = dict(re.findall(r'name="(token|about)" value="([^"]+)"', shown))
    asked = {**hidden, "event": "water", "day": "2026-11-20", "phone": "", "body": "The neighbours' pipe"}
    answer = customer.post(form.partition("?")[0], asked, page=form)
    assert answer.status_code == 303, answer.text
    assert "Something happened" in staff.get("/staff/tickets/").text


@ON_SQLITE
def test_a_cancelled_policy_asks_for_nothing(
    customer: Visitor, world: World, account: AccountRef, home: Callable[..., Any], program: Callable[..., Program]
) -> None:
    home()
    home("расторгнут")
    told = program(customer.actor, "insurance.read").get(f"/accounts/{account.public_id}/policies")
    (policy,) = told.json()["items"]
    assert (policy["state"], policy["days_left"]) == ("cancelled", 0)
    whole = program().get(f"/accounts/{account.public_id}/policies/{policy['id']}").json()
    assert [each["state"] for each in whole["premiums"]] == ["withdrawn"]
    assert "Premium to pay" not in customer.get(customer.url("insurance:policy", policy=policy["id"])).text
    bills = customer.get(customer.url("payments:bills")).text
    assert "6\u00a0400" not in bills
    other = world.account("0999")
    assert program(customer.actor).get(f"/accounts/{other.public_id}/policies").status_code == 404


def test_rows_that_cannot_be_are_refused_and_the_rest_comes(
    account: AccountRef, send: Callable[..., Any], world: World
) -> None:
    other = world.account("0999")
    number = account.number
    report = send(
        f"А-1;{number};авто;01.01.2026;31.12.2026;1000;;;;;",
        f"А-2;{number};авто;31.12.2026;01.01.2026;1000;;;;;",
        "А-3;777;авто;01.01.2026;31.12.2026;1000;;;;;",
        f"А-4;{number};авто;01.01.2026;31.12.2026;1000;;;-5;01.02.2026;",
        f"А-5;{number};корабль;01.01.2026;31.12.2026;1000;;;;;",
    )
    assert (report.accepted, report.rejected) == (1, 4)
    moved = send(f"А-1;{other.number};авто;01.01.2026;31.12.2026;1000;;;;;")
    assert (moved.accepted, moved.rejected) == (0, 1), "a policy never goes over to another account"


@ON_SQLITE
def test_a_reader_sees_it_and_cannot_pay(
    home: Callable[..., Any], visit: Callable[..., Visitor], world: World, account: AccountRef
) -> None:
    home()
    reader = visit(world.customer("reader@example.org", account, role="reader"), account)
    page = policy_page(reader)
    assert "Policy No. ИМ-1" in page
    assert "/pay" not in page


class TestPaper:
    @pytest.fixture
    def portal_overrides(self) -> Mapping[str, Any]:
        return {"modules": {"enabled": ["documents", "insurance"]}}

    @ON_SQLITE
    def test_it_stands_among_the_documents(self, customer: Visitor, home: Callable[..., Any]) -> None:
        home()
        page = policy_page(customer)
        document = customer.get(link(page, r"/documents/\w+/\w+/"))
        assert "Страховой полис" in document.text
        paper = customer.get(link(document.text, "/file/"))
        assert paper.content.startswith(b"%PDF-")
        home()
        listed = customer.get(customer.url("documents:list")).text
        assert listed.count("Страховой полис") == listed.count("ИМ-1") == 1, "the file that came twice is one paper"


class TestAlone:
    @pytest.fixture
    def portal_overrides(self) -> Mapping[str, Any]:
        return {"modules": {"enabled": ["insurance"]}}

    @ON_SQLITE
    def test_it_does_without_payments_documents_and_requests(self, customer: Visitor, home: Callable[..., Any]) -> None:
        home()
        page = policy_page(customer)
        assert "Later" in page, "the premium is told of and not asked for"
        for way in ("/pay", "/documents/", "/tickets/"):
            assert way not in page

    @ON_SQLITE
    def test_people_are_told_before_it_ends_once_for_each_day(
        self,
        customer: Visitor,
        home: Callable[..., Any],
        clock: MovableClock,
        work_off: Callable[[], int],
        mailbox: Mailbox,
    ) -> None:
        def told() -> int:
            work_off()
            return sum("ИМ-1" in letter.subject for letter in mailbox.letters)

        home()
        clock.advance(timedelta(days=1))
        assert told() == 1
        clock.advance(timedelta(days=1))
        assert told() == 1
        clock.advance(timedelta(days=14))
        assert told() == 2

    @ON_SQLITE
    def test_the_company_counts_policies_by_kind(
        self,
        home: Callable[..., Any],
        clock: MovableClock,
        work_off: Callable[[], int],
        visit: Callable[..., Visitor],
        world: World,
    ) -> None:
        home()
        clock.advance(timedelta(days=1))
        work_off()
        desk = visit(world.staff("admin@example.org", "administrator"))
        assert "Home insurance" in desk.get("/staff/reports/insurance").text
