"""What surveys show on the dashboard: a question that waits for this person. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.core.contributions import Shown
from lkportal.modules.surveys.occasions import KNOWN


def question_card(rows: Mapping[str, Sequence[Any]], _shown: Shown) -> Mapping[str, Any] | None:
    """Return the question that waits, or None."""
    row = next(iter(rows["question"]), None)
    return (
        {"said": KNOWN[row.occasion].said, "answer": row.public_id}
        if row is not None and row.occasion in KNOWN
        else None
    )
