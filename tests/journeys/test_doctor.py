"""`lkportal doctor` and `lkportal texts` over a real portal: grades, exit codes, and what a new language still lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lkportal.cli import main
from lkportal.cli.checkup import examine
from lkportal.core.contributions import Check, Finding

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
    assert "No worker has ever run" in findings(answer, "worker")[0]
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
    ],
)
def test_a_dangerous_setting_is_named(run: Run, tmp_path: Path, old: str, new: str, check: str, sentence: str) -> None:
    file = tmp_path / "portal.toml"
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    assert any(each.startswith(sentence) for each in findings(run("doctor", "--json"), check))


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
