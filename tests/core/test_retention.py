"""How rules of keeping are read, and where they count from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lkportal.core.module import PersonalTable
from lkportal.core.protection.retention import Retention, parse_retention

NOON = datetime(2028, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("90 days", Retention(90, "day")),
        ("1 week", Retention(1, "week")),
        ("5 years after closing", Retention(5, "year", "closing")),
        ("3 years after revoked_at", Retention(3, "year", "revoked_at")),
        ("notify.keep_letters_days", Retention(setting="notify.keep_letters_days")),
        ("", None),
    ],
)
def test_a_rule_is_read_as_it_is_written(words: str, rule: Retention | None) -> None:
    assert parse_retention(words) == rule


@pytest.mark.parametrize(
    "words", ["0 days", "five years", "5 years after", "5 fortnights", "5years", "x.y.z", "5 years "]
)
def test_what_is_no_rule_stops_the_module_that_wrote_it(words: str) -> None:
    with pytest.raises(ValueError, match="no rule of keeping"):
        PersonalTable("dummy_notes", "account_id", retain=words)


@pytest.mark.parametrize(
    ("words", "before"),
    [
        ("2 weeks", datetime(2028, 2, 15, 12, tzinfo=UTC)),
        ("1 month", datetime(2028, 1, 29, 12, tzinfo=UTC)),
        ("1 year", datetime(2027, 2, 28, 12, tzinfo=UTC)),
        ("4 years", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("26 months", datetime(2025, 12, 29, 12, tzinfo=UTC)),
    ],
)
def test_a_rule_counts_back_by_the_calendar(words: str, before: datetime) -> None:
    rule = parse_retention(words)

    assert rule is not None
    assert rule.over_before(NOON) == before
