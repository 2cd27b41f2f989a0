"""The trace of OWASP ASVS 5.0: every requirement of the chapters that stands for identity and access is shown by a test of this tree,
a check of doctor, or a chapter of the security page. The tests run with all others; here is held that none is only a name."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from lkportal.cli.checkup import OWN
from lkportal.cli.checkup_outside import OUTSIDE

ROOT = Path(__file__).parents[2]
TRACE = ROOT / "docs" / "understand" / "asvs.csv"
# Requirements of the standard by chapter: authentication, sessions, authorisation, tokens, OAuth and OIDC, data, logging.
CHAPTERS = {"V6": 47, "V7": 19, "V8": 13, "V9": 7, "V10": 36, "V14": 13, "V16": 17}
CHECKS = {check.name for check in (*OWN, *OUTSIDE)}


def rows() -> list[dict[str, str]]:
    with TRACE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def named_in(path: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^ *def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE))


@cache
def headings_of(path: Path) -> frozenset[str]:
    titles = re.findall(r"^##+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles)


def is_there(evidence: str) -> bool:
    """Whether a test, a heading or a check of this name exists."""
    path, test, name = evidence.partition("::")
    if test:
        return (ROOT / path).is_file() and name in named_in(ROOT / path)
    if evidence.startswith("doctor:"):
        return evidence.removeprefix("doctor:") in CHECKS
    path, _, heading = evidence.partition("#")
    return (ROOT / path).is_file() and heading in headings_of(ROOT / path)


def test_no_requirement_of_a_chapter_is_left_out() -> None:
    ids = [row["id"] for row in rows()]
    assert len(ids) == len(set(ids))
    assert Counter(each.partition(".")[0] for each in ids) == CHAPTERS


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_what_applies_is_shown_and_what_does_not_says_why(row: dict[str, str]) -> None:
    if row["applies"] == "no":
        assert row["note"], "say why it does not apply"
        return
    shown = [each.strip() for each in row["shown_by"].split(";")]
    assert shown != [""]
    assert [each for each in shown if not is_there(each)] == []


def test_most_is_shown_by_tests() -> None:
    applying = [row for row in rows() if row["applies"] == "yes"]
    tested = [row for row in applying if "::" in row["shown_by"]]
    print(f"{len(applying)} of {len(rows())} requirements apply, {len(tested)} are shown by tests")
    assert len(tested) >= 0.8 * len(applying)
