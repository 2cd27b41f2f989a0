"""What the desk says before settings of signing in change: who stays, who would not come in any more, what cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from lkportal.auth import at_desk
from lkportal.auth.settings import AuthSettings
from lkportal.core.i18n import Text

TODAY = date(2026, 11, 20)
BEFORE = AuthSettings()
SETTINGS = {setting.key: setting for setting in at_desk.DESK_SETTINGS}


def said(field: str, **changes: object) -> list[str]:
    """Return the keys of what the page of one setting says about a change."""
    effect = SETTINGS[field].effect
    assert effect is not None
    return [told.key for told in effect(BEFORE, BEFORE.model_copy(update=changes), TODAY) if isinstance(told, Text)]


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        ((), ["auth.setting.all_ways"]),
        (("password", "code"), ["auth.setting.ways_then"]),
        (("code",), ["auth.setting.ways_then", "auth.setting.no_password"]),
    ],
)
def test_who_closes_a_way_hears_who_would_not_come_in(ways: tuple[str, ...], told: list[str]) -> None:
    assert said("ways", ways=ways) == told


def test_passkeys_cannot_be_ticked_where_they_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    unfit = SETTINGS["ways"].unfit
    assert unfit is not None
    with_passkeys = BEFORE.model_copy(update={"ways": ("passkey",)})
    assert unfit(BEFORE) is None
    monkeypatch.setattr(at_desk, "passkeys_are_there", lambda: True)
    assert unfit(with_passkeys) is None
    monkeypatch.setattr(at_desk, "passkeys_are_there", lambda: False)
    refused = unfit(with_passkeys)
    assert refused is not None
    assert refused.key == "auth.setting.no_passkeys"


@pytest.mark.parametrize("who", ["customer", "staff"])
def test_a_stay_without_a_visit_above_the_whole_time_is_pointed_out(who: str) -> None:
    new = "auth.setting.new_sessions"
    whole = getattr(BEFORE, f"{who}_whole_hours")
    assert said(f"{who}_idle_hours", **{f"{who}_idle_hours": whole}) == [new]
    assert said(f"{who}_idle_hours", **{f"{who}_idle_hours": whole + 1}) == [new, "auth.setting.idle_longer"]


def test_links_that_were_sent_live_on_and_a_closed_registration_is_told() -> None:
    assert said("recover_minutes", recover_minutes=5) == ["auth.setting.links"]
    assert said("registration", registration=False) == ["auth.setting.closed"]
    assert said("registration", registration=True) == []
