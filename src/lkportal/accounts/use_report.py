"""The report on use: who comes, whose accounts are claimed, by which ways, on what, in which language. Counts alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, case, distinct, exists, func, literal, or_, select

from lkportal.accounts.models import Account, GroupAccount, Membership
from lkportal.accounts.reaching import holds
from lkportal.auth.models import Identity, Session, Visit
from lkportal.core.i18n import text
from lkportal.core.reports import AT, SINCE_AT, UNTIL_AT, Chart, Measure, Report

_CAME = (
    Session.identity_id == Identity.id,
    Identity.kind == "customer",
    Session.created_at < UNTIL_AT,
    Session.seen_at >= SINCE_AT,
)
_OPEN = (Account.opened_at <= AT, or_(Account.closed_at.is_(None), Account.closed_at > AT))
_HELD = and_(
    Membership.created_at <= AT,
    or_(Membership.revoked_at.is_(None), Membership.revoked_at > AT),
    or_(Membership.expires_at.is_(None), Membership.expires_at > AT),
)


def _device() -> ColumnElement[str]:
    """What a session is on, by the words that are kept of its browser."""
    return case(
        (or_(Session.device.like("%iPad%"), Session.device.like("%tablet%")), "tablet"),
        (or_(Session.device.like("%iPhone%"), Session.device.like("%Android%")), "phone"),
        (Session.device == "", "unknown"),
        else_="computer",
    )


def _is_held() -> ColumnElement[bool]:
    """Whether somebody had an account at the moment: by itself, with its organisation, in a group."""
    return or_(
        exists().where(_HELD, Membership.account_id == Account.id),
        exists().where(_HELD, Membership.organisation_id == Account.organisation_id),
        exists().where(
            _HELD,
            Membership.group_id == GroupAccount.group_id,
            GroupAccount.account_id == Account.id,
            holds(GroupAccount, Account),
        ),
    )


_LANGUAGE = func.coalesce(func.nullif(Identity.locale, ""), literal("unknown", String()))
_PEOPLE = func.count(distinct(Identity.id)).label("amount")
PEOPLE = Measure("accounts.people", select(_PEOPLE).where(*_CAME), standing=True)
DEVICES = Measure(
    "accounts.devices", select(_device().label("part"), _PEOPLE).where(*_CAME).group_by("part"), standing=True
)
LANGUAGES = Measure(
    "accounts.languages", select(_LANGUAGE.label("part"), _PEOPLE).where(*_CAME).group_by("part"), standing=True
)
OPEN = Measure("accounts.open", select(func.count().label("amount")).select_from(Account).where(*_OPEN))
CLAIMED = Measure(
    "accounts.claimed", select(func.count().label("amount")).select_from(Account).where(*_OPEN, _is_held())
)
WAYS = Measure(
    "accounts.sign_ins",
    select(Visit.methods.label("part"), func.count().label("amount"))
    .join(Identity, Identity.id == Visit.identity_id)
    .where(Visit.outcome == "in", Visit.at >= SINCE_AT, Visit.at < UNTIL_AT, Identity.kind == "customer")
    .group_by(Visit.methods),
    back=12,
)
USE = Report(
    "use",
    text("accounts.report.use", "Use"),
    text("accounts.report.use_lead", "Who comes, and how."),
    (PEOPLE, DEVICES, LANGUAGES, OPEN, CLAIMED, WAYS),
    (
        Chart(
            "accounts.people",
            text("accounts.report.people", "People who came"),
            (PEOPLE.name,),
            hint=text("accounts.report.people_hint", "Each person once a month, however often they came."),
            order=10,
        ),
        Chart(
            "accounts.claimed",
            text("accounts.report.claimed", "Accounts that somebody has access to"),
            (CLAIMED.name,),
            "rate",
            of=OPEN.name,
            hint=text("accounts.report.claimed_hint", "Share of all open accounts at the end of the month."),
            order=20,
        ),
        Chart(
            "accounts.sign_ins",
            text("accounts.report.sign_ins", "Ways of sign-in"),
            (WAYS.name,),
            labels={
                "password": text("accounts.report.way_password", "Password"),
                "code": text("accounts.report.way_code", "Code by e-mail or text message"),
                "link": text("accounts.report.way_link", "Link from a message"),
                "passkey": text("accounts.report.way_passkey", "Passkey"),
                "password totp": text("accounts.report.way_totp", "Password and app"),
                "password passkey": text("accounts.report.way_password_passkey", "Password and passkey"),
            },
            order=40,
        ),
        Chart(
            "accounts.devices",
            text("accounts.report.devices", "Devices"),
            (DEVICES.name,),
            "parts",
            {
                "phone": text("accounts.report.phone", "Phone"),
                "computer": text("accounts.report.computer", "Computer"),
                "tablet": text("accounts.report.tablet", "Tablet"),
                "unknown": text("accounts.report.unknown", "Not known"),
            },
            order=50,
        ),
        Chart(
            "accounts.languages",
            text("accounts.report.languages", "Languages"),
            (LANGUAGES.name,),
            "parts",
            {
                "ru": text("accounts.report.ru", "Russian"),
                "en": text("accounts.report.en", "English"),
                "unknown": text("accounts.report.not_chosen", "Not chosen"),
            },
            order=60,
        ),
    ),
    order=10,
)
