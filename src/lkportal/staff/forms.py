"""Input of the desk."""

from __future__ import annotations

from typing import Literal

from lkportal.web import FormModel, ShortText


class SwitchForm(FormModel):
    """A module and the state it shall have."""

    module: ShortText
    state: Literal["on", "off"]
