"""What the next bill may be: the newest one, with each measured line at its price for what a month takes lately. Rows in, money out."""

from __future__ import annotations

from collections.abc import Sequence

from lkportal.accounts.contract import Billed, BilledLine
from lkportal.core.money import MILLI, Money
from lkportal.modules.readings.views import NAMES
from lkportal.modules.readings.year.beside import Beside

_WHOLE = 100
_PRICE = 1_000_000 * MILLI


def next_bill(bill: Billed | None, used: Sequence[Beside]) -> Money | None:
    """Return about what the next bill will be, in whole units of its currency; None when no line of it is measured by a meter whose
    next month can be told.

    A line named after a resource takes the price of one unit; another measured line (sewerage) grows as those do that are
    measured in its unit; what is not measured stays, what came once (a penalty) is left out.
    """
    if bill is None:
        return None
    expected = {each.resource: each.next_month for each in used if each.next_month is not None}
    lines = [(line, resource_of(line.service)) for line in bill.lines if not line.once]
    known = [(line, expected[name]) for line, name in lines if name in expected and line.volume_milli is not None]
    if not known:
        return None
    total = 0
    for line, name in lines:
        if line.volume_milli is None:
            total += line.amount
        elif name in expected:
            total += _cost(line, expected[name])
        else:
            total += _alike(line, [pair for pair in known if pair[0].unit == line.unit])
    return Money((total + _WHOLE // 2) // _WHOLE * _WHOLE, bill.currency)


def resource_of(service: str) -> str:
    """Return the resource a line is named after ("Холодная вода, по счётчику"), "" when it is none."""
    said = service.casefold()
    return next((code for name, code in NAMES.items() if said.startswith(name)), "")


def _cost(line: BilledLine, expected: int) -> int:
    if line.price_millionths:
        return (expected * line.price_millionths + _PRICE // 2) // _PRICE
    return line.amount * expected // line.volume_milli if line.volume_milli else line.amount


def _alike(line: BilledLine, known: Sequence[tuple[BilledLine, int]]) -> int:
    """What a line costs whose volume follows others: as much more or less as they will be."""
    before = sum(each.volume_milli or 0 for each, _ in known)
    return line.amount * sum(volume for _, volume in known) // before if before else line.amount
