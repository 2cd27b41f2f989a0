"""Who takes care of a request: rules in their order, and a classifier that may be wrong, late or broken and never holds anything up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text as sql

from lkportal.app import Portal
from lkportal.modules.tickets.contract import Classifier, Guess, Unsorted
from lkportal.modules.tickets.routing import Decision, checked, fitting
from lkportal.modules.tickets.tests.conftest import House, asked, at_desk, say
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]
NEW = "/staff/tickets/rules/new"


@pytest.fixture
def vera(world: World, visit: Visit) -> Visitor:
    """Somebody of the company who says who takes care of what."""
    return visit(world.staff("vera@example.org", "specialist"))


def rule(vera: Visitor, **typed: Any) -> None:
    fields = {"title": "Rule", "type": "", "words": "", "segment": "", "who": "", "position": "100", **typed}
    answer = vera.post(NEW, fields, page=NEW)
    assert answer.status_code == 303, answer.text


def key_of(vera: Visitor, name: str) -> str:
    """Return the public id by which the form names somebody of the company."""
    found: list[str] = re.findall(rf'value="(\w{{16}})"[^>]*>\s*{name}', vera.get(NEW).text)
    return found[0]


def test_the_first_rule_that_fits_gives_a_request_to_its_hand(house: House, vera: Visitor) -> None:
    name = house.olga.actor.name if house.olga.actor else ""
    rule(vera, title="Bills", type="tickets.charge", who=key_of(vera, name), position="20")
    rule(vera, title="Floods", words="pipe burst\nflood", urgent="on", position="10")

    bill = asked(house.anna, "tickets.charge", body="Why so much?")
    flood = asked(house.anna, "tickets.charge", body="Pipes have burst and we are flooded")
    other = asked(house.anna, body="Hello")

    assert f"<dd>{name}</dd>" in about(vera, bill)
    assert "Urgent" not in vera.get(at_desk(bill)).text
    assert "Urgent" in vera.get(at_desk(flood)).text
    assert "<dd>Nobody</dd>" in about(vera, flood), "the first that fits decides, and it names nobody"
    assert "<dd>Nobody</dd>" in about(vera, other)
    queue = vera.get("/staff/tickets/").text
    assert queue.index("Pipes have burst") < queue.index("Why so much?")
    history = house.anna.get(house.anna.url("accounts:history")).text
    assert "by a rule" not in history


def test_only_who_may_changes_rules(house: House, vera: Visitor) -> None:
    rule(vera, title="Floods", words="flood", urgent="on")
    assert house.olga.get("/staff/tickets/rules").status_code == 403
    own = re.findall(r"/staff/tickets/rules/\w{16}/", vera.get("/staff/tickets/rules").text)[0]
    vera.post(own, {"title": "Waters", "words": "water", "urgent": "on", "position": "1"}, page=own)
    assert "Waters" in vera.get("/staff/tickets/rules").text
    vera.post(f"{own}drop", {}, page=own)
    assert "No rules yet" in vera.get("/staff/tickets/rules").text
    idle = vera.post(NEW, {"title": "Nothing", "position": "1"}, page=NEW)
    assert idle.status_code == 422
    assert "else the rule does nothing" in idle.text


def test_a_rule_of_somebody_who_left_gives_to_nobody(house: House, vera: Visitor, portal: Portal) -> None:
    actor = house.olga.actor
    assert actor is not None
    rule(vera, who=key_of(vera, actor.name))
    with portal.database.unit() as db:
        db.execute(sql("DELETE FROM accounts_staff_roles WHERE identity_id = :id"), {"id": actor.id})
    page = asked(house.anna)
    assert "<dd>Nobody</dd>" in about(vera, page)


class Reader:
    """A classifier that says what it was told to; an exception is raised."""

    def __init__(self) -> None:
        self.answer: Any = Guess()
        self.read: list[Unsorted] = []

    def classify(self, asked: Unsorted) -> Guess:
        self.read.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


@pytest.fixture
def reader(portal: Portal) -> Reader:
    made = Reader()
    portal.ports.provide(Classifier, made)  # type: ignore[type-abstract]
    return made


def test_a_sure_guess_hurries_and_finds_a_hand(
    house: House, vera: Visitor, reader: Reader, work_off: Callable[[], int]
) -> None:
    name = house.olga.actor.name if house.olga.actor else ""
    rule(vera, type="tickets.repair", who=key_of(vera, name))
    reader.answer = Guess("tickets.repair", urgent=True, sure=0.9)

    page = asked(house.anna, body="Water runs down the wall")
    work_off()

    assert reader.read[0].body == "Water runs down the wall"
    assert f"<dd>{name}</dd>" in about(vera, page)
    assert "Urgent" in vera.get(at_desk(page)).text
    assert "Something else" in house.anna.get(page).text, "its type is what the customer chose"


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("the model is down"),
        Guess("tickets.repair", urgent=True, sure=0.2),
        Guess("tickets.repair", urgent=True, sure=float("nan")),
        Guess("nobody.knows", urgent=False, sure=0.99),
        "urgent!",
        None,
    ],
    ids=str,
)
@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_whatever_a_classifier_says_the_request_goes_its_way(
    house: House, reader: Reader, answer: Any, work_off: Callable[[], int]
) -> None:
    reader.answer = answer
    page = asked(house.anna)
    work_off()
    assert "Urgent" not in house.olga.get(at_desk(page)).text
    say(house.olga, at_desk(page), "We come.")
    assert "We come." in house.anna.get(page).text


def test_what_people_did_meanwhile_stands(
    house: House, vera: Visitor, reader: Reader, work_off: Callable[[], int]
) -> None:
    name = house.olga.actor.name if house.olga.actor else ""
    rule(vera, type="tickets.repair", who=key_of(vera, name))
    reader.answer = Guess("tickets.repair", urgent=True, sure=0.9)
    page = asked(house.anna)
    vera.post(f"{at_desk(page)}take", {}, page=at_desk(page))
    say(vera, at_desk(page), "I look at it.")
    work_off()
    assert f"<dd>{name}</dd>" not in about(vera, page)
    assert "Urgent" not in vera.get(at_desk(page)).text


def test_rules_fit_by_type_segment_and_any_line() -> None:
    def one(**what: Any) -> SimpleNamespace:
        given: Mapping[str, Any] = {"title": "R", "type": "", "words": [], "segment": "", "urgent": False}
        return SimpleNamespace(**{**given, "assignee_id": 7, **what})

    assert fitting([one(type="a")], "b", "", ["x"]) == Decision()
    assert fitting([one(type="a"), one(title="S")], "b", "", ["x"]).rule == "S"
    assert fitting([one(segment="company")], "a", "household", ["x"]) == Decision()
    assert fitting([one(words=["прорвало трубу", "потоп"])], "a", "", ["Трубы ржавые", "текут"]).assignee_id is None
    assert fitting([one(words=["прорвало труба", "потоп"])], "a", "", ["Прорвало трубу"]).assignee_id == 7
    assert fitting([one(words=["потоп"])], "a", "", ["У нас потопы"]).assignee_id == 7


def test_a_guess_is_believed_as_far_as_it_makes_sense() -> None:
    assert checked(Guess("a", urgent=True, sure=0.8), ["a"]) == Guess("a", urgent=True, sure=0.8)
    assert checked(Guess("z", urgent=True, sure=0.8), ["a"]) == Guess("", urgent=True, sure=0.8)
    unfit: list[Any] = [None, {}, Guess("a", sure=0.5), Guess("a", sure=7), Guess("a", sure=True)]
    unfit.append(Guess("a", sure="1"))  # type: ignore[arg-type]
    for wrong in unfit:
        assert checked(wrong, ["a"]) == Guess()


def about(desk: Visitor, page: str) -> str:
    """Return what the desk shows beside a request."""
    shown = desk.get(at_desk(page)).text
    return re.sub(r"\s*<(/?)d(d|t)[^>]*>\s*", r"<\1d\2>", shown[shown.index('id="about"') :])
