"""Who is signed in: known without a database, so that the load can be sent by a small process."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "100000"))
THIN = bool(os.environ.get("BENCH_THIN"))
"""Five bills and six readings an account, instead of a year of readings: a million accounts find room on a desk's disk."""
SESSIONS = min(4_000, ACCOUNTS)
PAGES = ("dashboard", "bill", "code", "history", "readings")
PASSWORD = "a password of the benchmarks"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person with their account: what the load sends. `django` is the key of their session there."""

    account: str
    token: str
    django: str


def visitors() -> list[Visitor]:
    """Return those who are signed in, the same at every run and on both databases."""
    return [Visitor(f"a{number:015x}", f"bench-{number:06d}", f"bench{number:027d}") for number in signed_in()]


def signed_in() -> Iterable[int]:
    """Return the numbers of the people and accounts with a session, spread evenly."""
    return range(ACCOUNTS // SESSIONS, ACCOUNTS + 1, ACCOUNTS // SESSIONS)


def asking(page: str) -> list[tuple[Visitor, str]]:
    """Return who asks for a hot page, and where it is: everybody but those whose account has none."""
    known = ((visitor, paths(visitor, number)) for visitor, number in zip(visitors(), signed_in(), strict=True))
    return [(visitor, pages[page]) for visitor, pages in known if page in pages]


def paths(visitor: Visitor, number: int) -> Mapping[str, str]:
    """Return the hot pages of one account; the code of a bill where something is to be paid."""
    bill = f"b{(number - 1) * 6 + 11:015x}"
    code = {"code": f"/payments/{visitor.account}/bills/{bill}/code.svg"} if number % 3 and number % 11 else {}
    return {
        **code,
        "dashboard": f"/home/{visitor.account}/",
        "bill": f"/payments/{visitor.account}/bills/{bill}",
        "history": f"/home/{visitor.account}/history",
        "readings": f"/readings/{visitor.account}/",
    }
