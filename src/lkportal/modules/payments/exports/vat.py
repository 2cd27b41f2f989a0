"""VAT within a sum, by rate. Rates are words of the contract; nothing here knows which of them the law has now."""

from __future__ import annotations

from collections.abc import Iterable


def tax_in(amount: int, rate: str) -> int:
    """Return the tax that a sum holds, half up once: 122 at "22" or "22/122" hold 22. Minor units; a negative sum a negative tax."""
    part = rate.partition("/")[0]
    if not part.isdigit() or part == "0":
        return 0
    whole = 100 + int(part)
    tax = (abs(amount) * int(part) * 2 + whole) // (2 * whole)
    return -tax if amount < 0 else tax


def by_rate(parts: Iterable[tuple[str, int]]) -> dict[str, tuple[int, int]]:
    """Return (rate, amount) pairs as rate -> (sum, tax within); the tax is rounded once for each pair, as on a receipt's line."""
    found: dict[str, tuple[int, int]] = {}
    for rate, amount in parts:
        total, tax = found.get(rate, (0, 0))
        found[rate] = (total + amount, tax + tax_in(amount, rate))
    return found
