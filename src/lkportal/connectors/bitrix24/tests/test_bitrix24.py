"""A company works in its CRM: requests appear there once, answers for the customer and stages come back, nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest

from lkportal.app import Portal
from lkportal.connectors.bitrix24 import module
from lkportal.connectors.bitrix24.tests.conftest import TOKEN, token_of
from lkportal.connectors.bitrix24.words import for_customer
from lkportal.core.clock import MovableClock
from lkportal.testing.checklist import personal_gaps
from lkportal.testing.connectors import ConnectorConformance
from lkportal.testing.systems.bitrix24 import FakeBitrix24
from lkportal.testing.systems.fake import Mood
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Ask = Callable[..., str]
Work = Callable[[], int]


@pytest.fixture
def minute(clock: MovableClock, work_off: Work) -> Callable[[], None]:
    def go() -> None:
        clock.advance(timedelta(minutes=1))
        work_off()

    return go


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
class TestBitrix24(ConnectorConformance):
    connector: ClassVar[str] = "bitrix24"

    @pytest.fixture
    def system(self, system: FakeBitrix24) -> FakeBitrix24:
        return system

    @pytest.fixture
    def tell(self, ask: Ask) -> Ask:
        return ask

    @pytest.fixture
    def news(
        self, system: FakeBitrix24, ask: Ask, customer: Visitor, work_off: Work
    ) -> Callable[[], Callable[[], int]]:
        def one() -> Callable[[], int]:
            page = ask()
            work_off()
            system.manager(max(system.deals), "Клиенту: the pipes are flushed today")
            return lambda: customer.get(page).text.count("the pipes are flushed today")

        return one


def test_a_request_goes_there_and_its_life_comes_back(
    system: FakeBitrix24, ask: Ask, customer: Visitor, minute: Callable[[], None], work_off: Work
) -> None:
    page = ask()
    work_off()
    ((number, deal),) = system.deals.items()
    assert deal["originId"] in page
    assert "Why is the water brown?" in deal["comments"]
    assert "anna@example.org" in deal["comments"]

    system.drag(number, "C7:EXECUTING")
    system.manager(number, "[B]клиенту:[/B] We look into it")
    system.manager(number, "Он вечно жалуется")
    minute()
    shown = customer.get(page).text
    assert "In work" in shown
    assert "We look into it" in shown
    assert "жалуется" not in shown

    said = customer.post(f"{page}say", {"body": "It is still brown", "token": token_of(shown)}, page=page)
    assert said.status_code == 303
    work_off()
    minute()
    assert [each["COMMENT"] for each in system.comments.values() if "still brown" in each["COMMENT"]].__len__() == 1
    assert customer.get(page).text.count("It is still brown") == 1, "what we wrote there does not come back"

    system.drag(number, "WON")
    minute()
    assert "Solved" in customer.get(page).text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_notes_of_staff_and_answers_of_the_crm_are_not_told_there(
    system: FakeBitrix24,
    ask: Ask,
    visit: Callable[..., Visitor],
    world: World,
    minute: Callable[[], None],
    work_off: Work,
) -> None:
    page = ask()
    work_off()
    olga = visit(world.staff("olga@example.org", "operator"))
    desk = f"/staff/tickets/{page.rstrip('/').rpartition('/')[2]}/"
    for body, fields in (("He always complains", {"inner": "1"}), ("We come tomorrow", {})):
        token = token_of(olga.get(desk).text)
        assert (
            olga.post(f"{desk}answer", {"body": body, "after": "open", "token": token, **fields}, page=desk).status_code
            == 303
        )
    system.manager(101, "Клиенту: and on Friday")
    for _ in range(3):
        minute()
    told = [each["COMMENT"] for each in system.comments.values()]
    assert sum("We come tomorrow" in each for each in told) == 1
    assert not any("complains" in each for each in told)
    assert sum("and on Friday" in each for each in told) == 1, "only the manager's own"


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("mood", ["lost", "error", "garbage"])
def test_what_was_written_stands_there_once_though_the_answer_was_lost(
    mood: Mood, system: FakeBitrix24, ask: Ask, customer: Visitor, minute: Callable[[], None], work_off: Work
) -> None:
    page = ask()
    work_off()
    system.mishap(mood)
    customer.post(f"{page}say", {"body": "Still brown", "token": token_of(customer.get(page).text)}, page=page)
    work_off()
    for _ in range(3):
        minute()
    assert sum("Still brown" in each["COMMENT"] for each in system.comments.values()) == 1


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_hint_of_the_crm_is_taken_with_its_token_alone(
    system: FakeBitrix24, ask: Ask, customer: Visitor, anonymous: Visitor, work_off: Work
) -> None:
    page = ask()
    work_off()
    system.manager(101, "Клиенту: at once")
    form = {"event": "ONCRMTIMELINECOMMENTADD", "data[FIELDS][ID]": "9001"}
    wrong = anonymous.client.post("/bitrix24/hook", data={**form, "auth[application_token]": "guess"})
    assert wrong.status_code == 404
    work_off()
    assert "at once" not in customer.get(page).text
    right = anonymous.client.post("/bitrix24/hook", data={**form, "auth[application_token]": TOKEN})
    assert right.status_code == 204
    work_off()
    assert "at once" in customer.get(page).text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_many_requests_are_read_fifty_at_a_time(
    system: FakeBitrix24, portal: Portal, ask: Ask, minute: Callable[[], None], work_off: Work
) -> None:
    for _ in range(3):
        ask()
    work_off()
    before = len(system.calls)
    minute()
    assert len(system.calls) - before == 2, "stages and comments of all in one call each"


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("Клиенту: завтра", "завтра"),
        ("  клиенту:завтра", "завтра"),
        ("[COLOR=red]Клиенту:[/COLOR] [B]завтра[/B]", "завтра"),
        ("Передать клиенту: завтра", ""),
        ("Клиент спросил", ""),
        ("Клиенту:", ""),
        ("Клиенту: да\n[lk:0123456789abcdef]", ""),
        ("", ""),
    ],
)
def test_only_what_begins_with_the_mark_is_for_the_customer(comment: str, said: str) -> None:
    assert for_customer(comment, "Клиенту:") == said


def test_nothing_personal_is_undeclared() -> None:
    assert personal_gaps([module]) == []
