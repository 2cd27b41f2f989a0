"""Papers of payments: what a bill, a receipt, a statement and an act say, who gets them, and the code that a bank reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pypdf
import pypdfium2
import pytest
import zxingcpp
from httpx2 import Response
from PIL import Image
from sqlalchemy import select, update

from lkportal.accounts.models import Account
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.ids import grouped
from lkportal.core.imports import run_import
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.books.period import fold, usual
from lkportal.modules.payments.models import Bill
from lkportal.modules.payments.tests.test_pages import CHARGES, pay, payments
from lkportal.testing import SandboxDriver, Visitor
from lkportal.testing.world import World

PAYEE = {
    "name": "АО «Северводоканал»",
    "account": "40702810000000004127",
    "bank": "ПАО «Северный банк»",
    "bic": "041117601",
    "correspondent": "30101810100000000601",
    "inn": "2900000007",
    "kpp": "290001001",
}


@pytest.fixture
def portal_overrides() -> dict[str, object]:
    """A portal whose payee is known, so that its bills have a code."""
    return {"payments": {"payee": PAYEE}}


@pytest.fixture
def billed(portal: Portal, account: AccountRef, tmp_path: Path) -> list[str]:
    """The bills of the account, oldest first: September and October."""
    file = tmp_path / "charges.csv"
    file.write_text(CHARGES, encoding="utf-8")
    run_import(portal.database, portal.unit_context("test"), portal.registry.import_kinds["charges"], file)
    with portal.database.reading() as connection:
        return list(connection.scalars(select(Bill.public_id).order_by(Bill.period)))


def said(answer: Response) -> str:
    """The words of a paper, spaces made plain."""
    assert answer.headers["content-type"] == "application/pdf", answer.text
    reader = pypdf.PdfReader(BytesIO(answer.content))
    return " ".join("\n".join(page.extract_text() for page in reader.pages).replace("\u00a0", " ").split())


def file_name(answer: Response) -> str:
    """The name a browser keeps a paper under."""
    return unquote(answer.headers["content-disposition"].partition("filename*=UTF-8''")[2])


def test_a_bill_on_paper_says_what_its_page_says(billed: list[str], customer: Visitor) -> None:
    answer = customer.get(customer.url("payments:bill_paper", bill=billed[1]))
    words = said(answer)

    for expected in (
        "Bill for October 2026",
        "Горячая вода",
        "218,40",
        "3,9 m³",
        "1 069,06 ₽",
        "041117601",
        "0412778215",
    ):
        assert expected in words
    assert file_name(answer) == "Bill 0412778215 2026-10.pdf"
    assert 'filename="Bill 0412778215 2026-10.pdf"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_code_on_a_bill_is_what_a_bank_reads(billed: list[str], customer: Visitor) -> None:
    answer = customer.get(customer.url("payments:bill_paper", bill=billed[1]))
    with pypdfium2.PdfDocument(answer.content) as document:
        picture = document[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    kind, *pairs = code.text.split("|")
    told = dict(pair.split("=", 1) for pair in pairs)

    assert kind == "ST00012"
    assert told == {
        "Name": PAYEE["name"],
        "PersonalAcc": PAYEE["account"],
        "BankName": PAYEE["bank"],
        "BIC": PAYEE["bic"],
        "CorrespAcc": PAYEE["correspondent"],
        "PayeeINN": PAYEE["inn"],
        "KPP": PAYEE["kpp"],
        "PersAcc": "0412778215",
        "PaymPeriod": "10.2026",
        "Sum": "106906",
    }


def test_the_page_of_a_bill_links_the_same_code_and_leaves_it_out_when_nothing_is_due(
    billed: list[str], customer: Visitor, gateway: SandboxDriver, portal: Portal, clock: MovableClock
) -> None:
    address = customer.url("payments:bill_code", bill=billed[1])
    page = customer.get(customer.url("payments:bill", bill=billed[1])).text
    assert f'src="{address}" width="196" height="196" alt="QR code with the bank details and the sum"' in page
    answer = customer.get(address)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/svg+xml", "no-store")
    (code,) = zxingcpp.read_barcodes(picture_of(answer.text))
    assert "|PersAcc=0412778215|PaymPeriod=10.2026|Sum=106906" in code.text

    pay(customer, choice="202796")
    gateway.pay(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    customer.get(customer.url("payments:payment", payment=payments(portal)[0]))
    assert address not in customer.get(customer.url("payments:bill", bill=billed[1])).text
    assert customer.get(address).headers["location"] == customer.url("payments:bill", bill=billed[1])


def picture_of(svg: str) -> Image.Image:
    """Return a code drawn as SVG in pixels: every run of dark modules is `M<x> <y>h<width>`."""
    side = int(re.findall(r'viewBox="-4 -4 (\d+) ', svg)[0])
    picture = Image.new("L", (side, side), 255)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h", svg):
        picture.paste(0, (int(x) + 4, int(y) + 4, int(x) + 4 + int(width), int(y) + 5))
    return picture.resize((side * 4, side * 4), Image.Resampling.NEAREST)


def test_a_name_in_cyrillic_survives_the_header(
    billed: list[str], visit: Callable[..., Visitor], world: World, account: AccountRef
) -> None:
    reader = visit(world.customer("boris@example.org", account), account, language="ru")
    answer = reader.get(reader.url("payments:bill_paper", bill=billed[1]))

    assert file_name(answer) == "Счёт 0412778215 2026-10.pdf"
    assert answer.headers["content-disposition"].isascii()


def test_only_money_that_came_has_a_receipt(
    portal: Portal, clock: MovableClock, gateway: SandboxDriver, billed: list[str], customer: Visitor
) -> None:
    pay(customer, choice="202796")
    (payment,) = payments(portal)
    receipt = customer.url("payments:receipt", payment=payment)
    assert customer.get(receipt).headers["location"] == customer.url("payments:payment", payment=payment)

    gateway.pay(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    page = customer.get(customer.url("payments:payment", payment=payment)).text
    assert receipt in page
    words = said(customer.get(receipt))
    for expected in (
        "Receipt of a payment",
        "2 027,96 ₽",
        grouped(payment).replace("\u00a0", " "),
        "АО «Северводоканал»",
        "not a fiscal receipt",
    ):
        assert expected in words


def provider_id(portal: Portal) -> str:
    """What the provider calls the newest attempt."""
    with portal.database.reading() as connection:
        return str(
            connection.exec_driver_sql("SELECT provider_id FROM payments_attempts ORDER BY id DESC LIMIT 1").scalar()
        )


def test_a_statement_begins_with_what_was_owed_and_ends_with_what_is(billed: list[str], customer: Visitor) -> None:
    page = customer.get(customer.url("payments:papers", since="2026-10-01", until="2026-11-22"))
    assert page.status_code == 200
    assert customer.url("payments:statement", since="2026-10-01", until="2026-11-22").replace("&", "&amp;") in page.text
    words = said(customer.get(customer.url("payments:statement", since="2026-10-01", until="2026-11-22")))

    for expected in ("Statement of the account", "1 October 2026", "Owed at the beginning", "Charged", "2 027,96 ₽"):
        assert expected in words


def test_an_act_names_both_sides_and_what_is_owed(portal: Portal, billed: list[str], customer: Visitor) -> None:
    with portal.database.unit() as db:
        db.execute(update(Account).values(holder="Смирнова А. В."))
    words = said(customer.get(customer.url("payments:act")))

    for expected in (
        "Act of reconciliation",
        "АО «Северводоканал»",
        "Смирнова А. В.",
        "2 027,96 ₽ is owed",
        "Turnover",
        "Signature",
    ):
        assert expected in words


def test_who_only_pays_is_not_told_whose_account_it_is(
    portal: Portal, billed: list[str], visit: Callable[..., Visitor], world: World, account: AccountRef
) -> None:
    with portal.database.unit() as db:
        db.execute(update(Account).values(holder="Смирнова А. В."))
    neighbour = visit(world.customer("neighbour@example.org", account, role="payer"), account)

    for name in ("payments:act", "payments:statement"):
        assert "Смирнова" not in said(neighbour.get(neighbour.url(name)))


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        ("2026-11-01", "2026-10-01", "cannot be before"),
        ("2001-01-01", "2026-10-01", "five years at most"),
        ("soon", "2026-10-01", "Enter a date"),
    ],
)
def test_a_period_that_is_none_is_asked_again(
    billed: list[str], customer: Visitor, since: str, until: str, told: str
) -> None:
    page = customer.get(customer.url("payments:papers", since=since, until=until))
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{since}"' in page.text
    answer = customer.get(customer.url("payments:statement", since=since, until=until))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(customer.url("payments:papers"))


def test_papers_of_others_are_no_papers(
    billed: list[str], visit: Callable[..., Visitor], world: World, account: AccountRef
) -> None:
    stranger = visit(world.customer("eve@example.org"))
    other = world.account("0999999999")
    eve = visit(world.customer("mallory@example.org", other), other)
    for name, params in (
        ("payments:bill_paper", {"bill": billed[1]}),
        ("payments:bill_code", {"bill": billed[1]}),
        ("payments:statement", {}),
        ("payments:act", {}),
        ("payments:papers", {}),
    ):
        path = eve.url(name, account=account.public_id, **params)
        assert stranger.get(path).status_code == 404
        assert eve.get(path).status_code == 404
    for name in ("payments:bill_paper", "payments:bill_code"):
        assert eve.get(eve.url(name, bill=billed[1])).status_code == 404, "a bill of another account"


def test_the_desk_gets_the_papers_of_the_customer_it_looks_at(
    billed: list[str], staff: Visitor, account: AccountRef, customer: Visitor
) -> None:
    card = staff.get(staff.url("staff:customer", customer=account.public_id)).text
    whose = {"customer": account.public_id}
    for name, params in (("desk_bill_paper", {"bill": billed[1]}), ("desk_statement", whose), ("desk_act", whose)):
        path = staff.url(f"payments:{name}", **params)
        assert path in card
        assert "0412778215" in said(staff.get(path))
        assert customer.get(path).status_code in (403, 404)


def test_a_period_folds_to_the_kopeck() -> None:
    class Row:
        def __init__(self, kind: str, change: int) -> None:
            self.kind, self.change, self.occurred_on = kind, change, date(2026, 10, 1)

    period = fold(date(2026, 10, 1), date(2026, 10, 31), 500, [Row("charge", 148_260), Row("payment", -100_000)])
    assert (period.charged, period.settled, period.closing) == (148_260, 100_000, 48_760)
    assert period.opening + period.charged - period.settled == period.closing
    assert [each.balance for each in period.movements] == [148_760, 48_760]
    assert usual(date(2026, 11, 22)) == (date(2025, 11, 1), date(2026, 11, 22))
