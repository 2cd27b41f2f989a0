"""The examples are whole portals: each opens in its own brand and theme, filled; and `lkportal demo` dresses one in any brand book."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner

from lkportal.app import Portal, create_app
from lkportal.cli.demo import demo
from lkportal.core.clock import MovableClock
from lkportal.core.migrating import migrate
from lkportal.modules.tariffs.tests.conftest import filled, link, said
from lkportal.testing import NOON, Visitor
from lkportal.testing.portals import ENCRYPTION_KEY, SECRET_KEY
from lkportal.testing.world import CHEAP_HASHES
from tests.browser.stage import PASSWORD, ROOT, running_demo

ACCOUNTS = 20


def test_a_demo_whose_port_is_taken_says_so_before_it_fills_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = CliRunner().invoke(demo, ["utility", "--port", str(taken.getsockname()[1])])

    assert told.exit_code == 1
    assert "is taken by another program" in told.output
    assert not (tmp_path / "var").exists()


@pytest.fixture
def example(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A running portal of the example named by the test, filled with few accounts, as `lkportal demo` makes it."""
    monkeypatch.syspath_prepend(ROOT / "examples")
    overrides = {
        "secret_key": SECRET_KEY,
        "encryption_keys": [ENCRYPTION_KEY],
        "portal": {
            "demo": True,
            "data_dir": str(tmp_path),
            "log_level": "warning",
            "public_url": "http://127.0.0.1:8123",
        },
        "database": {"url": f"sqlite:///{tmp_path / 'portal.db'}"},
        "jobs": {"in_web": False},
        "auth": dict(CHEAP_HASHES),
    }
    name: str = request.param
    portal = create_app(ROOT / "examples" / name / "portal.toml", overrides=overrides, clock=MovableClock(NOON))
    migrate.upgrade(portal.database, portal.known)
    portal.remember_brands()
    said: list[str] = []
    import_module(f"{name}.seed").seed(portal, tmp_path / "files", said.append, ACCOUNTS)
    assert [line for line in said if "rejected" in line and " 0 rejected" not in line] == []
    portal.start()
    yield portal
    portal.stop()


def at(portal: Portal, brand: str, language: str = "ru") -> Visitor:
    """Somebody who opens the portal at the address of a brand."""
    visitor = Visitor(portal, language=language)
    visitor.site = next(site for site in portal.sites if site.key == brand)
    visitor.client.base_url = visitor.site.public_url
    return visitor


@pytest.mark.parametrize("example", ["telecom"], indirect=True)
def test_a_telecom_company_opens_in_its_own_brand_and_theme(example: Portal) -> None:
    visitor = at(example, "main")
    page = visitor.get("/login").text

    assert "· Тукан</title>" in page
    assert "/static/portal." in page
    assert page.index("/static/portal.") < page.index("/static/bold.") < page.index("/static/brand/main.")
    assert "Показания" not in page

    assert visitor.sign_in("anna@example.org", PASSWORD).status_code == 303
    home = visitor.get(visitor.get("/").headers["location"]).text
    assert "Дом, Садовая, 8, кв. 15" in home
    assert "К оплате за октябрь" in home.replace("\u00a0", " ")


@pytest.mark.parametrize("example", ["telecom"], indirect=True)
def test_the_story_of_the_telecom_goes_as_its_readme_tells(example: Portal) -> None:
    """What the provider's page has to do with it is walked by a browser: tests/browser/test_telecom.py."""
    anna = at(example, "main")
    anna.sign_in("anna@example.org", PASSWORD)
    home = anna.get("/").headers["location"]
    assert "Повреждён кабель" in said(anna, link(anna, home, "Подробнее"))
    router = link(anna, home, "Тукан AX3000")
    assert "Нет связи с" in said(anna, router)
    assert "Тукан AX3000" in said(anna, link(anna, router, "Написать об этом"))

    mobile = link(anna, "/accounts", "Мобильный")
    shown = said(anna, mobile)
    assert "120,00 ₽" in shown
    assert "Внесено вперёд" not in shown, "what is in hand is said once"
    assert "Перенести" not in said(anna, link(anna, mobile, "900 000-41-70")), "a number has no address"
    promise = link(anna, mobile, "Обещанный платёж")
    assert "15,00 ₽" in said(anna, promise)
    assert anna.post(promise, filled(anna, promise, "token", "amount", "fee"), page=promise).status_code == 303
    assert "Обещано: 1 000,00 ₽" in said(anna, mobile)

    offer = link(anna, home, "Полёт 500 на три месяца")
    assert "С 22 февраля" in said(anna, offer)
    assert "750,00 ₽" in said(anna, offer), "what it costs then"
    assert "Обратно" in said(anna, offer)
    done = anna.post(offer, filled(anna, offer), page=offer)
    assert "Выполнен" in said(anna, done.headers["location"])
    assert "Полёт 500 на три месяца" not in said(anna, home)
    assert "Заморозить" in said(anna, link(anna, home, "Полёт 500"))
    assert "Нет интернета дома" in said(anna, "/help/?q=роутер")

    desk = at(example, "main")
    desk.sign_in("operator@example.org", PASSWORD)
    moves = sorted(set(re.findall(r'href="(/staff/tariffs/[^"]{16}/)"', desk.get("/staff/tariffs/").text)))
    assert len(moves) == 2, "two customers move"
    assert desk.post(f"{moves[0]}process", {}, page=moves[0]).status_code == 303
    assert desk.post(f"{moves[1]}reject", {"reason": "До весны кабеля нет."}, page=moves[1]).status_code == 303
    boss = at(example, "main")
    boss.sign_in("admin@example.org", PASSWORD)
    assert "Подключили 1 раз" in said(boss, "/staff/tariffs/offers")


@pytest.mark.parametrize("example", ["utility"], indirect=True)
def test_the_neighbouring_town_has_its_own_brand_and_accounts(example: Portal) -> None:
    visitor = at(example, "zarechye")
    assert visitor.site.public_url == "http://second.localhost:8123"
    page = visitor.get("/login").text
    assert "Заречье Водоканал" in page
    assert "Северводоканал" not in page
    assert "/static/brand/zarechye." in page

    assert visitor.sign_in("lev@example.org", PASSWORD).status_code == 303
    home = visitor.get(visitor.get("/").headers["location"]).text
    assert "Луговая, 3, кв. 14" in home
    assert "Северводоканал" not in home


FOREIGN = """
[brand]
name = "Чужой дом"
hosts = ["lk.foreign.example"]
public_url = "https://lk.foreign.example"
theme = "strict"
[color]
primary = "#7A1F6B"
"""


def test_a_demo_wears_any_brand_book_without_touching_its_example(tmp_path: Path) -> None:
    """Even one that lives at an https address of its own: the demo is opened where it runs."""
    book = tmp_path / "book"
    book.mkdir()
    (book / "brand.toml").write_text(FOREIGN, "utf-8")
    before = snapshot(ROOT / "examples")
    (tmp_path / "demo").mkdir()

    with running_demo(tmp_path / "demo", ACCOUNTS, "telecom", book) as demo, httpx2.Client(trust_env=False) as client:
        page = client.get(f"{demo.address}/login", headers={"accept-language": "ru"})

    assert page.status_code == 200
    assert "· Чужой дом</title>" in page.text
    assert "Тукан" not in page.text
    assert "/static/strict." in page.text
    assert "/static/bold." not in page.text
    assert "Secure" not in page.headers.get("set-cookie", "")
    assert snapshot(ROOT / "examples") == before


def test_a_broken_brand_book_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "brand.toml").write_text('[brand]\nname = "X"\n[color]\nprimary = "blue"\n', "utf-8")

    done = demo_of(tmp_path, "--brand", str(tmp_path))

    assert done.returncode == 1
    assert 'primary = "blue" cannot be used: write the brand\'s colour as six hex digits' in done.stderr
    assert "Traceback" not in done.stderr


def test_an_example_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    done = demo_of(tmp_path, "no-such")

    assert done.returncode == 2
    assert "There is: telecom, utility." in done.stderr


def test_a_database_of_an_earlier_demo_is_not_left_without_its_keys(tmp_path: Path) -> None:
    done = demo_of(tmp_path, "utility", "--fresh", "--db", f"sqlite:///{tmp_path / 'other.db'}")

    assert done.returncode == 2
    assert "Empty that database" in " ".join(done.stderr.split())


def demo_of(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `lkportal demo` to its end, in a folder beside the examples."""
    (folder / "examples").symlink_to(ROOT / "examples")
    command = [sys.executable, "-c", "from lkportal.cli import main; main()", "demo", "--port", "1", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, but what Python itself writes."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
