"""Bad input and broken surroundings, where no other test tells the story: a clear sentence, nothing lost, nothing half done.
README.md beside this file says where the other stories are told."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, text

from lkportal.app import Portal
from lkportal.cli.imports import import_file
from lkportal.core.clock import MovableClock
from lkportal.notify.post.mailbox import serving
from lkportal.testing import Mailbox, SandboxDriver, Visitor, World
from lkportal.testing.portals import ENCRYPTION_KEY, SECRET_KEY
from tests.faults import laws
from tests.faults.processes import ROOT

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
LISTS = ["payments:bills", "payments:movements", "readings:history", "accounts:history", "accounts:list", "notify:list"]
FAULTS = ["error_before", "error_after", "timeout_after", "too_many", "processing", "garbage"]


def shell(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `lkportal` in `folder`, as an operator does."""
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "LKPORTAL_SECRET_KEY": SECRET_KEY,
        "LKPORTAL_ENCRYPTION_KEYS": f'["{ENCRYPTION_KEY}"]',
    }
    command = [sys.executable, "-c", "from lkportal.cli import main; main()", *words]
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )


SHELL_STORIES = {
    "an empty database, served": ("", ("serve", "--port", "0"), "Run `lkportal migrate` first."),
    "an empty database, worked on": ("", ("worker", "--once"), "Run `lkportal migrate` first."),
    "a misspelt key": ("[portal]\npublik_url = 'http://lk.test'\n", ("serve",), "public_url"),
    "a module nobody has": ("[modules]\nenabled = ['redings']\n", ("serve",), "readings"),
    "a file that is no TOML": ("[portal\n", ("serve",), "portal.toml"),
    "a database nobody can reach": ("[database]\nurl = 'mysql://x/y'\n", ("serve",), "database.url"),
}


@pytest.mark.parametrize("story", SHELL_STORIES)
def test_a_portal_that_cannot_start_says_so_in_a_sentence(story: str, tmp_path: Path) -> None:
    settings, words, cure = SHELL_STORIES[story]
    (tmp_path / "portal.toml").write_text(settings, "utf-8")
    ended = shell(tmp_path, *words)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert cure in said
    assert "Traceback" not in said


@ON_SQLITE
def test_a_body_too_large_is_refused_by_a_page(portal: Portal, anonymous: Visitor) -> None:
    answer = anonymous.post("/login", {"login": "x" * 300_000, "password": "y"})
    assert answer.status_code == 413
    assert "<h1" in answer.text
    assert "too large" in answer.text.lower()


@ON_SQLITE
@pytest.mark.parametrize("typed", ["9" * 21, "9" * 5_000, "-1", "0", "two", "٣", ""])
def test_a_strange_number_of_a_page_shows_a_page(
    portal: Portal, customer: Visitor, visit: Any, world: World, typed: str
) -> None:
    auditor = visit(world.staff("auditor@example.org", "auditor"))
    operator = visit(world.staff("operator@example.org", "operator"))
    asked = [(customer, customer.url(name)) for name in LISTS]
    asked += [(auditor, auditor.url("audit:trail")), (operator, operator.url("staff:home"))]
    answers = {path: visitor.client.get(path, params={"page": typed, "q": "x"}).status_code for visitor, path in asked}
    assert set(answers.values()) == {200}, answers


@ON_SQLITE
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_provider_answers_the_payer_sees_a_page_and_pays_once(
    portal: Portal,
    clock: MovableClock,
    gateway: SandboxDriver,
    customer: Visitor,
    fault: str,
    work_off: Callable[[], int],
) -> None:
    work_off()
    gateway.plan("create", fault, seconds=0.2)
    pay(customer)
    (payment,) = started(portal)
    for operation in ("create", "fetch"):
        gateway.plan(operation, fault, seconds=0.2, match={"metadata": {"payment_id": payment}})
    for _ in range(6):
        clock.advance(timedelta(minutes=3))
        assert customer.get(customer.url("payments:payment", payment=payment)).status_code == 200
        for known in mine(gateway, payment):
            gateway.pay(known["id"])
        work_off()
    assert gateway.count(payment) == 1
    assert laws.broken(portal, mine(gateway, payment)) == []
    assert balance(portal) == -148_260


class TestWithoutAMailServer:
    @pytest.fixture
    def portal_overrides(self, unused_port: int) -> Mapping[str, Any]:
        return {"mail": {"port": unused_port}}

    @pytest.fixture
    def unused_port(self, tmp_path_factory: pytest.TempPathFactory) -> int:
        with serving(tmp_path_factory.mktemp("gone")) as (_host, port):
            return port

    @ON_SQLITE
    def test_a_payment_succeeds_and_its_letter_comes_once_the_server_is_back(
        self,
        portal: Portal,
        clock: MovableClock,
        gateway: SandboxDriver,
        customer: Visitor,
        unused_port: int,
        tmp_path: Path,
    ) -> None:
        pay(customer)
        (payment,) = started(portal)
        for known in mine(gateway, payment):
            gateway.pay(known["id"])
        clock.advance(timedelta(minutes=1))
        assert customer.get(customer.url("payments:payment", payment=payment)).status_code == 200
        for _ in range(5):
            portal.worker().run_once()
            clock.advance(timedelta(hours=1))
        assert (balance(portal), state(portal)) == (-148_260, "paid")
        with serving(tmp_path / "letters", port=unused_port):
            for _ in range(4):
                clock.advance(timedelta(hours=3))
                portal.worker().run_once()
        assert len(Mailbox(tmp_path / "letters")) == 1
        assert laws.broken(portal, mine(gateway, payment)) == []


@contextmanager
def full_disk(portal: Portal) -> Iterator[None]:
    """Let the database's file grow no more, as on a disk that is full: SQLite itself says so."""

    def limit(connection: Any, *_rest: Any) -> None:
        cursor = connection.connection.dbapi_connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {cursor.execute('PRAGMA page_count').fetchone()[0]}")

    def lift(connection: Any, *_rest: Any) -> None:
        connection.connection.dbapi_connection.execute("PRAGMA max_page_count = 1073741823").close()

    event.listen(portal.database.engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(portal.database.engine, "begin", limit)
        event.listen(portal.database.engine, "begin", lift)


@ON_SQLITE
def test_a_full_disk_refuses_what_cannot_be_kept_and_the_portal_goes_on(
    portal: Portal, gateway: SandboxDriver, customer: Visitor
) -> None:
    with full_disk(portal):
        refused = None
        for _ in range(400):
            before = len(started(portal))
            refused = customer.client.post(
                customer.url("payments:start"), data=form(customer, amount=f"{100 + before},00")
            )
            if refused.status_code != 303:
                break
        assert refused is not None
        assert refused.status_code == 503
        assert "Nothing was changed" in refused.text
        assert len(started(portal)) == before
        assert customer.get(customer.url("payments:bills")).status_code == 200
    pay(customer, "777,00")
    assert len(started(portal)) == before + 1


@ON_SQLITE
def test_a_full_disk_for_the_rejects_costs_no_row(
    portal: Portal, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file, rejects = charges(world, tmp_path), tmp_path / "r.csv"
    with monkeypatch.context() as full:
        full.setattr("lkportal.core.importing.rejects.os.fsync", no_room)
        assert importing(portal, file, rejects) == 5
    assert not rejects.exists()
    assert importing(portal, file, rejects) == 0
    assert "99" in rejects.read_text("utf-8-sig")
    assert laws.books_broken(portal) == []


@ON_SQLITE
def test_rejects_may_go_to_what_is_no_file_and_it_stays_what_it_is(
    portal: Portal, world: World, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        told = reader.submit(pipe.read_text, "utf-8-sig")
        assert importing(portal, charges(world, tmp_path), pipe) == 0
        assert pipe.is_fifo()
        assert "99" in told.result(timeout=20)


def charges(world: World, folder: Path) -> Path:
    """Write a file of one good row and one of an account that is not there."""
    file = folder / "charges.csv"
    number = world.account("0401").number
    rows = f"{number};10.2026;Вода;10,00\n99;10.2026;Вода;5,00\n"
    file.write_text("Лицевой счёт;Период;Услуга;Сумма\n" + rows, "utf-8")
    return file


def importing(portal: Portal, file: Path, rejects: Path) -> int:
    """Import as an operator does; return the exit code."""
    words = ["charges", str(file), "--rejects", str(rejects)]
    return CliRunner().invoke(import_file, words, obj=lambda: portal).exit_code


def form(customer: Visitor, amount: str) -> dict[str, str]:
    """Return the filled form of a payment."""
    return {"csrf_token": customer.token(customer.url("payments:pay")), "amount": amount}


def pay(customer: Visitor, amount: str = "1482,60") -> None:
    """Send the form of a payment."""
    page = customer.url("payments:pay")
    assert customer.post(page, {"amount": amount}).status_code == 303


def started(portal: Portal) -> list[str]:
    return [row[0] for row in _rows(portal, "SELECT public_id FROM payments_payments ORDER BY id")]


def state(portal: Portal) -> str:
    return str(_rows(portal, "SELECT state FROM payments_payments")[0][0])


def balance(portal: Portal) -> int:
    return int(_rows(portal, "SELECT coalesce(sum(balance), 0) FROM payments_ledgers")[0][0])


def mine(gateway: SandboxDriver, payment: str) -> list[dict[str, Any]]:
    """Return what the provider holds of one payment of ours."""
    return [each for each in laws.taken(gateway) if each["metadata"]["payment_id"] == payment]


def _rows(portal: Portal, statement: str) -> list[Any]:
    with portal.database.reading() as connection:
        return list(connection.execute(text(statement)))
