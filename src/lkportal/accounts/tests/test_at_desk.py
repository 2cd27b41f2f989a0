"""What the desk says before settings of accounts change: what lives on, what is gone."""

from __future__ import annotations

from datetime import date

import pytest

from lkportal.accounts.at_desk import DESK_SETTINGS
from lkportal.accounts.settings import AccountsSettings
from lkportal.core.i18n import Text

BEFORE = AccountsSettings()
GUESTS = BEFORE.model_copy(update={"guest": BEFORE.guest.model_copy(update={"on": True})})
NO_GUESTS = BEFORE.model_copy(update={"guest": BEFORE.guest.model_copy(update={"on": False})})


@pytest.mark.parametrize(
    ("field", "after", "told"),
    [
        ("invitation_days", BEFORE.model_copy(update={"invitation_days": 2}), "accounts.setting.links"),
        ("guest.on", GUESTS, "accounts.setting.guests_on"),
        ("guest.on", NO_GUESTS, "accounts.setting.guests_off"),
        ("claim.next_role", BEFORE, "accounts.setting.later"),
    ],
)
def test_the_page_of_a_setting_says_what_becomes_of_people(field: str, after: AccountsSettings, told: str) -> None:
    [setting] = [one for one in DESK_SETTINGS if one.key == field]
    assert setting.effect is not None
    [said] = setting.effect(BEFORE, after, date(2026, 11, 20))
    assert isinstance(said, Text)
    assert said.key == told
