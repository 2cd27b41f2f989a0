"""What the desk types about readings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lkportal.core.i18n import text
from lkportal.modules.readings.views import RESOURCES
from lkportal.web import Day, FormModel, Label, PublicId, ShortText, VolumeField, misfit

_MOST_LETTERS = 40


def _between(least: int, most: int) -> BeforeValidator:
    def read(typed: Any) -> int:
        said = str(typed).strip()
        if not (said.isascii() and said.isdecimal() and len(said) < 10 and least <= int(said) <= most):
            raise misfit(
                text("readings.rules.number", "A whole number from %(least)s to %(most)s.", least=least, most=most)
            )
        return int(said)

    return BeforeValidator(read)


def _resource(typed: Any) -> str:
    if typed and typed not in RESOURCES:
        raise misfit(text("readings.rules.resource", "Choose a resource."))
    return str(typed)


def _category(typed: Any) -> str:
    said = str(typed).strip().lower()
    if len(said) > _MOST_LETTERS or not said.replace("_", "").replace("-", "").isalnum():
        raise misfit(text("readings.rules.category", "A word of letters, digits and dashes, as in the file of homes."))
    return said


DayOfMonth = Annotated[int, _between(1, 28)]


class ReviewForm(FormModel):
    """What is decided of a reading; a value for a correction."""

    decision: Literal["accepted", "corrected", "asked"]
    value: Annotated[VolumeField | None, Label(text("readings.desk.right_value", "The right value"))] = None


class RuleForm(FormModel):
    """A rule that begins on a day. What is left empty stays as it is."""

    valid_from: Annotated[Day, Label(text("readings.desk.from", "From the day"))]
    category: Annotated[str, BeforeValidator(_category)] = ""
    resource: Annotated[str, BeforeValidator(_resource)] = ""
    window_first: DayOfMonth | None = None
    window_last: DayOfMonth | None = None
    late: Literal["next_month", "refuse"] | None = None
    jump_factor: Annotated[int, _between(2, 100)] | None = None
    jump_floor: Annotated[int, _between(1, 1_000_000)] | None = None
    norm_milli: VolumeField | None = None
    average_months: Annotated[int, _between(3, 24)] | None = None
    average_times: Annotated[int, _between(0, 12)] | None = None


class ReplaceForm(FormModel):
    """A new meter in the place of an old one: closing values by register, first values by code of the register."""

    closing: dict[PublicId, VolumeField] = Field(default_factory=dict)
    initial: dict[str, VolumeField] = Field(default_factory=dict)
    serial: Annotated[ShortText, Label(text("readings.desk.serial", "Serial number"))]
    digits: Annotated[int, _between(1, 9)] = 5
    decimals: Annotated[int, _between(0, 3)] = 3
    coefficient: Annotated[int, _between(1, 10_000)] = 1
    verified_until: Day | None = None
