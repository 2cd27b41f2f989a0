"""When a value is accepted, doubted or refused: pure rules over a register and what was typed. Writing is in service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from lkportal.core.i18n import Text, ntext, text
from lkportal.core.money import MILLI, Volume
from lkportal.modules.readings.settings import ReadingsSettings

_COUNTLESS = 100
"""So many times the usual is no number any more that helps to find the slip of the pen."""

_ABSURD = 100
"""So many times `jump_floor` is asked about where there is no usual to compare with."""


class Dial(Protocol):
    """What the rules need of a register's row. Volumes in thousandths of `unit`; a growth counts `coefficient` times."""

    digits: int
    decimals: int
    last_milli: int
    usual_milli: int | None
    unit: str
    coefficient: int


@dataclass(frozen=True, slots=True)
class Slip:
    """A reading that another value may put right: what it said, in thousandths, and its day."""

    reading: str
    value_milli: int
    taken_on: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a value: what it adds, whether the dial passed zero, an error, or a doubt to be confirmed."""

    added_milli: int = 0
    rolled_over: bool = False
    error: Text | None = None
    doubt: Text | None = None


def span(digits: int) -> int:
    """Return how far a dial of so many digits counts before it passes zero, in thousandths."""
    return int(10**digits) * MILLI


def judge(dial: Dial, value_milli: int, settings: ReadingsSettings, slip: Slip | None = None) -> Verdict:
    """Judge a value against its dial: digits, monotony, rollover, jump. One that may put a `slip` right is asked about."""
    whole_turn = span(dial.digits)
    if value_milli >= whole_turn:
        return Verdict(
            error=text(
                "readings.rule.digits", "This meter shows %(digits)s digits before the point.", digits=dial.digits
            )
        )
    if value_milli % 10 ** (3 - dial.decimals):
        return Verdict(error=_too_fine(dial.decimals))
    if slip is not None:
        return Verdict((value_milli - slip.value_milli) * dial.coefficient, doubt=_instead(slip, value_milli))
    if value_milli >= dial.last_milli:
        return _judge_growth(dial, (value_milli - dial.last_milli) * dial.coefficient, settings)
    if _may_roll_over(dial, value_milli, whole_turn, settings):
        added = (whole_turn - dial.last_milli + value_milli) * dial.coefficient
        doubt = text(
            "readings.rule.rollover",
            "It was %(last)s. If the meter has passed zero, confirm, and we will count %(added)s.",
            last=Volume(dial.last_milli, ""),
            added=Volume(added, dial.unit),
        )
        return Verdict(added, rolled_over=True, doubt=doubt)
    return Verdict(error=below(dial.last_milli))


def _instead(slip: Slip, value_milli: int) -> Text:
    return text(
        "readings.rule.slip",
        "On %(day)s %(sent)s was sent. If that was a mistake, %(value)s takes its place.",
        day=slip.taken_on,
        sent=Volume(slip.value_milli, ""),
        value=Volume(value_milli, ""),
    )


def below(last_milli: int) -> Text:
    """Return what is said of a value under the last accepted one."""
    return text(
        "readings.rule.below",
        "It was already %(last)s. Check the digits; if the meter was replaced, tell us.",
        last=Volume(last_milli, ""),
    )


def _judge_growth(dial: Dial, added: int, settings: ReadingsSettings) -> Verdict:
    usual = dial.usual_milli
    if not usual:
        is_absurd = added > _ABSURD * settings.jump_floor * MILLI
        return Verdict(added, doubt=_first(Volume(added, dial.unit)) if is_absurd else None)
    if added <= settings.jump_floor * MILLI or added <= usual * settings.jump_factor:
        return Verdict(added)
    return Verdict(added, doubt=_doubt(Volume(added, dial.unit), round(added / usual)))


def _first(added: Volume) -> Text:
    return text(
        "readings.rule.jump_first",
        "That adds %(added)s at once, and there is nothing yet to compare it with. If it is right, confirm.",
        added=added,
    )


def _doubt(added: Volume, times: int) -> Text:
    if times > _COUNTLESS:
        return text(
            "readings.rule.jump_far",
            "That adds %(added)s, far more than the usual. If it is right, confirm.",
            added=added,
        )
    return ntext(
        "readings.rule.jump",
        "That adds %(added)s, as much as usual. If it is right, confirm.",
        "That adds %(added)s, %(n)s times the usual. If it is right, confirm.",
        times,
        added=added,
    )


def _may_roll_over(dial: Dial, value: int, whole_turn: int, settings: ReadingsSettings) -> bool:
    edge = whole_turn * settings.rollover_share // 100
    return dial.last_milli >= whole_turn - edge and value <= edge


def _too_fine(decimals: int) -> Text:
    if decimals == 0:
        return text("readings.rule.whole", "This meter shows whole units only: leave out what follows the point.")
    return text("readings.rule.decimals", "This meter shows %(decimals)s digits after the point.", decimals=decimals)
