"""Facts of behaviour: nothing of who did not agree, each step once whatever dies, and the same funnel as a slow count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.policy import AccountRef
from lkportal.staff.behaviour import watching
from lkportal.staff.behaviour.models import DaySalt, StepFact, StepTotal
from lkportal.staff.behaviour.watching import Watch
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal_overrides(tmp_path: Path) -> Mapping[str, Any]:
    (tmp_path / "steps.md").write_text("# Steps\n\nWe count which steps of a task you reach.\n", "utf-8")
    documents = {"behaviour": {"version": "1", "files": {"en": str(tmp_path / "steps.md")}}}
    return {
        "modules": {"enabled": ["payments", "readings"]},
        "privacy": {"documents": documents},
        "staff": {"behaviour": True},
    }


def watch_of(portal: Portal) -> Watch:
    witness = portal.edge.witness
    assert isinstance(witness, Watch)
    return witness


def decide(visitor: Visitor, decision: str) -> None:
    """Send the answer to the question whether steps may be counted."""
    consents = visitor.url("privacy:consents")
    page = visitor.get(consents).text
    text = page.partition('name="text" value="')[2].partition('"')[0]
    fields = {"decision": decision, "text": text, "locale": "en", "how": "page"}
    answer = visitor.post(visitor.url("privacy:decide", document="behaviour"), fields, page=consents)
    assert answer.status_code == 303, answer.text


def facts(portal: Portal) -> list[tuple[str, str, str]]:
    with portal.database.reading() as connection:
        rows = connection.execute(select(StepFact.task, StepFact.step, StepFact.code).order_by(StepFact.id))
        return [(row.task, row.step, row.code) for row in rows]


def put_away(portal: Portal) -> None:
    watch_of(portal).flush()


def test_who_did_not_agree_leaves_nothing_and_costs_nothing(
    portal: Portal, customer: Visitor, anonymous: Visitor, statements: Callable[[], Any]
) -> None:
    witness, page = watch_of(portal), customer.url("readings:list")
    customer.get(customer.url("notify:choices"))
    portal.edge.witness = None
    customer.get(page)
    with statements() as unseen:
        customer.get(page)
    portal.edge.witness = witness
    with statements() as seen:
        customer.get(page)
    assert [fact.step for fact in witness.waiting] == ["seen", "seen"]
    anonymous.get(anonymous.url("auth:login"))
    put_away(portal)

    assert len(seen) == len(unseen), str(seen)
    with portal.database.reading() as connection:
        for table in (StepFact, StepTotal, DaySalt):
            assert connection.scalar(select(func.count()).select_from(table)) == 0
    assert "lk_steps" not in customer.client.cookies


def test_steps_of_who_agreed_become_a_funnel_and_go_when_the_agreement_does(
    portal: Portal, world: World, customer: Visitor, clock: MovableClock, visit: Any, work_off: Callable[[], int]
) -> None:
    decide(customer, "agreed")
    customer.get(customer.url("readings:list"))
    customer.get(customer.url("readings:list"))
    customer.post(customer.url("readings:submit"), {"readings[nothing]": "x"}, page=customer.url("readings:list"))
    put_away(portal)
    put_away(portal)
    told = facts(portal)
    assert ("readings.task", "seen", "") in told
    assert [step for task, step, code in told if code] == ["sent"]
    assert max(Counter(told).values()) == 1

    sum_up(world, work_off)
    auditor = visit(world.staff("auditor@example.org", "auditor"))
    page = auditor.get(auditor.url("staff:tasks")).text
    assert "Send readings" in page
    assert "Meters seen" in page
    taken = auditor.get(auditor.url("staff:tasks_csv")).text
    assert "Send readings;Meters seen;;computer;1" in taken

    decide(customer, "withdrawn")
    work_off()
    assert facts(portal) == []

    clock.advance(timedelta(days=4))
    sum_up(world, work_off)
    with portal.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(DaySalt)) == 0, "yesterday's visits have no names"


def sum_up(world: World, work_off: Callable[[], int]) -> None:
    with world.unit() as db:
        enqueue(db, "staff.sum_behaviour", {})
    work_off()


@ON_SQLITE
def test_a_browser_that_agreed_counts_signing_in_until_somebody_there_refuses(
    portal: Portal, world: World, customer: Visitor, account: AccountRef
) -> None:
    decide(customer, "agreed")
    customer.get(customer.url("readings:list"))
    put_away(portal)
    customer.get(customer.url("notify:choices"))
    assert "lk_steps" in str(customer.client.cookies)

    customer.post(customer.url("auth:logout"), {}, page=customer.url("notify:choices"))
    customer.get(customer.url("auth:login"))
    put_away(portal)
    assert ("auth.task", "seen", "") in facts(portal)

    boris = world.customer("boris@example.org", account)
    customer.enter(boris, account)
    customer.get(customer.url("readings:list"))
    put_away(portal)
    customer.get(customer.url("notify:choices"))
    assert not customer.client.cookies.get("lk_steps")


@ON_SQLITE
def test_a_flush_that_dies_loses_nothing_twice_and_a_full_memory_forgets(
    portal: Portal, customer: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(customer, "agreed")
    customer.get(customer.url("readings:list"))
    watch = watch_of(portal)

    def killed(*_: Any) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "_row", killed)
        with pytest.raises(ConnectionError):
            watch.flush()
    assert facts(portal) == []
    batch = list(watch.waiting)
    put_away(portal)
    watch.waiting = batch
    put_away(portal)
    assert facts(portal) == [("readings.task", "seen", "")], "told twice, kept once"

    monkeypatch.setattr(watching, "MOST", 1)
    customer.get(customer.url("notify:choices"))
    customer.get(customer.url("payments:bills"))
    assert len(watch.waiting) == 1, "what a process may lose is bounded"


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["payments", "readings"]}}])
def test_where_it_is_off_there_is_no_trace(portal: Portal, world: World, visit: Callable[..., Visitor]) -> None:
    auditor = visit(world.staff("auditor@example.org", "auditor"))

    assert portal.edge.witness is None
    assert "staff:tasks" not in portal.edge.routes.by_name
    assert "Tasks" not in auditor.get(auditor.url("staff:report", report="use")).text


@pytest.mark.parametrize(
    ("agent", "device"), [(PHONE, "phone"), (PHONE.replace(" Mobile", ""), "tablet"), ("Mozilla/5.0 (X11)", "computer")]
)
def test_devices_are_told_apart(agent: str, device: str) -> None:
    assert watching.device_class(agent) == device
