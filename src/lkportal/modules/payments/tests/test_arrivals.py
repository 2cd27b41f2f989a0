"""After an import people are told of their new bills: each once, in few statements, and nobody of what they paid meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.modules.payments.reminders import arrivals
from lkportal.modules.payments.tests.test_pages import billed
from lkportal.testing import Mailbox, Visitor
from lkportal.testing.world import rows

__all__ = ["billed"]
Work = Callable[[], int]
_TOLD = "SELECT count(*) FROM notify_messages WHERE notice = 'payments.new_bill'"


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_new_bill_is_told_of_once(
    portal: Portal, clock: MovableClock, billed: AccountRef, customer: Visitor, mailbox: Mailbox, work_off: Work
) -> None:
    work_off()
    assert rows(portal.database, _TOLD) == [(0,)], "the import may still add lines"
    clock.advance(timedelta(minutes=21))
    work_off()
    (told,) = rows(portal.database, _TOLD)
    assert told != (0,)
    subjects = [each.subject for each in mailbox.letters]
    assert any(subject.startswith("Счёт за") for subject in subjects)

    (brought_by,) = {row[0] for row in rows(portal.database, "SELECT source_version FROM payments_bills")}
    with open_unit(portal.database, portal.unit_context("test")) as db:
        enqueue(db, arrivals.JOB, {"brought_by": brought_by})
    work_off()
    assert rows(portal.database, _TOLD) == [told], "nobody is told twice"
    assert len(mailbox.letters) == len(subjects)
