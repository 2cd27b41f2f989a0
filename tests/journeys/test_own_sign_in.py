"""The example of docs/extend/sign-in.md runs as it stands there: customers come in with the password of a billing."""

from __future__ import annotations

import hashlib
import importlib
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lkportal import Module
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World, rows
from tools.tree import ROOT

GUIDE = ROOT / "docs/extend/sign-in.md"
FORM = "/login/with/gasworks"
PASSWORD = "Газ и вода 7"
pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def gasworks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Module]:
    """The module of the guide, written out of it."""
    blocks = re.findall(r"```python\n# (gasworks/\w+\.py)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert [name for name, _ in blocks] == ["gasworks/__init__.py", "gasworks/hooks.py", "gasworks/billing.py"]
    (tmp_path / "gasworks").mkdir()
    for name, code in blocks:
        (tmp_path / name).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    made: Module = importlib.import_module("gasworks").module
    yield made
    for name in [each for each in sys.modules if each.partition(".")[0] == "gasworks"]:
        del sys.modules[name]


@pytest.fixture
def billing(tmp_path: Path) -> Path:
    """The billing's own database: Nina with two contracts, Oleg who is locked."""
    file = tmp_path / "billing.db"
    salt = bytes(range(16))
    made = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("CREATE TABLE customers (id INTEGER, login, name, email, email_checked, salt, password, locked)")
        db.execute("CREATE TABLE contracts (customer INTEGER, number, is_owner)")
        db.execute("INSERT INTO customers VALUES (17, 'nina', 'Нина', 'nina@example.org', 1, ?, ?, 0)", (salt, made))
        db.execute("INSERT INTO customers VALUES (18, 'oleg', 'Олег', '', 0, ?, ?, 1)", (salt, made))
        db.executemany(
            "INSERT INTO contracts VALUES (17, ?, ?)", [("0412000001", 1), ("0412000002", 0), ("0412000003", 1)]
        )
    return file


@pytest.fixture
def portal_modules(gasworks: Module) -> tuple[Module, ...]:
    return (gasworks,)


@pytest.fixture
def portal_overrides(billing: Path) -> Mapping[str, Any]:
    return {"modules": {"enabled": ["gasworks"]}, "gasworks": {"billing_url": f"sqlite:///{billing}"}}


def test_a_customer_comes_in_with_what_is_theirs(world: World, visit: Callable[[], Visitor]) -> None:
    world.account("0412000001")
    world.account("0412000002")
    browser = visit()

    assert "Sign in: gas billing" in browser.get("/login").text
    assert browser.post(FORM, {"login": " Nina ", "password": PASSWORD}).status_code == 303

    held = rows(
        world.database,
        "SELECT a.number, m.role FROM accounts_memberships m JOIN accounts_accounts a ON a.id = m.account_id ORDER BY 1",
    )
    assert held == [("0412000001", "owner"), ("0412000002", "reader")]
    assert browser.is_signed_in

    world.account("0412000003")
    again = visit()
    again.post(FORM, {"login": "nina", "password": PASSWORD})

    assert rows(world.database, "SELECT login, name, password_hash FROM auth_identities") == [
        ("nina@example.org", "Нина", "")
    ]
    assert rows(world.database, "SELECT count(*) FROM accounts_memberships") == [(3,)]


@pytest.mark.parametrize(("login", "password"), [("nina", "wrong"), ("oleg", PASSWORD), ("nobody", PASSWORD)])
def test_nobody_else_comes_in(world: World, visit: Callable[[], Visitor], login: str, password: str) -> None:
    browser = visit()

    answer = browser.post(FORM, {"login": login, "password": password})

    assert answer.status_code == 422
    assert not browser.is_signed_in
    assert rows(world.database, "SELECT count(*) FROM auth_identities") == [(0,)]


def test_a_known_mailbox_is_asked_to_prove_itself(world: World, visit: Callable[[], Visitor]) -> None:
    world.customer("nina@example.org")
    world.account("0412000001")
    browser = visit()

    answer = browser.post(FORM, {"login": "nina", "password": PASSWORD})

    assert answer.headers["location"] == "/external/new"
    assert "You have access already" in browser.get("/external/new").text
    assert not browser.is_signed_in
    browser.sign_in("nina@example.org", next="/settings/external/take")
    assert browser.post("/settings/external/take", {}).status_code == 303
    assert visit().post(FORM, {"login": "nina", "password": PASSWORD}).headers["location"] == "/"
    assert rows(world.database, "SELECT count(*) FROM accounts_memberships") == [(1,)]


def test_a_billing_that_is_away_is_said_so(world: World, visit: Callable[[], Visitor], billing: Path) -> None:
    billing.write_bytes(b"not a database" * 100)

    answer = visit().post(FORM, {"login": "nina", "password": PASSWORD})

    assert answer.status_code == 503
    assert "Passwords cannot be checked just now" in answer.text
