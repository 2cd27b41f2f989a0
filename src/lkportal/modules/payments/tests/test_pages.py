"""Payments as people meet them: bills and why they differ, the slip, paying at the sandbox and coming back, the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select, text

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.imports import run_import
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.models import Bill, Payment
from lkportal.modules.payments.routes import FORGED_A_MINUTE
from lkportal.testing import Mailbox, SandboxDriver, Visitor
from lkportal.testing.world import World

CHARGES = (
    "Лицевой счёт;Период;Услуга;Объём;Ед. изм.;Тариф;Сумма;Вид строки;Основание;Оплатить до\n"
    "0412778215;09.2026;Горячая вода;3,0;м3;218,40;655,20;;;15.10.2026\n"
    "0412778215;09.2026;Холодная вода;7,2;м3;42,18;303,70;;;15.10.2026\n"
    "0412778215;10.2026;Горячая вода;3,9;м3;218,40;851,76;;по вашему счётчику;30.11.2026\n"
    "0412778215;10.2026;Холодная вода;7,2;м3;42,18;303,70;;;30.11.2026\n"
    "0412778215;10.2026;Перерасчёт;;;;-86,40;перерасчёт;воды не было;30.11.2026\n"
)
SUM = "2\u00a0027,96"
Visit = Callable[..., Visitor]


@pytest.fixture
def billed(portal: Portal, account: AccountRef, tmp_path: Path) -> AccountRef:
    """The account with two bills: September, which is overdue, and October."""
    file = tmp_path / "charges.csv"
    file.write_text(CHARGES, encoding="utf-8")
    run_import(portal.database, portal.unit_context("test"), portal.registry.import_kinds["charges"], file)
    return account


def bills(portal: Portal) -> list[str]:
    """Return the public ids of the bills, oldest first."""
    with portal.database.reading() as connection:
        return list(connection.scalars(select(Bill.public_id).order_by(Bill.period)))


def payments(portal: Portal) -> list[str]:
    """Return the public ids of the payments, oldest first."""
    with portal.database.reading() as connection:
        return list(connection.scalars(select(Payment.public_id).order_by(Payment.id)))


def laws(portal: Portal) -> list[str]:
    """Return the laws of payments that are broken."""
    with portal.database.reading() as connection:
        module = next(each for each in portal.registry.modules if each.name == "payments")
        return [law.name for law in module.invariants if connection.execute(text(law.statement)).all()]


def pay(visitor: Visitor, **fields: str) -> str:
    """Send the form of a payment as the browser would; return where it leads."""
    page = visitor.get(visitor.url("payments:pay")).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    answer = visitor.post(
        visitor.url("payments:start"), {"token": token[1], **fields}, page=visitor.url("payments:pay")
    )
    assert answer.status_code == 303, unescape(answer.text)
    return answer.headers["location"]


def test_the_bills_tell_what_is_due_and_which_are_paid(billed: AccountRef, customer: Visitor) -> None:
    page = customer.get(customer.url("payments:bills"))
    assert page.status_code == 200
    assert f"{SUM}" in page.text
    assert "Overdue" in page.text
    assert "was due 38 days ago" in page.text


def test_a_bill_tells_why_it_differs_and_what_it_is_made_of(
    portal: Portal, billed: AccountRef, customer: Visitor
) -> None:
    page = customer.get(customer.url("payments:bill", bill=bills(portal)[1]))
    assert page.status_code == 200
    assert "Bill for October" in page.text
    assert "110,16" in page.text
    assert "more than for September; mostly горячая вода" in page.text
    assert "по вашему счётчику" in page.text
    assert "218,40" in page.text
    assert "3,9\u00a0m³" in page.text


def test_the_first_bill_has_nothing_to_differ_from(portal: Portal, billed: AccountRef, customer: Visitor) -> None:
    page = customer.get(customer.url("payments:bill", bill=bills(portal)[0]))
    assert page.status_code == 200
    assert "more than for" not in page.text


def test_the_dashboard_shows_the_slip_and_past_bills(billed: AccountRef, customer: Visitor) -> None:
    page = customer.get(customer.url("accounts:home"))
    assert page.status_code == 200
    assert "What is in it" in page.text
    assert "2\u00a0027" in page.text
    assert "September" in page.text


def test_without_bills_the_pages_say_what_will_come(customer: Visitor) -> None:
    bills = customer.get(customer.url("payments:bills")).text
    assert "No bills yet" in bills
    assert "All is paid" not in bills, "nothing was paid where nothing came"
    assert "The first bill has not come yet" in customer.get(customer.url("accounts:home")).text
    assert "Nothing has moved yet" in customer.get(customer.url("payments:movements")).text


def test_without_a_gateway_paying_is_not_offered(billed: AccountRef, customer: Visitor) -> None:
    assert "Paying here is not offered yet" in customer.get(customer.url("payments:pay")).text
    page = customer.get(customer.url("payments:bills")).text
    assert customer.url("payments:pay") not in page


def test_what_is_due_is_paid_at_the_provider_and_credited_when_the_payer_comes_back(
    portal: Portal,
    clock: MovableClock,
    gateway: SandboxDriver,
    billed: AccountRef,
    customer: Visitor,
    work_off: Callable[[], int],
    mailbox: Mailbox,
) -> None:
    assert pay(customer, choice="202796").startswith(gateway.address)
    (payment,) = payments(portal)
    waiting = customer.get(customer.url("payments:payment", payment=payment))
    assert "Waiting for the bank" in waiting.text
    assert "There is no need to pay again." in waiting.text
    assert "Go on paying" in waiting.text

    gateway.pay(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    paid = customer.get(customer.url("payments:payment", payment=payment))
    assert "We have the money." in paid.text
    assert "All is paid" in customer.get(customer.url("payments:bills")).text
    assert "is being posted" in customer.get(customer.url("accounts:home")).text
    moved = customer.get(customer.url("payments:movements")).text
    assert "Paid here" in moved
    assert laws(portal) == []
    work_off()
    assert "2 027,96" in mailbox.last.subject


def provider_id(portal: Portal) -> str:
    """Return what the provider calls the newest attempt."""
    with portal.database.reading() as connection:
        return str(connection.scalar(text("SELECT provider_id FROM payments_attempts ORDER BY id DESC LIMIT 1")))


def state(portal: Portal) -> list[str]:
    """Return the states of the payments, oldest first."""
    with portal.database.reading() as connection:
        return list(connection.scalars(select(Payment.state).order_by(Payment.id)))


def test_a_doubled_click_is_one_payment(portal: Portal, gateway: SandboxDriver, customer: Visitor) -> None:
    page = customer.url("payments:pay")
    token = re.search(r'name="token" value="([^"]+)"', customer.get(page).text)
    assert token is not None
    fields = {"token": token[1], "amount": "500,00"}
    first, second = (customer.post(customer.url("payments:start"), fields, page=page) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    (payment,) = payments(portal)
    assert gateway.count(payment) == 1


def test_a_form_that_comes_back_with_another_amount_is_another_payment(
    portal: Portal, gateway: SandboxDriver, customer: Visitor
) -> None:
    page = customer.url("payments:pay")
    token = re.search(r'name="token" value="([^"]+)"', customer.get(page).text)
    assert token is not None
    amounts = ["33", "44", "44", "33"]
    leads = [
        customer.post(customer.url("payments:start"), {"token": token[1], "amount": amount}, page=page).headers[
            "location"
        ]
        for amount in amounts
    ]
    assert leads[0] != leads[1] == leads[2]
    assert leads[3] == leads[0]
    assert len(payments(portal)) == 2


def test_what_is_paid_or_came_from_the_past_is_not_tried_again(
    portal: Portal, gateway: SandboxDriver, customer: Visitor
) -> None:
    pay(customer, amount="500")
    (payment,) = payments(portal)
    with portal.database.unit() as db:
        db.execute(text("UPDATE payments_payments SET state = 'paid'"))
        db.execute(text("UPDATE payments_attempts SET state = 'succeeded', intent = '{}'"))
    here = customer.url("payments:payment", payment=payment)
    again = customer.post(customer.url("payments:again", payment=payment), page=here)
    assert (again.status_code, again.headers["location"]) == (303, here)
    assert gateway.count(payment) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose an amount or type one."),
        ({"amount": "0"}, "Enter an amount above zero."),
        ({"amount": "0,50"}, "The smallest payment is"),
        ({"amount": "300000,01"}, "The greatest payment is"),
        ({"amount": "сто"}, "Enter an amount such as"),
        ({"choice": "-5"}, "Choose one of the options."),
    ],
)
@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_wrong_amount_is_named_and_nothing_is_started(
    portal: Portal, gateway: SandboxDriver, customer: Visitor, fields: dict[str, str], said: str
) -> None:
    answer = customer.post(customer.url("payments:start"), fields, page=customer.url("payments:pay"))
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert payments(portal) == []


def test_a_declined_card_is_told_in_words_and_tried_again(
    portal: Portal, clock: MovableClock, gateway: SandboxDriver, customer: Visitor
) -> None:
    pay(customer, amount="500")
    (payment,) = payments(portal)
    gateway.decline(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    here = customer.url("payments:payment", payment=payment)
    page = customer.get(here).text
    assert "The payment did not go through" in page
    assert "There is not enough money on the card." in page
    again = customer.post(customer.url("payments:again", payment=payment), page=here)
    assert again.headers["location"].startswith(gateway.address)
    gateway.pay(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    assert "We have the money." in customer.get(here).text
    assert (state(portal), laws(portal)) == (["paid"], [])


def notify(visitor: Visitor, body: bytes) -> int:
    """Send what a provider would to the portal; return the status of the answer."""
    answer = visitor.client.post("/payments/hooks/yookassa", content=body, headers={"content-type": "application/json"})
    return answer.status_code


def test_a_notification_is_only_a_hint_and_its_payment_is_fetched(
    portal: Portal, gateway: SandboxDriver, customer: Visitor, visit: Visit, work_off: Callable[[], int]
) -> None:
    pay(customer, amount="500")
    gateway.pay(provider_id(portal))
    provider = visit(network="127.0.0.1")
    (genuine, *_) = gateway.callbacks(provider_id(portal))
    for _ in range(3):
        assert notify(provider, genuine.body) == 200
    assert state(portal) == ["waiting"], "nothing is believed until the payment is fetched"
    work_off()
    assert (state(portal), laws(portal)) == (["paid"], [])


def test_forged_notifications_are_refused_recorded_and_change_nothing(
    portal: Portal, gateway: SandboxDriver, customer: Visitor, visit: Visit, work_off: Callable[[], int]
) -> None:
    pay(customer, amount="500")
    gateway.pay(provider_id(portal))
    stranger, provider = visit(network="203.0.113.7"), visit(network="127.0.0.1")
    (genuine, *_) = gateway.callbacks(provider_id(portal))
    assert notify(stranger, genuine.body) == 403
    for body in (
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"type":"notification","event":"payment.succeeded","object":{"id":"../me"}}',
    ):
        assert notify(provider, body) == 403
    assert provider.client.post("/payments/hooks/other", content=b"{}").status_code == 404
    with portal.database.reading() as connection:
        forged = connection.scalar(text("SELECT count(*) FROM audit_records WHERE action = 'payments.forged'"))
    assert (forged, state(portal)) == (6, ["waiting"])
    of_nobody = genuine.body.replace(provider_id(portal).encode(), b"22e12f66-000f-5000-8000-18db351245c7")
    assert notify(provider, of_nobody) == 200
    work_off()
    assert state(portal) == ["waiting"]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_flood_of_forged_notifications_does_not_fill_the_audit(
    portal: Portal, gateway: SandboxDriver, visit: Visit
) -> None:
    stranger = visit(network="203.0.113.7")
    assert {notify(stranger, b"{}") for _ in range(FORGED_A_MINUTE + 10)} == {403}
    with portal.database.reading() as connection:
        told = connection.scalar(text("SELECT count(*) FROM audit_records WHERE action = 'payments.forged'"))
    assert told == FORGED_A_MINUTE


def test_what_is_others_is_not_there(
    portal: Portal, gateway: SandboxDriver, billed: AccountRef, customer: Visitor, world: World, visit: Visit
) -> None:
    pay(customer, amount="500")
    (payment,), bill = payments(portal), bills(portal)[0]
    theirs = world.account("0530118846")
    stranger = visit(world.customer("oleg@example.org", theirs), theirs)
    for route, named in (("bill", {"bill": bill}), ("payment", {"payment": payment})):
        assert stranger.get(stranger.url(f"payments:{route}", **named)).status_code == 404
        assert stranger.get(stranger.url(f"payments:{route}", account=billed.public_id, **named)).status_code == 404
    fields = {"amount": "10", "bill": bill}
    answer = stranger.post(stranger.url("payments:start"), fields, page=stranger.url("payments:pay"))
    assert (answer.status_code, len(payments(portal))) == (404, 1)


def test_who_may_only_look_sees_no_button_and_is_refused(
    gateway: SandboxDriver, billed: AccountRef, world: World, visit: Visit
) -> None:
    signer = visit(world.customer("signer@example.org", billed, role="signer"), billed)
    page = signer.get(signer.url("payments:bills"))
    assert page.status_code == 200
    assert signer.url("payments:pay") not in page.text
    assert signer.get(signer.url("payments:pay")).status_code == 403


def test_the_provider_being_down_costs_the_payer_nothing(
    portal: Portal, clock: MovableClock, gateway: SandboxDriver, customer: Visitor, work_off: Callable[[], int]
) -> None:
    work_off()  # the worker is there from the beginning
    gateway.fail_after("create")
    assert pay(customer, amount="500").startswith("/payments/")
    (payment,) = payments(portal)
    page = customer.get(customer.url("payments:payment", payment=payment)).text
    assert "There is no need to pay again." in page
    clock.advance(timedelta(minutes=2))
    work_off()
    assert gateway.count(payment) == 1
    gateway.pay(provider_id(portal))
    clock.advance(timedelta(minutes=2))
    work_off()
    assert (state(portal), laws(portal)) == (["paid"], [])


def test_the_desk_sees_what_a_customer_owes_and_what_needs_a_look(
    portal: Portal, gateway: SandboxDriver, billed: AccountRef, customer: Visitor, staff: Visitor
) -> None:
    assert "Nothing to look at" in staff.get(staff.url("payments:attention")).text
    pay(customer, amount="500")
    with portal.database.unit() as db:
        db.execute(
            text("UPDATE payments_attempts SET state = 'attention', reason = 'another_amount', next_ask_at = NULL")
        )
        db.execute(text("UPDATE payments_payments SET state = 'attention'"))
    page = staff.get(staff.url("payments:attention")).text
    assert "The provider tells of another amount" in page
    assert billed.number in page
    card = staff.get(staff.url("staff:customer", customer=billed.public_id)).text
    assert "owed" in card
    assert "Being checked" in card
    (payment,) = payments(portal)
    mine = customer.get(customer.url("payments:payment", payment=payment)).text
    assert "A person is checking this payment" in mine
