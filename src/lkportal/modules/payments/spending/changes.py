"""Why one sum differs from another, down to the kopeck: volume, tariff, recalculations. Rows in, plain values out; whatever the
numbers, the parts of a service add up to its difference exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lkportal.core.i18n import Text, text

_CHARGE = "charge"
_OTHERS: Mapping[str, Text] = {
    "recalculation": text("payments.change.recalculation", "recalculation"),
    "benefit": text("payments.change.benefit", "benefit"),
    "penalty": text("payments.change.penalty", "penalty"),
}
_VOLUME = text("payments.change.volume", "volume")
_TARIFF = text("payments.change.tariff", "tariff")
_NEW = text("payments.change.new", "was not charged before")
_GONE = text("payments.change.gone", "is not charged any more")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a difference: of which service, because of what (None: nothing is known of it), minor units."""

    service: str
    because: Text | None
    change: int


@dataclass(slots=True)
class Used:
    """What was charged for a service: minor units, and thousandths of a volume when all of it has one unit. `rates` are the
    tariffs it was charged by."""

    amount: int = 0
    volume: int | None = None
    units: set[str] = field(default_factory=set)
    rates: set[int] = field(default_factory=set)

    @property
    def measured(self) -> bool:
        """Whether the amount belongs to a volume of one unit."""
        return bool(self.volume) and len(self.units) == 1


def explain(lines: Sequence[Any], past: Sequence[Any]) -> list[Part]:
    """Return what makes the sum of `lines` differ from that of `past` (rows kind, service, amount, volume_milli, unit,
    rate_millionths), the greatest first. The parts add up to the difference."""
    now, then = _by_service(lines), _by_service(past)
    found: list[Part] = []
    for key in dict.fromkeys((*now, *then)):
        found += _parts(key, now.get(key), then.get(key))
    return sorted((part for part in found if part.change), key=lambda part: -abs(part.change))


def _parts(key: tuple[str, str], now: Used | None, then: Used | None) -> list[Part]:
    service, kind = key
    change = (now.amount if now else 0) - (then.amount if then else 0)
    if kind != _CHARGE:
        return [Part(service, _OTHERS.get(kind), change)]
    if now is None or then is None:
        return [Part(service, _GONE if now is None else _NEW, change)]
    if not (now.measured and then.measured and now.units == then.units):
        return [Part(service, None, change)]
    by_volume = _by_volume(now, then)
    return [Part(service, _VOLUME, by_volume), Part(service, _TARIFF, change - by_volume)]


def _by_volume(now: Used, then: Used) -> int:
    """Return what the other volume alone would have changed, at what a unit cost before; the rest is the tariff's."""
    if len(now.rates) == 1 and now.rates == then.rates:
        return now.amount - then.amount
    if now.volume == then.volume:
        return 0
    more, before = (now.volume or 0) - (then.volume or 0), then.volume or 1
    return _half_up(more * then.amount, before)


def _half_up(above: int, below: int) -> int:
    """Divide whole numbers, halves away from zero."""
    sign = -1 if (above < 0) != (below < 0) else 1
    return sign * ((2 * abs(above) + abs(below)) // (2 * abs(below)))


def _by_service(lines: Sequence[Any]) -> dict[tuple[str, str], Used]:
    found: dict[tuple[str, str], Used] = {}
    for line in lines:
        kind = line.kind if line.kind in _OTHERS else _CHARGE
        used = found.setdefault((line.service, kind), Used())
        used.amount += line.amount
        if line.volume_milli is None:
            used.units.add("")  # some of it has no volume: then none explains it
        else:
            used.volume = (used.volume or 0) + line.volume_milli
            used.units.add(line.unit or "-")
        if line.rate_millionths is not None:
            used.rates.add(line.rate_millionths)
    return found
