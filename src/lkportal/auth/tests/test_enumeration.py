"""Nobody learns at the door who is known: equal bytes and headers, and times that cannot be told apart (AUC near a half). The long
form measures 2,000 interleaved pairs of each page; the short one prints what it finds and catches a difference of the crude kind."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

import pytest

from lkportal.auth import identities
from lkportal.auth.passwords import Passwords
from lkportal.auth.tests.house import PASSWORD, Browser, House, token_in
from lkportal.auth.tests.test_entering import sameness
from lkportal.core.unit import open_unit

WIDE = 10**9
PEOPLE = 40
OPEN = {
    "network_tries": WIDE,
    "stranger_tries": WIDE,
    "portal_tries": WIDE,
    "portal_burst": WIDE,
    "letters_mailbox": WIDE,
    "letters_network": 10**8,
    "letters_portal": WIDE,
}
PAGES = {
    "/login": lambda login: {"login": login, "password": "a guess that is wrong", "next": ""},
    "/recover": lambda login: {"login": login},
    "/register": lambda login: {"name": "Anna", "email": login},
    "/login/code": lambda login: {"login": login, "next": ""},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose limits are out of the way, with people in it."""
    folder = tmp_path_factory.mktemp("town")
    house = House(f"sqlite:///{folder / 'portal.db'}", str(folder), **OPEN)
    made = house.portal.ports.get(Passwords).make(PASSWORD)
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        for number in range(PEOPLE):
            login = known(number)
            identities.create(db, kind="customer", login=login, name="Anna", password_hash=made, email=login)
    yield house
    house.close()


def known(number: int) -> str:
    return f"known{number % PEOPLE:04d}@example.org"


def unknown(number: int) -> str:
    return f"nobod{number % PEOPLE:04d}@example.org"


@pytest.mark.parametrize("path", PAGES)
def test_bytes_and_headers_are_equal(town: House, path: str) -> None:
    answers = set()
    for login in (known(1), unknown(1), known(2), unknown(2)):
        browser = town.browser()
        token = token_in(browser.get(path).text)
        answers.add(sameness(browser.client.post(path, data={"csrf_token": token, **PAGES[path](login)}), login))

    assert len(answers) == 1


@pytest.mark.parametrize("path", PAGES)
def test_times_are_alike(town: House, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(town, path, 60)
    with capsys.disabled():
        print(f"\n{path}: AUC of known against unknown {found:.3f} over 60 pairs")

    assert 0.2 < found < 0.8


@pytest.mark.proof
@pytest.mark.parametrize("path", PAGES)
def test_times_cannot_be_told_apart(town: House, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(town, path, 2_000)
    with capsys.disabled():
        print(f"\n{path}: AUC of known against unknown {found:.3f} over 2,000 pairs")

    assert 0.45 <= found <= 0.55


def test_the_measure_sees_a_difference(town: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Passwords.fits

    def hasty(self: Passwords, password: str, kept: str) -> tuple[bool, str]:
        return real(self, password, kept) if kept else (False, "")

    monkeypatch.setattr(Passwords, "fits", hasty)
    assert measured(town, "/login", 40) > 0.7


def measured(town: House, path: str, pairs: int) -> float:
    """Return the share of pairs in which a known login took longer than an unknown one: pairs interleaved, in random order."""
    browser = town.browser()
    token = token_in(browser.get(path).text)
    send = sender(browser, path, token)
    for number in range(10):
        send(known(number))
        send(unknown(number))
    chance = random.Random(7)
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(pairs):
        for is_known in chance.sample((True, False), 2):
            times[is_known].append(send(known(number) if is_known else unknown(number)))
    return auc(times[True], times[False])


def sender(browser: Browser, path: str, token: str) -> Callable[[str], float]:
    """Return what sends the form for a login and says how long the answer took."""

    def send(login: str) -> float:
        fields = {"csrf_token": token, **PAGES[path](login)}
        began = time.perf_counter()
        browser.client.post(path, data=fields)
        return time.perf_counter() - began

    return send


def auc(longer: list[float], shorter: list[float]) -> float:
    """Return how likely one of `longer` is greater than one of `shorter` (Mann-Whitney)."""
    ranked = sorted([(value, True) for value in longer] + [(value, False) for value in shorter])
    ranks = sum(place for place, (_, is_longer) in enumerate(ranked, 1) if is_longer)
    return (ranks - len(longer) * (len(longer) + 1) / 2) / (len(longer) * len(shorter))
