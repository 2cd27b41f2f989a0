"""A code of an app, a recovery code, a letter and a sign-in that waits are used once, however many send them at the same time: races
of eight on a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from lkportal.auth.door import entering
from lkportal.auth.door.entering import Arrival, Half
from lkportal.auth.letters import recovering
from lkportal.auth.models import RecoveryCode
from lkportal.auth.second import entries, factors, proving, recovery_codes, totp
from lkportal.auth.tests.house import House
from lkportal.auth.tests.machine import SETTINGS, Stage, stage
from lkportal.core.errors import PortalError
from lkportal.core.ids import secret_token
from lkportal.core.policy import Actor
from lkportal.core.unit import open_unit
from lkportal.testing.databases import fresh_postgres
from lkportal.testing.races import race

CLIENTS = 8
Attempt = Callable[[Session], bool]


@pytest.fixture(scope="module")
def it(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A person with an app, in a house on PostgreSQL that lets strangers try without end."""
    folder: Path = tmp_path_factory.mktemp("house")
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        house = House(url, str(folder), **SETTINGS)
        made = stage(house, 0)
        made.seed = totp.new_seed()
        with open_unit(house.portal.database, made.door.circumstances) as db:
            code = totp.code_at(made.seed, totp.step_at(made.now))
            assert totp.set_up(db, made.person, made.seed, code)
            factors.put(db, made.person, "totp", ask=True)
        yield made
        house.close()


def an_app(it: Stage) -> Attempt:
    it.house.clock.advance(timedelta(seconds=totp.STEP))
    code = totp.code_at(it.seed, totp.step_at(it.now))
    return lambda db: totp.take(db, it.person, code)


def a_recovery_code(it: Stage) -> Attempt:
    with open_unit(it.house.portal.database, it.door.circumstances) as db:
        db.execute(delete(RecoveryCode))
        recovery_codes.keep(db, it.person, [{"mark": "k7m2", "code_hash": it.door.passwords.make("k7m29xqf3hta")}])
    found = recovery_codes.found(it.house.portal.database, it.door.passwords, it.person, "k7m29xqf3hta")
    assert found is not None
    return lambda db: recovery_codes.spend(db, it.person, found)


def a_letter(it: Stage) -> Attempt:
    token = secret_token()
    with open_unit(it.house.portal.database, it.door.circumstances) as db:
        asked = recovering.ask(db, it.person, "en", "")
        assert recovering.send(db, asked, token, "", timedelta(minutes=60))
    return lambda db: recovering.use(db, token)


def a_waiting_sign_in(it: Stage) -> Attempt:
    token = waiting(it)
    return lambda db: entries.spend(db, token) is not None


@pytest.mark.postgres
@pytest.mark.parametrize("races", [500, pytest.param(10_000, marks=pytest.mark.proof)])
@pytest.mark.parametrize("prepared", [an_app, a_recovery_code, a_letter, a_waiting_sign_in])
def test_of_eight_at_once_one_is_served(it: Stage, prepared: Callable[[Stage], Attempt], races: int) -> None:

    def client(attempt: Attempt) -> bool:
        with open_unit(it.house.portal.database, it.door.circumstances) as db:
            return attempt(db)

    winners = Counter(sum(race(client, [prepared(it)] * CLIENTS)) for _ in range(races))

    assert winners == {1: races}


@pytest.mark.postgres
@pytest.mark.parametrize("races", [40, pytest.param(2_000, marks=pytest.mark.proof)])
def test_one_code_opens_one_of_eight_sign_ins(it: Stage, races: int) -> None:
    """Eight browsers each wait for the second step; the one code lets one of them in."""

    def client(told: tuple[str, str]) -> bool:
        try:
            proving.take_step(it.door, told[0], proving.by_code(it.door, told[1]))
        except PortalError:
            return False
        return True

    winners: Counter[int] = Counter()
    for _ in range(races):
        it.house.clock.advance(timedelta(seconds=totp.STEP))
        code = totp.code_at(it.seed, totp.step_at(it.now))
        winners[sum(race(client, [(waiting(it), code) for _ in range(CLIENTS)]))] += 1

    assert winners == {1: races}


@pytest.mark.postgres
def test_a_sign_in_that_races_with_setting_up_is_not_left_without_the_second_step(it: Stage) -> None:
    """Either it comes in before and ends when the app is on, or it is led to the second step."""
    for number in range(1, 41):
        other = stage(it.house, number)
        other.arrive("password")
        token = next(iter(other.sessions))
        actor = other.actor(token)
        assert actor is not None
        person, seed, here = other.row(), totp.new_seed(), other.here(actor)

        def come(other: Stage = other, person: object = person) -> object:
            return entering.let_in(other.door, person, Arrival(("password",)))  # type: ignore[arg-type]

        def switch(seed: str = seed, here: entering.Door = here, actor: Actor = actor) -> object:
            return proving.set_up_totp(here, actor, seed, totp.code_at(seed, totp.step_at(it.now)))

        acts: tuple[Callable[[], object], ...] = (come, switch)
        outcome, _ = race(lambda act: act(), acts)
        assert (
            isinstance(outcome, Half)
            or other.house.count(
                f"SELECT count(*) FROM auth_sessions WHERE identity_id = {other.person} AND revoked_at IS NULL"
            )
            == 1
        )


def waiting(it: Stage) -> str:
    """Return the token of a sign-in of the person that waits for its second step."""
    person = it.row()
    assert person is not None
    outcome = entering.let_in(it.door, person, Arrival(("password",)))
    assert isinstance(outcome, Half)
    return outcome.token
