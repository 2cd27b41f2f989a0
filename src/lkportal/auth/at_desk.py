"""Settings of signing in that the company changes at the desk: the ways in, how long people stay, how long links work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lkportal.auth.settings import AuthSettings, passkeys_are_there
from lkportal.core.contributions import DeskSetting
from lkportal.core.i18n import Text, text

_HOURS, _MINUTES = text("auth.setting.hours", "h"), text("auth.setting.minutes", "min")


def _ways(_before: AuthSettings, after: AuthSettings, _today: date) -> Iterator[Text]:
    """Tell who would not come in any more."""
    if after.ways:
        yield text(
            "auth.setting.ways_then",
            "Who has only a way that is not ticked cannot come in, you too. Who is inside stays until signed out.",
        )
        if "password" not in after.ways:
            yield text(
                "auth.setting.no_password",
                "Nobody comes in by password: a code goes to the e-mail or phone a person confirmed.",
            )
    else:
        yield text("auth.setting.all_ways", "All ways that are set up are open.")


def _unfit_ways(after: AuthSettings) -> Text | None:
    """Say why the ways cannot be so."""
    if "passkey" in after.ways and not passkeys_are_there():
        return text("auth.setting.no_passkeys", "Passkeys are not installed here. Ask whoever runs the portal.")
    return None


def _stay(before: AuthSettings, after: AuthSettings, _today: date) -> Iterator[Text]:
    """Tell what becomes of who is inside."""
    yield text(
        "auth.setting.new_sessions",
        "The time without a visit holds from each person's next page, the whole time from their next sign-in.",
    )
    for idle, whole in (
        (after.customer_idle_hours, after.customer_whole_hours),
        (after.staff_idle_hours, after.staff_whole_hours),
    ):
        if idle > whole:
            yield text(
                "auth.setting.idle_longer", "The time without a visit is above the whole time: the whole time ends it."
            )


def _links(_before: AuthSettings, _after: AuthSettings, _today: date) -> Iterator[Text]:
    yield text("auth.setting.links", "Links that were sent already work as long as they said.")


def _register(_before: AuthSettings, after: AuthSettings, _today: date) -> Iterator[Text]:
    if not after.registration:
        yield text("auth.setting.closed", "The page of registration is gone; you and owners of accounts invite people.")


DESK_SETTINGS = [
    DeskSetting(
        "ways",
        text("auth.setting.ways", "Ways to sign in"),
        text("auth.setting.ways_hint", "None ticked: all that are set up."),
        choices=(
            ("password", text("auth.setting.password", "password")),
            ("code", text("auth.setting.code", "a code by letter or text message")),
            ("passkey", text("auth.setting.passkey", "a passkey")),
        ),
        effect=_ways,
        unfit=_unfit_ways,
        order=10,
    ),
    DeskSetting(
        "registration",
        text("auth.setting.registration", "Registration"),
        text("auth.setting.registration_hint", "Whether people may ask for access themselves."),
        effect=_register,
        order=11,
    ),
    DeskSetting(
        "customer_idle_hours",
        text("auth.setting.customer_idle", "Customers without a visit"),
        text("auth.setting.idle_hint", "After so long without a visit they sign in anew."),
        unit=_HOURS,
        effect=_stay,
        order=12,
    ),
    DeskSetting(
        "customer_whole_hours",
        text("auth.setting.customer_whole", "Customers in any case"),
        text("auth.setting.whole_hint", "After so long they sign in anew in any case."),
        unit=_HOURS,
        effect=_stay,
        order=13,
    ),
    DeskSetting(
        "staff_idle_hours",
        text("auth.setting.staff_idle", "Colleagues without a visit"),
        text("auth.setting.idle_hint", "After so long without a visit they sign in anew."),
        unit=_HOURS,
        effect=_stay,
        order=14,
    ),
    DeskSetting(
        "staff_whole_hours",
        text("auth.setting.staff_whole", "Colleagues in any case"),
        text("auth.setting.whole_hint", "After so long they sign in anew in any case."),
        unit=_HOURS,
        effect=_stay,
        order=15,
    ),
    DeskSetting(
        "recover_minutes",
        text("auth.setting.recover", "Link for a new password"),
        text("auth.setting.recover_hint", "So long it works after it was sent."),
        unit=_MINUTES,
        effect=_links,
        order=16,
    ),
    DeskSetting(
        "confirm_hours",
        text("auth.setting.confirm", "Link that confirms an address"),
        text("auth.setting.recover_hint", "So long it works after it was sent."),
        unit=_HOURS,
        effect=_links,
        order=17,
    ),
]
