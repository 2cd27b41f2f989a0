"""Laws of recovery: only the listed edges happen, whatever is tried; it bypasses no second factor and signs nobody in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import get_args

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lkportal.auth.letters import recovering
from lkportal.auth.letters.recovering import EDGES, STATES, Act, State
from lkportal.auth.models import Recovery
from lkportal.auth.tests.house import OTHER, PASSWORD, House
from lkportal.core.ids import token_hash
from lkportal.core.unit import open_unit
from lkportal.testing.races import race

ANNA = "anna@example.org"
LATER = timedelta(hours=1)


def state_of(db: Session, public: str) -> str:
    return db.execute(select(Recovery.state).where(Recovery.public_id == public)).scalar_one()


def stand(db: Session, person: int, state: State, token: str) -> str:
    """Put a recovery into a state by force."""
    public = recovering.ask(db, person, "en", "")
    row = update(Recovery).where(Recovery.public_id == public)
    db.execute(row.values(state=state, token_hash=token_hash(token)))
    return public


def acts(person: int) -> dict[Act, Callable[[Session, str, str], bool]]:
    """Every act, on the row of a public id with a token."""
    return {
        "find_nobody": lambda db, public, _: recovering.find_nobody(db, public),
        "send": lambda db, public, token: recovering.send(db, public, token, "", LATER),
        "use": lambda db, _, token: recovering.use(db, token),
        "void": lambda db, _, __: recovering.void(db, person),
        "expire": lambda db, _, __: recovering.expire(db),
    }


@pytest.mark.parametrize(("state", "act"), [*product(STATES, get_args(Act))])
def test_only_the_listed_edges_happen(house: House, state: State, act: Act) -> None:
    listed = {(source, name): target for source, name, target in EDGES}
    person, token = house.person(ANNA), f"{state} {act}"
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        public = stand(db, person, state, token)
    if act == "expire":
        house.clock.advance(recovering.WAITS)
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        moved = acts(person)[act](db, public, token)

        assert moved is ((state, act) in listed)
        assert state_of(db, public) == listed.get((state, act), state)


def test_the_machine_ends_and_says_so() -> None:
    assert {act for _, act, _ in EDGES} == set(get_args(Act))
    assert {state for source, _, target in EDGES for state in (source, target)} == set(STATES)
    ends = set(STATES) - {source for source, _, _ in EDGES}
    assert ends == {"nobody", "done", "void", "expired"}
    assert len({(source, act) for source, act, _ in EDGES}) == len(EDGES)


def test_a_reset_leaves_the_second_factor_and_signs_nobody_in(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET second_ways = 'totp', asks = 'entry'")
    browser.send("/recover", login=ANNA)

    assert browser.send(house.letters[-1].link, password=OTHER).headers["location"] == "/login"
    assert not browser.inside()
    answer = browser.sign_in(ANNA, OTHER)

    assert answer.headers["location"] != "/"
    assert not browser.inside()
    assert house.count("SELECT count(*) FROM auth_sessions") == 0


def test_a_letter_that_is_sent_again_holds_the_same_link(house: House) -> None:
    from lkportal.core.jobs import enqueue

    house.person(ANNA)
    house.browser().send("/recover", login=ANNA)
    first = house.letters[-1].link
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        public = db.execute(select(Recovery.public_id)).scalar_one()
        enqueue(db, recovering.SEND, {"recovery": public})

    assert house.letters[-1].link == first
    assert house.count("SELECT count(*) FROM auth_recoveries WHERE state = 'sent'") == 1


def test_a_link_voids_the_others_when_it_is_used(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.send("/recover", login=ANNA)
    browser.send("/recover", login=ANNA)
    first, second = (letter.link for letter in house.letters)
    assert browser.send(first, password=OTHER).status_code == 303

    assert browser.get(second).status_code == 410
    assert house.count("SELECT count(*) FROM auth_recoveries WHERE state = 'void'") == 1
    assert browser.sign_in(ANNA, PASSWORD).status_code == 422


def test_nobody_is_a_state_and_no_letter(house: House) -> None:
    house.browser().send("/recover", login="nobo@example.org")

    assert house.letters == []
    assert house.count("SELECT count(*) FROM auth_recoveries WHERE state = 'nobody'") == 1


def test_of_eight_who_use_a_link_at_once_one_does(house: House) -> None:
    person = house.person(ANNA)
    for number in range(12):
        with open_unit(house.portal.database, house.portal.unit_context()) as db:
            stand(db, person, "sent", f"token {number}")

        def use(_: int) -> bool:
            with open_unit(house.portal.database, house.portal.unit_context()) as db:
                return recovering.use(db, f"token {number}")  # noqa: B023 - used at once

        assert sum(race(use, range(8))) == 1
