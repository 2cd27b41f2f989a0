"""A whole day of a portal whose CRM, ERP, mail server and worker are killed again and again: nothing is lost, nothing is done or
shown twice, and `lkportal verify` is green."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.day import judging
from tests.faults.day.script import Day, day


def told(whole: Day) -> str:
    """Return what happened, for those who read the proof."""
    post = judging.post_of(whole)
    acts = ", ".join(f"{name} {count}" for name, count in sorted(whole.acted.items()))
    deaths = ", ".join(f"{name} {count}" for name, count in sorted(whole.systems.killed.items()))
    return (
        f"{whole.acted.total()} acts ({acts}); killed: {deaths}; {post.sent} letters, {post.twice} of them came twice"
    )


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_an_hour_with_dying_neighbours_loses_and_doubles_nothing(portal_url: str, tmp_path: Path) -> None:
    with day(portal_url, tmp_path, 6, residents=4, served=0) as whole:
        whole.live(100, 1, chapters=2)
        print(told(whole))
        wrong = judging.broken(whole)
        assert not wrong, "\n".join(wrong)
        assert min(whole.systems.killed[name] for name in ("crm", "erp", "post", "worker")) >= 1


@pytest.mark.proof
def test_a_day_of_five_thousand_acts_with_dying_neighbours_loses_and_doubles_nothing(
    portal_url: str, tmp_path: Path
) -> None:
    with day(portal_url, tmp_path, 7, residents=40, served=2) as whole:
        whole.live(5_000, 12, chapters=50)
        print(told(whole))
        wrong = judging.broken(whole)
        assert not wrong, "\n".join(wrong)
        assert min(whole.systems.killed[name] for name in ("crm", "erp", "post", "worker")) >= 10
