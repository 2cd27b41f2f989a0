"""A sign-in crosses from one brand's host to another's, and nothing else does: replay, another host or browser, time, a session
that ended, and addresses of strangers all end at the sign-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from httpx2 import Response
from sqlalchemy import select

from lkportal.accounts.models import Account, Brand, Membership, Premise
from lkportal.app import Portal, create_app
from lkportal.auth import identities
from lkportal.auth.passwords import Passwords
from lkportal.core.clock import MovableClock
from lkportal.core.unit import open_unit
from lkportal.testing.clients import PortalClient
from lkportal.testing.schemas import bring_up
from lkportal.testing.world import NOON, rows

AQUA, SEVER = "http://lk.aqua.example", "http://lk.sever.example"
PASSWORD = "kettle under nine maps"
BRAND = '[brand]\nname = "{name}"\npublic_url = "{url}"\nhosts = ["{host}"]\n[color]\nprimary = "#0B3F86"\n'


class Town:
    """A portal of two brands on two hosts; Anna has an account with each."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovableClock(NOON)
        brands = {key: folder / key for key in ("main", "sever")}
        for key, url in (("main", AQUA), ("sever", SEVER)):
            brands[key].mkdir()
            text = BRAND.format(name=key.title(), url=url, host=urlsplit(url).hostname)
            (brands[key] / "brand.toml").write_text(text, "utf-8")
        self.portal: Portal = create_app(
            overrides={
                "secret_key": "k" * 32,
                "portal": {
                    "data_dir": str(folder / "data"),
                    "public_url": AQUA,
                    "log_level": "error",
                    "brands": {key: str(path) for key, path in brands.items()},
                },
                "database": {"url": f"sqlite:///{folder}/portal.db"},
                "jobs": {"in_web": False, "engine": "table"},
                "auth": {"hash_memory_kib": 8192, "hash_passes": 1},
            },
            clock=self.clock,
        )
        bring_up(self.portal.database, self.portal.known)
        self.portal.start()
        self.accounts = self._people()

    def _people(self) -> dict[str, str]:
        now, made = self.clock.now(), {}
        hashed = self.portal.ports.get(Passwords).make(PASSWORD)
        with open_unit(self.portal.database, self.portal.unit_context()) as db:
            identities.create(db, kind="customer", login="anna", name="Анна", password_hash=hashed, email="")
            anna = identities.by_login(db.connection(), "anna")
            assert anna is not None
            premise = Premise(address="Лесная, 5")
            db.add(premise)
            db.flush()
            for key, brand in db.execute(select(Brand.key, Brand.id)).all():
                row = Account(
                    brand_id=brand, premise_id=premise.id, number=f"00{brand}", title=f"Home of {key}",
                    time_zone="Europe/Moscow", currency="RUB", opened_at=now,
                )  # fmt: skip
                db.add(row)
                db.flush()
                db.add(Membership(identity_id=anna.id, account_id=row.id, role="owner", created_at=now))
                made[key] = row.public_id
        return made

    def browser(self) -> PortalClient:
        return PortalClient(self.portal, base_url=AQUA, headers={"accept-language": "en"})

    def signed_in(self) -> PortalClient:
        browser = self.browser()
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login").text)
        assert token is not None
        answer = browser.post("/login", data={"csrf_token": token[1], "login": "anna", "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    def link(self, browser: PortalClient) -> str:
        """The address the switcher on the first host gives the account of the other brand."""
        page = browser.get(f"/home/{self.accounts['main']}/").text
        found = re.search(rf'href="({SEVER}/cross[^"]+)"', page)
        assert found is not None, page
        return found[1].replace("&amp;", "&")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.portal.stop()


def step(browser: PortalClient, url: str) -> Response:
    answer = browser.get(url)
    assert answer.status_code == 303, answer.text
    return answer


def token_of(browser: PortalClient, link: str) -> str:
    """Walk to the last step and return its address, token in it, without opening it."""
    return step(browser, step(browser, link).headers["location"]).headers["location"]


def at_the_door(answer: Response) -> bool:
    return answer.status_code == 303 and urlsplit(answer.headers["location"]).path == "/login"


def test_the_switcher_leads_to_the_other_host_signed_in(town: Town) -> None:
    browser = town.signed_in()
    assert f'href="/home/{town.accounts["main"]}/"' in browser.get("/accounts").text, "one's own host is no crossing"
    taken = step(browser, token_of(browser, town.link(browser)))
    assert taken.headers["location"] == f"/home/{town.accounts['sever']}/"
    page = browser.get(SEVER + taken.headers["location"])
    assert page.status_code == 200
    assert "Sever" in page.text
    assert "Home of sever" in page.text


def test_only_hashes_are_kept_and_the_act_is_recorded(town: Town) -> None:
    browser = town.signed_in()
    last = token_of(browser, town.link(browser))
    token = parse_qs(urlsplit(last).query)["token"][0]
    step(browser, last)
    assert token not in str(rows(town.portal.database, "SELECT * FROM auth_tokens"))
    assert rows(town.portal.database, "SELECT count(*) FROM audit_records WHERE action = 'auth.crossed'")[0][0] == 1


def test_a_token_opens_once(town: Town) -> None:
    browser = town.signed_in()
    link = town.link(browser)
    last = token_of(browser, link)
    secret = browser.cookies.get("lk_crossing", domain="lk.sever.example")
    assert secret is not None
    step(browser, last)
    again = town.browser()
    again.cookies.set("lk_crossing", secret, domain="lk.sever.example")
    assert at_the_door(again.get(last))


def test_a_token_opens_only_the_host_it_was_made_for(town: Town) -> None:
    browser = town.signed_in()
    last = token_of(browser, town.link(browser))
    secret = browser.cookies.get("lk_crossing", domain="lk.sever.example")
    assert secret is not None
    stranger = town.browser()
    stranger.cookies.set("lk_crossing", secret, domain="lk.aqua.example")
    assert at_the_door(stranger.get(last.replace(SEVER, AQUA)))


def test_a_token_opens_only_in_the_browser_that_asked(town: Town) -> None:
    browser = town.signed_in()
    last = token_of(browser, town.link(browser))
    assert at_the_door(town.browser().get(last))
    other = town.browser()
    step(other, town.link(browser))
    assert at_the_door(other.get(last)), "a secret of another crossing does not fit"


def test_a_token_is_old_after_a_minute(town: Town) -> None:
    browser = town.signed_in()
    last = token_of(browser, town.link(browser))
    town.clock.advance(timedelta(seconds=61))
    assert at_the_door(browser.get(last))


def test_who_signed_out_meanwhile_does_not_enter(town: Town) -> None:
    browser = town.signed_in()
    last = token_of(browser, town.link(browser))
    leave(town, browser)
    assert at_the_door(browser.get(last))


def leave(town: Town, browser: PortalClient) -> None:
    page = browser.get(f"{AQUA}/home/{town.accounts['main']}/").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None, page
    assert browser.post(f"{AQUA}/logout", data={"csrf_token": token[1]}).status_code == 303


def test_a_stranger_of_the_origin_signs_in_at_the_target(town: Town) -> None:
    link = town.link(town.signed_in())
    stranger = town.browser()
    answer = step(stranger, step(stranger, link).headers["location"])
    assert answer.headers["location"].startswith(f"{SEVER}/login?next=")


def test_signing_out_on_one_host_ends_both(town: Town) -> None:
    browser = town.signed_in()
    step(browser, token_of(browser, town.link(browser)))
    there = f"{SEVER}/home/{town.accounts['sever']}/"
    assert browser.get(there).status_code == 200
    leave(town, browser)
    assert at_the_door(browser.get(there))


def test_the_new_session_is_not_longer_and_not_proved_later(town: Town) -> None:
    browser = town.signed_in()
    link = town.link(browser)
    town.clock.advance(timedelta(minutes=30))
    step(browser, token_of(browser, link))
    first, second = rows(town.portal.database, "SELECT ends_at, stepped_up_at FROM auth_sessions ORDER BY id")
    assert first == second


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/logout", "/nothing/here"]
)
def test_no_step_leads_to_a_stranger(town: Town, wanted: str) -> None:
    browser = town.signed_in()
    for path in ("/cross?from=main", "/cross/give?to=sever&asked=" + "0" * 64, "/cross/take?token=x"):
        answer = browser.get(f"{AQUA}{path}&{urlencode({'next': wanted})}")
        assert "evil" not in urlsplit(answer.headers["location"]).netloc
        assert "evil" not in answer.headers["location"]


@pytest.mark.parametrize("key", ["evil", "", "https://evil.example", "sever"])
def test_only_another_site_of_ours_is_asked(town: Town, key: str) -> None:
    answer = town.browser().get(f"{SEVER}/cross", params={"from": key, "next": "/"})
    assert at_the_door(answer)
    assert urlsplit(answer.headers["location"]).netloc in ("", "lk.sever.example")
