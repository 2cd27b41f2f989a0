"""What people type about how they are told."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from lkportal.core.i18n import text
from lkportal.notify.choosing.planning import Chosen, Frequency
from lkportal.notify.choosing.timing import Quiet
from lkportal.web import Checkbox, FormModel, Label, ShortText, misfit

_TIME = text("notify.form.time", "Write the time like this: 22:00.")


def _clock(typed: Any) -> time:
    hour, _, minute = str(typed).strip().replace(".", ":").partition(":")
    try:
        return time(int(hour), int(minute or 0))
    except (ValueError, OverflowError):
        raise misfit(_TIME) from None


ClockTime = Annotated[time, BeforeValidator(_clock)]


def field_of(topic: str) -> str:
    """Return what the fields of a topic are keyed by: "payments-receipts"."""
    return topic.replace(".", "-")


class WaysForm(FormModel):
    """Ways by topic: `ways` are "payments-receipts:push", `letters` when letters about a topic come."""

    ways: list[str] = Field(default_factory=list)
    letters: dict[str, Frequency] = Field(default_factory=dict)

    def chosen(self, topic: str) -> Chosen:
        """Return what stands in the row of a topic."""
        key = field_of(topic)
        on = {way for each, _, way in (typed.partition(":") for typed in self.ways) if each == key}
        return Chosen("in_app" in on, self.letters.get(key, "off"), "push" in on, "sms" in on)


class ChoicesForm(WaysForm):
    """Everything a person chooses about being told, for all accounts."""

    quiet_from: Annotated[ClockTime | None, Label(text("notify.form.quiet_from", "Quiet from"))] = None
    quiet_until: Annotated[ClockTime | None, Label(text("notify.form.quiet_until", "until"))] = None
    zone: ShortText = ""
    step_by_step: Checkbox = False
    push_titles: Checkbox = False

    @model_validator(mode="after")
    def _both(self) -> ChoicesForm:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise misfit(
                text("notify.form.quiet_both", "Write when quiet hours begin and when they end, or leave both empty.")
            )
        return self

    @property
    def quiet(self) -> Quiet | None:
        """The quiet hours, None for none."""
        since, until = self.quiet_from, self.quiet_until
        if since is None or until is None or since == until:
            return None
        return Quiet(since.hour * 60 + since.minute, until.hour * 60 + until.minute)
