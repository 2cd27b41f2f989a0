"""Whether all subjects serve the same page: the text that a reader sees, of two dozen accounts, before anything is timed."""

from __future__ import annotations

import difflib
import html
import re
import urllib.request
from collections.abc import Sequence

from benchmarks.subjects import Subject
from benchmarks.visitors import Visitor, asking

CHECKED = 24


def differences(subjects: Sequence[Subject], page: str = "dashboard") -> list[str]:
    """Return a line for each subject whose text differs from the first one's, with what differs; empty when all agree."""
    found = []
    first, others = subjects[0], subjects[1:]
    everybody = asking(page)
    for visitor, path in everybody[:: len(everybody) // CHECKED][:CHECKED]:
        expected = words(fetch(first, visitor, path))
        for other in others:
            said = words(fetch(other, visitor, path))
            if said != expected:
                told = [
                    line
                    for line in difflib.unified_diff(expected, said, lineterm="", n=0)
                    if line[:3] not in ("---", "+++")
                ]
                found.append(f"{other.name} differs from {first.name} for {visitor.account}: {' '.join(told[:12])}")
    return found


def fetch(subject: Subject, visitor: Visitor, path: str) -> str:
    """Return a page of a visitor as HTML."""
    value = visitor.token if subject.cookie == "lk_session" else visitor.django
    asked = urllib.request.Request(
        f"http://127.0.0.1:{subject.port}{path}", headers={"Cookie": f"{subject.cookie}={value}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(answer.read().decode())


def words(page: str) -> list[str]:
    """Return the words a reader sees, and those a screen reader says, in order."""
    said = re.sub(r'<[^>]*?aria-label="([^"]*)"[^>]*>', r" \1 ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", said)).split()
