"""What other rooms may know of readings: the events. Tables stand in models, rules in service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from lkportal.core.events import Event
from lkportal.core.i18n import Text, text


@dataclass(frozen=True)
class ReadingsSubmitted(Event):
    """A person sent readings of one account: all registers of one form together.

    `readings` are public ids; `period` is the first day of the month they count for; `total_milli` is the consumption by
    resource in thousandths of its unit.
    """

    name: ClassVar[str] = "readings.submitted"
    title: ClassVar[Text | str] = text("readings.event.submitted", "Readings sent")
    readings: tuple[str, ...]
    period: date
    total_milli: dict[str, int]


@dataclass(frozen=True)
class ReadingCorrected(Event):
    """A reading was put right by a new one. `added_milli` is what the correction adds to the month, negative when it takes back."""

    name: ClassVar[str] = "readings.corrected"
    title: ClassVar[Text | str] = text("readings.event.corrected", "Reading corrected")
    reading: str
    corrects: str
    period: date
    added_milli: int


@dataclass(frozen=True)
class MeterReplaced(Event):
    """A meter took the place of another; both are public ids."""

    name: ClassVar[str] = "readings.meter_replaced"
    title: ClassVar[Text | str] = text("readings.event.meter_replaced", "Meter replaced")
    meter: str
    replaces: str
    resource: str


@dataclass(frozen=True)
class ReadingAskedAgain(Event):
    """Somebody of the company looked at a reading and asks for it once more, with a photo."""

    name: ClassVar[str] = "readings.asked_again"
    title: ClassVar[Text | str] = text("readings.event.asked_again", "Reading asked for again")
    reading: str
