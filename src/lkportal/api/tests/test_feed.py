"""The bulk feed as a billing sees it: rows in, sums and rejects out, a key that is known again, an upload that goes on."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from lkportal.api.running import Feeds
from lkportal.api.tests.conftest import System, ndjson
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.models import ChargeLine
from lkportal.testing import Visitor, World
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
BILLS: list[dict[str, Any]] = [
    {"account": "0412778215", "period": "2026-10", "service": "Горячая вода", "volume": "3.9", "amount": "851.76"},
    {"account": "0412778215", "period": "2026-10", "service": "Холодная вода", "volume": 7.2, "amount": 303.7},
]
OWED = re.compile(r"1[^0-9]{0,30}234[^0-9]{0,30}56")
DEBT = [{"account": "0412778215", "amount": "1234.56"}]


def lines(portal: Portal) -> list[tuple[Any, ...]]:
    with portal.database.reading() as connection:
        found = select(ChargeLine.service, ChargeLine.amount, ChargeLine.source).order_by(ChargeLine.service)
        return [tuple(row) for row in connection.execute(found)]


def test_pushed_rows_are_bills_before_the_answer_comes(portal: Portal, billing: System, account: AccountRef) -> None:
    answer = billing.push("charges", BILLS)

    said = answer.json()
    assert (answer.status_code, said["state"], said["accepted"], said["rejected"]) == (200, "done", 2, 0)
    assert said["counts"] == {"bills": 1, "lines": 2}
    assert lines(portal) == [("Горячая вода", 85_176, "charges"), ("Холодная вода", 30_370, "charges")]
    assert billing.get(said["url"]).json() == said


def test_a_pushed_balance_is_on_the_page_at_once(billing: System, customer: Visitor) -> None:
    before = customer.get(customer.url("payments:bills")).text

    assert billing.push("registry", DEBT).status_code == 200

    after = customer.get(customer.url("payments:bills")).text
    assert OWED.search(before) is None
    assert OWED.search(after) is not None
    assert "As billing told us today at" in after
    assert "As billing told us today at" in customer.get(customer.url("accounts:home")).text


def test_a_later_balance_of_the_same_day_stands(portal: Portal, billing: System, account: AccountRef) -> None:
    for number, amount in enumerate(("100.00", "200.00", "100.00")):
        answer = billing.push("registry", [{"account": "0412778215", "amount": amount}], key=f"k{number}")
        assert answer.json()["accepted"] == 1, answer.text

    with portal.database.reading() as connection:
        assert (
            connection.exec_driver_sql("SELECT sum(balance) FROM payments_ledgers WHERE kind = 'customer'").scalar()
            == 10_000
        )


def test_bad_rows_are_told_by_line_and_the_others_taken(billing: System, account: AccountRef) -> None:
    body = ndjson(BILLS[:1]) + b'\n{"account": "0412778215"\n' + ndjson([BILLS[1] | {"account": "999"}])
    body += ndjson([BILLS[1] | {"amount": "много"}, BILLS[1] | {"colour": "red"}, BILLS[1] | {"amount": [1]}, {}])
    body += b'{"account": "\xff", "period": "2026-10", "service": "x", "amount": "1"}\n' + ndjson(BILLS[1:])

    said = billing.push("charges", body).json()

    assert (said["accepted"], said["rejected"]) == (2, 7)
    told = [(each["line"], each["column"], each["value"]) for each in said["rejects"]]
    assert told[:4] == [(3, "", ""), (4, "account", "999"), (5, "amount", "много"), (6, "", "")]
    assert [each[:2] for each in told[4:]] == [(7, "amount"), (8, "account"), (9, "")]
    assert "There is no column colour" in said["rejects"][3]["reason"]
    all_of_them = [json.loads(line) for line in billing.get(said["rejects_url"]).text.splitlines()]
    assert all_of_them == said["rejects"]
    assert json.loads(all_of_them[1]["row"])["account"] == "999"


def test_when_nothing_is_taken_the_answer_is_a_problem_that_names_the_row(give: Callable[..., System]) -> None:
    answer = give(language="ru").push("registry", b"\n[1]\n")

    said = answer.json()
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "ru"
    assert (said["code"], said["line"], said["run"]["rejected"]) == ("api.all_rejected", 2, 1)


@pytest.mark.parametrize("packing", ["gzip", ""])
def test_the_same_push_sent_again_is_answered_again_and_done_once(
    portal: Portal, billing: System, account: AccountRef, packing: str
) -> None:
    body = gzip.compress(ndjson(BILLS), mtime=0) if packing else ndjson(BILLS)
    headers = {"content-encoding": packing} if packing else {}

    answers = [billing.push("charges", body, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) == 1
    assert len(lines(portal)) == 2


def test_a_key_stands_for_one_push_only(billing: System, account: AccountRef) -> None:
    assert billing.push("registry", DEBT).status_code == 200

    other = billing.push("registry", [{"account": "0412778215", "amount": "1"}])
    day = billing.push("registry", DEBT, params={"as_of": "2026-10-31"})

    assert {(answer.status_code, answer.json()["code"]) for answer in (other, day)} == {(422, "api.key_reused")}


@ON_SQLITE
def test_an_upload_that_was_cut_goes_on_from_its_offset(portal: Portal, billing: System, account: AccountRef) -> None:
    body = ndjson(BILLS)
    part = {"upload-complete": "?0"}

    first = billing.push("charges", body[:100], headers=part)
    asked = billing.get("/api/v1/feed/charges", idempotency_key="one")
    beyond = billing.push("charges", body[150:], headers={"upload-offset": "150"})
    rest = billing.push("charges", body[100:], headers={"upload-offset": "100"})

    assert (first.status_code, first.json()["state"], first.headers["upload-offset"]) == (202, "receiving", "100")
    assert asked.headers["upload-offset"] == "100"
    assert (beyond.status_code, beyond.headers["upload-offset"]) == (409, "100")
    assert rest.json()["accepted"] == 2
    assert len(lines(portal)) == 2

    again = billing.push("charges", body[100:], headers={"upload-offset": "100"})
    other = billing.push("charges", body[100:], headers={"upload-offset": "8223"})
    assert again.text == rest.text, "its answer was lost: it is told again"
    assert (other.status_code, other.json()["code"]) == (422, "api.key_reused"), "this is the end of another push"


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"api": {"at_once_kb": 1}}])
def test_a_large_push_is_left_to_the_worker(
    portal: Portal, billing: System, world: World, work_off: Callable[[], None]
) -> None:
    numbers = [world.account(f"07{number:08}").number for number in range(40)]

    answer = billing.push("registry", [{"account": number, "amount": "10.00"} for number in numbers])
    second = billing.push("registry", [{"account": numbers[0], "amount": "99.00"}], key="two")

    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert second.status_code == 202, "a later push of the same kind must not overtake"
    work_off()
    assert billing.get(answer.headers["location"]).json()["accepted"] == 40
    assert billing.get(second.headers["location"]).json()["accepted"] == 1
    assert rows(portal.database, "SELECT sum(balance) FROM payments_ledgers WHERE kind = 'customer'") == [(48_900,)]
    assert list((portal.data_dir / "feed").iterdir()) == []


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"api": {"at_once_kb": 1}}])
def test_a_push_whose_process_died_is_taken_up_within_two_minutes(
    portal: Portal,
    billing: System,
    account: AccountRef,
    clock: MovableClock,
    world: World,
    work_off: Callable[[], None],
) -> None:
    """The job of the dead process stays leased for ten: nobody waits for that."""
    work_off()  # schedules begin to count from here
    sent = billing.push("registry", DEBT * 40)
    with world.unit() as db:
        held = {"until": clock.now() + timedelta(minutes=10)}
        db.execute(text("UPDATE core_jobs SET state = 'running', lease_until = :until WHERE name = 'api.feed'"), held)
        db.execute(text("UPDATE api_feed_runs SET state = 'running', attempts = 1"))

    with portal.ports.get(Feeds).spool.hold(sent.json()["id"]):
        clock.advance(timedelta(minutes=2))
        work_off()
        assert billing.get(sent.headers["location"]).json()["state"] == "running", "its process is alive"
    clock.advance(timedelta(minutes=2))
    work_off()

    assert billing.get(sent.headers["location"]).json()["state"] == "done"


@ON_SQLITE
def test_a_system_may_push_what_its_token_says_and_see_its_own_runs(
    billing: System, give: Callable[..., System], account: AccountRef
) -> None:
    meters = give("meters")
    run = billing.push("registry", DEBT).json()

    refused = meters.push("charges", BILLS)
    foreign = meters.get(run["url"])

    assert (refused.status_code, refused.json()["code"]) == (403, "api.right")
    assert (foreign.status_code, meters.get(run["rejects_url"]).status_code) == (404, 404)


@ON_SQLITE
def test_a_kind_that_nobody_takes_is_told_with_those_that_are(billing: System) -> None:
    answer = billing.push("weather", DEBT)

    assert (answer.status_code, answer.json()["code"]) == (404, "api.no_kind")
    assert "registry" in answer.json()["detail"]


@ON_SQLITE
def test_a_push_that_breaks_us_holds_up_nobody_for_ever(
    billing: System, account: AccountRef, clock: MovableClock, work_off: Callable[[], None], monkeypatch: Any
) -> None:
    """Pushes of a kind go one after the other: the first one must come to an end, whatever is wrong with it or with us."""
    work_off()  # schedules begin to count from here
    whole: Any = Feeds._import

    def broken(self: Feeds, run: Any, *rest: Any) -> Any:
        if run.key == "breaks":
            raise ValueError("a row nobody has thought of")
        return whole(self, run, *rest)

    monkeypatch.setattr(Feeds, "_import", broken)
    assert billing.push("registry", DEBT, key="breaks").status_code == 500
    behind = billing.push("registry", DEBT, key="fine")
    assert behind.status_code == 202
    for _ in range(6):
        clock.advance(timedelta(minutes=2))
        work_off()

    told = billing.get("/api/v1/feed/registry", idempotency_key="breaks").json()
    assert (told["state"], told["problem"]["code"]) == ("failed", "api.broke")
    assert billing.get(behind.headers["location"]).json()["state"] == "done"


@ON_SQLITE
@pytest.mark.parametrize("month", ["9999-12", "31.12.9999", "0001-01"])
def test_a_month_at_the_end_of_the_calendar_is_a_row_to_mend(billing: System, account: AccountRef, month: str) -> None:
    said = billing.push("charges", [BILLS[0] | {"period": month}])

    assert said.status_code == 422
    assert said.json()["run"]["rejects"][0]["column"] == "period"


@ON_SQLITE
def test_what_is_neither_whole_nor_part_is_not_taken(billing: System, account: AccountRef) -> None:
    row = {"account": "0412778215", "amount": "5.00"}

    refused = billing.push("registry", [row], headers={"upload-complete": "0"})

    assert (refused.status_code, refused.json()["code"]) == (400, "api.not_complete")
    assert billing.push("registry", [row]).status_code == 200
