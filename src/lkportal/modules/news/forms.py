"""What people and the desk type about news."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lkportal.core.i18n import text
from lkportal.modules.news.places import understood
from lkportal.modules.news.wording import SERVICES
from lkportal.web import Checkbox, Day, FormModel, Label, LongText, ShortText, misfit

_MOST_PLACES = 200


def _time(typed: Any) -> time:
    raw = str(typed).strip().replace(".", ":")
    try:
        return time.fromisoformat(raw.zfill(5) if len(raw) < 5 else raw[:5])
    except ValueError:
        raise misfit(text("news.form.time", "Enter a time such as 14:30.")) from None


def _places(typed: Any) -> tuple[str, ...]:
    lines = tuple(line for raw in str(typed).replace("\r", "\n").split("\n") if (line := " ".join(raw.split())))
    if len(lines) > _MOST_PLACES or any(len(line) > 300 for line in lines):
        raise misfit(text("news.form.places_size", "At most 200 lines, each at most 300 characters."))
    for line in lines:
        if understood(line) is None:
            raise misfit(
                text(
                    "news.form.place",
                    "We do not understand “%(line)s”. Write a street and houses: Lomonosova, 2-20, 31a.",
                    line=line[:60],
                )
            )
    return lines


def _service(typed: Any) -> str:
    if typed not in SERVICES:
        raise misfit(text("news.form.service", "Choose a service."))
    return str(typed)


def _key(typed: Any) -> int:
    if not (str(typed).isascii() and str(typed).isdecimal() and len(str(typed)) < 10):
        raise misfit(text("news.form.brand", "Choose a brand."))
    return int(typed)


Clock = Annotated[time, BeforeValidator(_time)]
Places = Annotated[tuple[str, ...] | str, BeforeValidator(_places)]
Brand = Annotated[int | None, BeforeValidator(_key)]


class StreetForm(FormModel):
    """A street that outages are looked for at."""

    street: ShortText = ""


class OutageForm(FormModel):
    """An outage as the desk writes it: moments are in the company's time zone."""

    service: Annotated[str, BeforeValidator(_service), Label(text("news.form.what", "Service"))]
    cause: Annotated[Literal["planned", "accident"], Label(text("news.form.cause", "Cause"))]
    places: Annotated[Places, Label(text("news.form.places", "Streets and houses"))]
    begins_on: Annotated[Day, Label(text("news.form.begins_on", "Begins on"))]
    begins_time: Annotated[Clock, Label(text("news.form.at", "Time"))]
    ends_on: Annotated[Day | None, Label(text("news.form.ends_on", "Expected end"))] = None
    ends_time: Annotated[Clock | None, Label(text("news.form.at", "Time"))] = None
    brand: Brand = None
    body: dict[str, LongText] = Field(default_factory=dict)


class AnnouncementForm(FormModel):
    """An announcement as the desk writes it, in each language; without places it is for everybody."""

    title: dict[str, ShortText] = Field(default_factory=dict)
    body: dict[str, LongText] = Field(default_factory=dict)
    brand: Brand = None
    segment: Literal["", "household", "company"] = ""
    places: Annotated[Places, Label(text("news.form.places", "Streets and houses"))] = ()
    shown_from: Day | None = None
    shown_until: Day | None = None
    important: Checkbox = False


class PublishForm(FormModel):
    """When a draft is published: now, or on a day at a time."""

    when: Literal["now", "later"] = "now"
    on: Annotated[Day | None, Label(text("news.form.on", "Day"))] = None
    at: Annotated[Clock | None, Label(text("news.form.at", "Time"))] = None


class UpdateForm(FormModel):
    """News of an outage: words by language, perhaps another term."""

    body: dict[str, LongText] = Field(default_factory=dict)
    ends_on: Annotated[Day | None, Label(text("news.form.ends_on", "Expected end"))] = None
    ends_time: Annotated[Clock | None, Label(text("news.form.at", "Time"))] = None
    quiet: Checkbox = False


class CloseForm(FormModel):
    """The end of an outage or an announcement."""

    quiet: Checkbox = False
