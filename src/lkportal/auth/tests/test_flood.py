"""A flood of sign-ins: strangers are put off, whoever signed in here before comes in, and no cookie of one's own fills the way.
On SQLite alone: who goes first is decided before the database is asked."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

import httpx2
import pytest

from lkportal.auth.origins import DEVICE
from lkportal.auth.passwords import Passwords
from lkportal.auth.tests.house import PASSWORD, House, token_in
from lkportal.web.asgi import limiters

ANNA, MALLORY = "anna@example.org", "mallory@example.org"
STRANGERS = 24
PLACES = 2 + 16
"""Slots of password checks and the line before them, which is short in this house."""


class Flood:
    """Many sign-ins of strangers at once, while the checks of passwords stand still until `release`."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = house
        self.order: list[str] = []
        self._release = threading.Event()
        self._release.set()
        before = Passwords.fits

        def fits(passwords: Passwords, password: str, kept: str) -> tuple[bool, str]:
            self._release.wait(20)
            self.order.append(password)
            return before(passwords, password, kept)

        monkeypatch.setattr(Passwords, "fits", fits)

    def meets(self, *others: Mapping[str, str]) -> tuple[list[int], list[httpx2.Response]]:
        """Let these sign in (fields, `device` is the cookie) once the line is full; return their answers, then the strangers'."""
        return asyncio.run(self._meets(others))

    async def _meets(self, others: tuple[Mapping[str, str], ...]) -> tuple[list[int], list[httpx2.Response]]:
        transport = httpx2.ASGITransport(app=self.house.portal)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            form = {"csrf_token": token_in((await client.get("/login")).text)}
            self._release.clear()
            strangers = [
                asyncio.create_task(self._sign_in(client, form, f"p{n}@example.org", "a stolen password"))
                for n in range(STRANGERS)
            ]
            hashing = self.house.portal.edge.limiters["hash"]
            while hashing.busy + hashing.waiting < PLACES:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.005)
            known = [
                asyncio.create_task(
                    self._sign_in(client, form, each["login"], each["password"], each.get("device", ""))
                )
                for each in others
            ]
            await asyncio.sleep(0.05)
            self._release.set()
            return [answer.status_code for answer in await asyncio.gather(*known)], await asyncio.gather(*strangers)

    async def _sign_in(
        self, client: httpx2.AsyncClient, form: dict[str, str], login: str, password: str, device: str = ""
    ) -> httpx2.Response:
        jar = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        cookies = f"{jar}; {DEVICE}={device}" if device else jar
        fields = {**form, "login": login, "password": password}
        return await client.post("/login", data=fields, headers={"cookie": cookies})


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of this file."""
    folder = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(limiters, "_SMALLEST_QUEUE", 16)
        house = House(f"sqlite:///{folder / 'portal.db'}", str(folder))
    yield house
    house.close()


@pytest.fixture
def flood(house: House, monkeypatch: pytest.MonkeyPatch) -> Flood:
    """A flood that comes when it is met."""
    return Flood(house, monkeypatch)


def known(house: House, login: str) -> str:
    """Return the device cookie of a new browser on which this person signed in."""
    browser = house.browser()
    assert browser.sign_in(login).status_code == 303
    return str(browser.client.cookies[DEVICE])


def tries(login: str, device: str = "", password: str = PASSWORD, times: int = 1) -> list[dict[str, str]]:
    return [{"login": login, "password": password, "device": device}] * times


def test_a_known_device_comes_in_and_its_owner_elsewhere_is_told_to_wait(house: House, flood: Flood) -> None:
    house.person(ANNA)
    device = known(house, ANNA)

    (here, elsewhere), strangers = flood.meets(*tries(ANNA, device), *tries(ANNA))

    assert (here, elsewhere) == (303, 503)
    assert flood.order.index(PASSWORD) <= 2, "only those whose check was under way went before"
    assert Counter(answer.status_code for answer in strangers) == {422: PLACES, 503: STRANGERS - PLACES}
    assert all("retry-after" in answer.headers for answer in strangers if answer.status_code == 503)


def test_limits_that_strangers_used_up_do_not_meet_a_known_device(build: Callable[..., House]) -> None:
    house = build(portal_burst=2, portal_tries=2, network_tries=2, stranger_tries=2)
    house.person(ANNA)
    owner = house.browser()
    owner.sign_in(ANNA)
    strangers = [house.browser().sign_in(ANNA, "a guess").status_code for _ in range(4)]

    assert strangers == [422, 422, 429, 429]
    owner.send("/logout", "/settings/sessions")
    assert owner.sign_in(ANNA).status_code == 303
    assert house.browser().sign_in(ANNA).status_code == 429


def test_a_forged_device_is_a_stranger(house: House, flood: Flood) -> None:
    house.person(ANNA)
    device, signing = known(house, ANNA), house.portal.edge.signing
    body, _, rest = device.partition(".")
    forged = (
        f"{body[:-2]}AA.{rest}",
        signing.sign("another purpose", ["number", ["mark"]]),
        signing.sign("device", ["", ["mark"]]),
        "x" * 4000,
    )

    answers, _ = flood.meets(*(each for cookie in forged for each in tries(ANNA, cookie)))

    assert answers == [503] * len(forged)


def test_many_devices_of_one_account_fill_the_way_for_nobody(house: House, flood: Flood) -> None:
    house.person(ANNA)
    house.person(MALLORY)
    own, device = [known(house, MALLORY) for _ in range(6)], known(house, ANNA)
    guesses = [each for cookie in own for each in tries(ANNA, cookie, "a guess", 4)]

    answers, _ = flood.meets(*guesses, *tries(ANNA, device))

    assert answers[-1] == 303
    assert Counter(answers[:-1]) == {503: 20, 422: 4}, "four places for all of Mallory's browsers together"
    assert flood.order.index(PASSWORD) <= 2 + 4 + 1


def test_a_stolen_cookie_leaves_the_owners_other_devices_theirs(house: House, flood: Flood) -> None:
    house.person(ANNA)
    stolen, other = known(house, ANNA), known(house, ANNA)

    answers, _ = flood.meets(*tries(ANNA, stolen, "a guess", 12), *tries(ANNA, other))

    assert answers[-1] == 303
    assert Counter(answers[:-1]) == {503: 10, 422: 2}
