"""An answer to a challenge opens once, however many send it at the same time: races of eight on a real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from lkportal.auth.door.entering import Door
from lkportal.auth.models import Passkey
from lkportal.auth.passkeys import ceremonies, challenges, keys
from lkportal.auth.passkeys.ceremonies import Party
from lkportal.auth.passkeys.challenges import Bound
from lkportal.auth.passkeys.keys import Desk
from lkportal.auth.passwords import Passwords
from lkportal.auth.sessions import Origin
from lkportal.auth.tests.house import House
from lkportal.auth.tests.test_passkeys import SITE, with_key
from lkportal.core.errors import PortalError
from lkportal.testing.databases import fresh_postgres
from lkportal.testing.races import race

CLIENTS = 8
PARTY = Party("localhost", "Brand", (SITE,))


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house on PostgreSQL that lets strangers try without end."""
    folder: Path = tmp_path_factory.mktemp("house")
    with fresh_postgres(request.getfixturevalue("postgres_server")) as url:
        house = House(url, str(folder), public_url=SITE, network_tries=10_000_000)
        yield house
        house.close()


@pytest.mark.postgres
@pytest.mark.parametrize("races", [500, pytest.param(10_000, marks=pytest.mark.proof)])
def test_a_challenge_is_spent_once(house: House, races: int) -> None:
    ends = house.clock.now()

    def client(challenge: bytes) -> bool:
        with house.portal.database.unit() as db:
            return challenges.spend(db, challenge, ends)

    winners = Counter(sum(race(client, [str(each).encode()] * CLIENTS)) for each in range(races))

    assert winners == {1: races}


@pytest.mark.postgres
@pytest.mark.parametrize("races", [40, pytest.param(10_000, marks=pytest.mark.proof)])
def test_an_answer_opens_once(house: House, races: int) -> None:
    _, key = with_key(house, synced=True)
    with house.portal.database.reading() as connection:
        assert connection.execute(select(Passkey.sign_count)).scalar_one() == 0
    desk = _desk(house)
    winners: Counter[int] = Counter()

    def client(raw: str) -> bool:
        try:
            keys.prove(desk, "enter", raw)
        except PortalError:
            return False
        return True

    for _ in range(races):
        options = ceremonies.request(PARTY, desk.challenge(Bound("enter", desk.browser)))
        raw = key.answer(options, counts=0)
        winners[sum(race(client, [raw] * CLIENTS))] += 1

    assert winners == {1: races}


@pytest.mark.postgres
def test_a_counter_is_taken_once_even_by_different_challenges(house: House) -> None:
    """Eight answers with one and the same count, as a copied key would give: one is let in, the key is stopped."""
    _, key = with_key(house)
    desk = _desk(house)
    key.counter += 1
    answers = [
        key.answer(ceremonies.request(PARTY, desk.challenge(Bound("enter", desk.browser))), counts=0)
        for _ in range(CLIENTS)
    ]

    def client(raw: str) -> str:
        try:
            return keys.prove(desk, "enter", raw).identity and "in"
        except PortalError as error:
            return error.code

    told = Counter(race(client, answers))

    assert told == {"in": 1, "passkey_copied": CLIENTS - 1}
    assert house.count("SELECT count(*) FROM core_jobs WHERE args LIKE '%%passkey_copied%%'") == 1


def _desk(house: House) -> Desk:
    portal = house.portal
    door = Door(
        portal.database,
        portal.unit_context("race"),
        portal.ports.get(Passwords),
        portal.settings_of("auth"),
        Origin("browser", "203.0.113.0/24"),
    )
    return Desk(door, PARTY, portal.edge.signing, "browser:one")
