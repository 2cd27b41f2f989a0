"""`lkportal doctor` and `lkportal texts` over a real portal: grades, exit codes, and what a new language still lacks."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from click.testing import CliRunner

from lkportal.app import Portal
from lkportal.cli import main
from lkportal.cli.checkup import Outcome, examine, mark
from lkportal.cli.checkup_outside import role
from lkportal.core.contributions import Check, Finding
from lkportal.web.asgi import csp

BRAND = '[brand]\nname = "Акватория"\n[color]\nprimary = "#FFE100"\n'
PORTAL = """
secret_key = "{secret}"
[portal]
public_url = "{url}"
brand_dir = "brand"
languages = ["ru", "en", "de"]
[modules]
enabled = ["readings"]
[mail]
sender = "info@aqua.example"
"""
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder with a portal.toml and a brand."""
    (tmp_path / "brand").mkdir()
    (tmp_path / "brand" / "brand.toml").write_text(BRAND, "utf-8")
    (tmp_path / "portal.toml").write_text(PORTAL.format(secret="k" * 32, url="https://lk.aqua.example"), "utf-8")
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, words)


def findings(answer: Any, check: str) -> list[str]:
    rows = {row["check"]: row for row in json.loads(answer.stdout)["checks"]}
    return [f"{each['grade']}: {each['sentence']}" for each in rows[check]["findings"]]


def test_a_portal_without_a_schema_is_not_fit(run: Run) -> None:
    answer = run("doctor", "--json")
    assert answer.exit_code == 1
    assert findings(answer, "database")[0].endswith("run `lkportal migrate`.")


def test_after_migrating_it_says_what_is_left_to_do(run: Run) -> None:
    assert run("migrate").exit_code == 0
    answer = run("doctor", "--json")
    assert findings(answer, "database") == []
    assert findings(answer, "address") == []
    assert findings(answer, "mail") == []
    assert "No worker runs now" in findings(answer, "worker")[0]
    assert any(
        "link in light moved far, #FFE100" in each or "underlined" in each for each in findings(answer, "brands")
    )
    german = [each for each in findings(answer, "languages") if "Deutsch: readings says" in each]
    assert len(german) == 1
    assert answer.exit_code == 1


def test_a_stale_part_of_a_brand_is_named(run: Run, tmp_path: Path) -> None:
    assert findings(run("doctor", "--json"), "overrides") == []
    (tmp_path / "brand" / "brand.css").write_text("a { color: var(--brand-egde) }", "utf-8")
    assert any("--brand-egde" in each for each in findings(run("doctor", "--json"), "overrides"))


def test_people_read_lines_with_signs(run: Run) -> None:
    said = run("doctor").stdout
    assert "BAD   database" in said
    assert "ok    address" in said


def test_a_language_added_by_a_company_lacks_less(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "brand" / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    before = run("texts", "--language", "de", "--untranslated").stdout.splitlines()
    key, english = next(line.split("  ", 1) for line in before if line.startswith("readings.") and "%" not in line)
    (folder / "messages.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgctxt "{key}"\nmsgid "{english}"\nmsgstr "Deutsch"\n',
        "utf-8",
    )
    after = run("texts", "--language", "de", "--untranslated").stdout.splitlines()
    assert set(before) - set(after) == {f"{key}  {english}"}
    assert f"{key}  Deutsch" in run("texts", "--language", "de", key).stdout


def test_texts_are_found_by_a_word_of_the_reader(run: Run) -> None:
    assert "auth." in run("texts", "пароль").stdout
    nothing = run("texts", "квазистационарный")
    assert nothing.exit_code == 1
    assert "Try a shorter part" in nothing.output


@pytest.mark.parametrize(
    ("old", "new", "check", "sentence"),
    [
        ("https://lk.aqua.example", "http://lk.aqua.example", "address", "bad: http://lk.aqua.example is not https"),
        ("k" * 32, "k" * 16, "keys", "warn: secret_key has 16 characters"),
        ('sender = "info@aqua.example"', 'username = "u"', "mail", "bad: mail.username goes over the wire in clear"),
        ("[modules]", '[web]\nhosts = ["*.aqua.example"]\n[modules]', "hosts", "bad: web.hosts holds *.aqua.example"),
        ("[modules]", '[web]\nhosts = ["203.0.113.7"]\n[modules]', "hosts", "warn: web.hosts holds the address"),
        ("[portal]", "[portal]\ndemo = true", "hosts", "bad: https://lk.aqua.example is a demo with known passwords"),
        ("[modules]", "[modules]", "proxies", "warn: The portal is https, so a proxy stands before it"),
        (
            "[modules]",
            '[web]\ntrusted_proxies = ["0.0.0.0/0"]\n[modules]',
            "proxies",
            "bad: web.trusted_proxies believes 0.0.0.0/0",
        ),
        ("[modules]", "[modules]", "desk", "warn: One password opens the desk from anywhere"),
        ("[portal]", '[portal]\nlog_level = "debug"', "files", "warn: portal.log_level"),
    ],
)
def test_a_dangerous_setting_is_named(run: Run, tmp_path: Path, old: str, new: str, check: str, sentence: str) -> None:
    file = tmp_path / "portal.toml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    assert any(each.startswith(sentence) for each in findings(run("doctor", "--json"), check))


def test_the_portal_is_looked_at_from_outside(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("migrate").exit_code == 0
    assert findings(run("doctor", "--json"), "answers") == []
    monkeypatch.setattr(csp.Policies, "_base", lambda *_, **__: [])
    monkeypatch.setattr(csp.Policies, "policy", lambda *_, **__: b"script-src 'unsafe-inline'")
    said = findings(run("doctor", "--json"), "answers")
    assert any("no strict Content-Security-Policy" in each for each in said)
    assert any("without HSTS" in each for each in said)


def test_a_desk_behind_a_second_factor_or_at_home_is_fit(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "portal.toml"
    before = file.read_text("utf-8")
    for table in ('[auth]\nsecond_for_staff = ["entry"]\n', '[staff]\nnetworks = ["10.0.0.0/8"]\n'):
        file.write_text(before + table, "utf-8")
        assert not any("One password" in each for each in findings(run("doctor", "--json"), "desk"))


def test_a_second_factor_that_cannot_be_kept_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "portal.toml"
    file.write_text(file.read_text("utf-8") + '[auth]\nsecond_for_staff = ["entry"]\n', "utf-8")
    assert any(
        each.startswith("bad: auth.second_for_staff asks staff") for each in findings(run("doctor", "--json"), "desk")
    )
    key = "k1:" + base64.b64encode(bytes(32)).decode()
    monkeypatch.setenv("LKPORTAL_ENCRYPTION_KEYS", json.dumps([key]))
    assert findings(run("doctor", "--json"), "desk") == []


def test_files_with_secrets_that_everybody_reads_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "portal.toml").chmod(0o644)
    assert any("portal.toml can be read by every user" in each for each in findings(run("doctor", "--json"), "files"))
    (tmp_path / "portal.toml").chmod(0o640)
    assert not any("portal.toml" in each for each in findings(run("doctor", "--json"), "files"))


@pytest.mark.parametrize(
    "portal_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_a_role_that_may_change_the_audit_is_named(portal: Portal) -> None:
    said = [finding.sentence for finding in role(portal)]
    assert said == [] if portal.database.is_sqlite else "audit_records" in said[0] and "database restrict" in said[0]


def test_the_mark_of_a_whole_portal() -> None:
    def of(*grades: Literal["warn", "bad"]) -> str:
        return mark([Outcome("x", tuple(Finding(grade, "") for grade in grades))])

    assert [of(), of("warn"), of("warn", "warn", "warn"), of("bad", "warn"), of("bad", "bad")] == list("ABCDF")


def test_modules_check_too_and_a_broken_check_hides_nothing(run: Run) -> None:
    class Registry:
        checks = (
            Check("meters", lambda _portal: ["Two meters have one number: merge them."]),
            Check("broken", lambda _portal: 1 / 0),  # type: ignore[arg-type, return-value]
            Check("gateway", lambda _portal: [Finding("bad", "The gateway refuses the key: set a new one.")]),
        )

    class Portal:
        registry = Registry()

    found = {outcome.check: outcome.grade for outcome in examine(Portal())}
    assert (found["meters"], found["broken"], found["gateway"]) == ("warn", "bad", "bad")
