"""Settings of accounts that the company changes at the desk: invitations, how accounts are found by newcomers, guests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lkportal.accounts.settings import AccountsSettings
from lkportal.core.contributions import DeskSetting
from lkportal.core.i18n import Text, text

_DAYS, _MINUTES = text("accounts.setting.days", "days"), text("accounts.setting.minutes", "min")


def _links(_before: AccountsSettings, _after: AccountsSettings, _today: date) -> Iterator[Text]:
    yield text("accounts.setting.links", "Links and codes that were sent already work as long as they said.")


def _guests(_before: AccountsSettings, after: AccountsSettings, _today: date) -> Iterator[Text]:
    """Tell what becomes of the page without registration."""
    if after.guest.on:
        yield text(
            "accounts.setting.guests_on", "The sign-in page leads to a page where a number and a proof are enough."
        )
    else:
        yield text("accounts.setting.guests_off", "That page is gone. Links in letters still work until they run out.")


def _later(_before: AccountsSettings, _after: AccountsSettings, _today: date) -> Iterator[Text]:
    yield text("accounts.setting.later", "Who has access already keeps it as it is.")


DESK_SETTINGS = [
    DeskSetting(
        "invitation_days",
        text("accounts.setting.invitation", "Invitations of customers"),
        text(
            "accounts.setting.invitation_hint", "So long the link works by which somebody lets others see an account."
        ),
        unit=_DAYS,
        effect=_links,
        order=10,
    ),
    DeskSetting(
        "invitations_a_day",
        text("accounts.setting.a_day", "Invitations a day"),
        text("accounts.setting.a_day_hint", "So many one person may send in a day."),
        order=11,
    ),
    DeskSetting(
        "guest.on",
        text("accounts.setting.guest", "Without registration"),
        text("accounts.setting.guest_hint", "By number and proof alone, as far as modules offer it."),
        effect=_guests,
        order=12,
    ),
    DeskSetting(
        "guest.minutes",
        text("accounts.setting.guest_minutes", "How long a guest stays"),
        text("accounts.setting.guest_minutes_hint", "So long a page opened by number and proof works."),
        unit=_MINUTES,
        order=13,
    ),
    DeskSetting(
        "claim.next_role",
        text("accounts.setting.next_role", "Who finds an account that has an owner"),
        text("accounts.setting.next_role_hint", "What they may do there until the owner says more."),
        choices=(
            ("reader", text("accounts.setting.reader", "see and send readings")),
            ("payer", text("accounts.setting.payer", "see and pay")),
            ("", text("accounts.setting.nobody", "nothing: an account is found once")),
        ),
        effect=_later,
        order=14,
    ),
    DeskSetting(
        "claim.refuse_days",
        text("accounts.setting.refuse", "Time for the owner to refuse"),
        text("accounts.setting.refuse_hint", "So long an owner may turn away who came later."),
        unit=_DAYS,
        order=15,
    ),
    DeskSetting(
        "claim.post_days",
        text("accounts.setting.post", "Codes sent by post"),
        text("accounts.setting.post_hint", "So long a code from a paper letter works."),
        unit=_DAYS,
        effect=_links,
        order=16,
    ),
]
