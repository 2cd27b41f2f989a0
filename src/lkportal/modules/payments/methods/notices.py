"""What people are told about autopay: days before a charge, and when one did not go through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account
from lkportal.core.contributions import Notice
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.module import Topic
from lkportal.core.money import Money
from lkportal.modules.payments.contract import AutopayFailed, AutopayPlanned
from lkportal.modules.payments.methods.models import Autopay, Method

AUTOPAY = Topic(
    "payments.autopay",
    text("payments.topic.autopay", "Autopay"),
    hint=text("payments.topic.autopay_hint", "Before each charge, and when one did not go through"),
    why=text("payments.topic.autopay_why", "You get this because autopay is on for {account} %(number)s."),
    obligatory=text("payments.topic.autopay_must", "It is about money that is taken without asking each time"),
)
_ABOUT = (
    select(Account.title, Account.number, Method.title.label("method"))
    .join(Autopay, Autopay.account_id == Account.id)
    .join(Method, Method.id == Autopay.method_id)
    .where(Account.public_id == bindparam("account"))
    .order_by(Autopay.id.desc())
    .limit(1)
)


def autopay_notices() -> list[Notice]:
    """Return the two letters of autopay."""
    named = (("autopay_planned", AutopayPlanned.name), ("autopay_failed", AutopayFailed.name))
    return [
        Notice(
            f"payments.{word}",
            event,
            AUTOPAY.name,
            f"payments/notices/{word}",
            facts,
            action="payments.pay",
            route="payments:autopay",
        )
        for word, event in named
    ]


def facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return what both letters say, or None when the agreement is gone."""
    row = db.execute(_ABOUT, {"account": envelope.account}).first()
    if row is None:
        return None
    told = str(envelope.body["day"])
    return {
        "amount": Money(**envelope.body["amount"]),
        "day": date.fromisoformat(told) if told else None,
        "account_title": row.title,
        "account_number": row.number,
        "method": row.method,
    }
