"""People are reminded of what they have not paid, never of what they have; the letter lets them pay without signing in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.notices import Due
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.payments.methods.models import Autopay, Method
from lkportal.modules.payments.reminders import reads, reminding
from lkportal.modules.payments.reminders.reads import DUE
from lkportal.modules.payments.tests.test_pages import billed, bills, laws, pay, provider_id
from lkportal.testing import Mailbox, SandboxDriver, Visitor

__all__ = ["billed"]
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
TERM = datetime(2026, 11, 30, 7, tzinfo=UTC)
Work = Callable[[], int]
NEW = "Счёт за"
"""How letters about new bills begin: the import of the story brings one too."""


def remind(portal: Portal, work_off: Work) -> None:
    with open_unit(portal.database, portal.unit_context("test")) as db:
        enqueue(db, reminding.JOB, {})
    work_off()


def letters(mailbox: Mailbox) -> list[str]:
    return [each.subject for each in mailbox.letters if not each.subject.startswith(NEW)]


def test_who_has_not_paid_is_reminded_before_the_term_on_the_day_and_after_it(
    portal: Portal, clock: MovableClock, billed: AccountRef, customer: Visitor, mailbox: Mailbox, work_off: Work
) -> None:
    for days in (-4, -3, -2, 0, 1, 5):
        clock.advance(TERM + timedelta(days=days) - clock.now())
        remind(portal, work_off)
        remind(portal, work_off)
    assert all("027,96" in subject for subject in letters(mailbox))
    soon, today, late = letters(mailbox)
    assert "нужно оплатить до 30" in soon
    assert "сегодня последний день" in today
    assert "Срок оплаты" in late


def test_the_letter_lets_its_reader_pay_without_signing_in(
    portal: Portal,
    clock: MovableClock,
    gateway: SandboxDriver,
    billed: AccountRef,
    customer: Visitor,
    anonymous: Visitor,
    mailbox: Mailbox,
    work_off: Work,
) -> None:
    clock.advance(TERM - timedelta(days=3) - clock.now())
    remind(portal, work_off)
    link = re.search(r"https?://\S+(/payments/guest/\S+)", mailbox.last.text)
    assert link is not None
    page = anonymous.get(link[1])
    assert page.status_code == 200
    assert "2\u00a0027,96" in page.text
    assert billed.number not in page.text


def test_nobody_is_reminded_of_what_is_paid_or_being_paid(
    portal: Portal,
    clock: MovableClock,
    gateway: SandboxDriver,
    billed: AccountRef,
    customer: Visitor,
    mailbox: Mailbox,
    work_off: Work,
) -> None:
    about = Due(billed, 1, f"{bills(portal)[1]}/-3", clock.now())
    with portal.database.reading() as connection:
        assert reminding.still_due(connection, about)
    pay(customer, choice="202796")
    clock.advance(TERM - timedelta(days=3) - clock.now())
    remind(portal, work_off)
    gateway.pay(provider_id(portal))
    customer.get(customer.url("payments:bills"))
    remind(portal, work_off)
    assert not [subject for subject in letters(mailbox) if "нужно оплатить" in subject]
    with portal.database.reading() as connection:
        assert not reminding.still_due(connection, about)


def test_the_older_bill_is_not_open_once_money_settled_it(portal: Portal, billed: AccountRef) -> None:
    with portal.database.unit() as db:
        db.execute(text("UPDATE payments_ledgers SET balance = 106906 WHERE account_id IS NOT NULL"))
    old, new = bills(portal)
    with portal.database.reading() as connection:
        assert not reads.still_open(connection, billed.id, old)
        assert reads.still_open(connection, billed.id, new)


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_day_of_reminders_is_found_by_the_index_of_terms(portal: Portal) -> None:
    # Tables this small are read whole on PostgreSQL, whatever stands on them.
    compiled = str(DUE.compile(portal.database.engine))
    with portal.database.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", (1,) * compiled.count("?")).fetchall()
    assert "ix_payments_bills_due_on_id" in str(plan)
    assert "SCAN" not in str(plan)


@ON_SQLITE
def test_autopay_that_will_take_a_bill_spares_its_reminders_until_it_fails(
    portal: Portal, clock: MovableClock, billed: AccountRef, customer: Visitor, mailbox: Mailbox, work_off: Work
) -> None:
    agree(portal, billed, cap=250_000)
    clock.advance(TERM - timedelta(days=3) - clock.now())
    remind(portal, work_off)
    assert letters(mailbox) == []
    with portal.database.unit() as db:  # what is agreed to is not the whole of the bill
        db.execute(text("UPDATE payments_autopays SET cap = 1"))
    clock.advance(TERM - clock.now())
    remind(portal, work_off)
    assert ["сегодня последний день" in subject for subject in letters(mailbox)] == [True]


@ON_SQLITE
def test_a_failed_autopay_reminds_again_and_a_new_run_that_was_told_of_does_not(
    portal: Portal, billed: AccountRef
) -> None:
    autopay = agree(portal, billed, cap=250_000)
    bill = bills(portal)[1]
    run = {"account": billed.id, "autopay": autopay}
    with portal.database.unit() as db:
        db.execute(text(_RUN), run)
    with portal.database.reading() as connection:
        assert reads.still_to_tell(connection, billed.id, bill, in_term=True)
    with portal.database.unit() as db:
        db.execute(text("UPDATE payments_autopay_runs SET state = 'planned'"))
    with portal.database.reading() as connection:
        assert not reads.still_to_tell(connection, billed.id, bill, in_term=False)
        assert reads.still_open(connection, billed.id, bill), "the letter of a new bill leaves all the same"


@ON_SQLITE
def test_a_guest_whose_card_was_declined_tries_again_by_the_same_link(
    portal: Portal,
    clock: MovableClock,
    gateway: SandboxDriver,
    billed: AccountRef,
    customer: Visitor,
    anonymous: Visitor,
    mailbox: Mailbox,
    work_off: Work,
) -> None:
    clock.advance(TERM - timedelta(days=3) - clock.now())
    remind(portal, work_off)
    link = re.search(r"https?://\S+(/payments/guest/\S+)", mailbox.last.text)
    assert link is not None
    here = link[1]
    assert anonymous.post(here, {"choice": "202796"}, page=here).headers["location"].startswith(gateway.address)
    gateway.decline(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    declined = anonymous.get(here).text
    assert "The payment did not go through" in declined
    assert "Try again" in declined
    again = anonymous.post(here, {}, page=here).headers["location"]
    assert again.startswith(gateway.address)
    gateway.pay(provider_id(portal))
    clock.advance(timedelta(seconds=5))
    assert "Paid" in anonymous.get(here).text
    assert anonymous.post(here, {}, page=here).headers["location"] == here
    assert laws(portal) == []


def agree(portal: Portal, account: AccountRef, *, cap: int) -> int:
    """Let autopay be agreed to: `cap` is the most of a month."""
    with open_unit(portal.database, portal.unit_context("test")) as db:
        method = Method(
            public_id=public_id(), account_id=account.id, actor="test", origin="test", gateway="yookassa", token="t",
            kind="card", title="МИР *4242", state="active", created_at=portal.clock.now(),
        )  # fmt: skip
        db.add(method)
        db.flush()
        agreed = Autopay(
            account_id=account.id, method_id=method.id, mode="bill", day=10, cap=cap, about="Autopay", contact="",
            agreed="I agree", agreed_by="test", agreed_at=portal.clock.now(), state="on",
        )  # fmt: skip
        db.add(agreed)
        db.flush()
        return agreed.id


_RUN = """
INSERT INTO payments_autopay_runs (account_id, autopay_id, period, month, amount, cap, planned_on, first_on, due_on, tries, state)
VALUES (:account, :autopay, '2026-11', '2026-11', 250000, 250000, '2026-11-07', '2026-11-10', '2026-11-10', 3, 'failed')
"""
