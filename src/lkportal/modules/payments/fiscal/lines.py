"""Lines of receipts: sharing an amount out over them to the last minor unit."""

from __future__ import annotations

from collections.abc import Sequence

from lkportal.modules.payments.contract import ReceiptLine


def parts_of(lines: Sequence[ReceiptLine], amount: int) -> tuple[ReceiptLine, ...]:
    """Return `amount` as receipt lines in the proportion of `lines`, exact to the last minor unit; lines of nothing are left out."""
    whole = sum(line.amount for line in lines)
    made, given, seen = [], 0, 0
    for line in lines:
        seen += line.amount
        part = amount * seen // whole - given
        given += part
        if part:
            made.append(ReceiptLine(line.description, part, line.vat, line.subject, line.mode, line.measure))
    return tuple(made)
