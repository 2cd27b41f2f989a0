"""What people type about readings."""

from __future__ import annotations

from pydantic import Field

from lkportal.web import Checkbox, FormModel, PublicId, VolumeField


class ReadingsForm(FormModel):
    """One form for all registers of an account: `readings[<register>]`, `confirmed[<register>]` for a doubt, `corrects[<register>]` for
    the reading that was sent by mistake,
    `held[<register>]` for a photo that came with the form before it was corrected."""

    readings: dict[PublicId, VolumeField] = Field(default_factory=dict)
    confirmed: dict[PublicId, Checkbox] = Field(default_factory=dict)
    corrects: dict[PublicId, PublicId] = Field(default_factory=dict)
    held: dict[PublicId, PublicId] = Field(default_factory=dict)
