"""What the company's people did at the desk before the demo began: opened news step by step, changed a setting; and a letter that
came back to them."""

from __future__ import annotations

from datetime import timedelta

from seeding.moments import as_of, person
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Membership
from lkportal.auth.models import Identity
from lkportal.core.ids import public_id
from lkportal.core.registry.rollouts import Rollout
from lkportal.core.unit import now
from lkportal.notify.models import Letter
from lkportal.notify.returns import marking
from lkportal.staff.switches import store

_OPENED = (
    (41, Rollout("staff"), "Сначала посмотрим сами"),
    (34, Rollout("share", share=25), "Четверть абонентов, неделю смотрим на обращения"),
    (20, Rollout("all"), "Вопросов не было, открываем всем"),
)
_SETTING = "payments.autopay.notice_days"
MAILBOX, NAME = "galina.p@example.org", "Галина Петровна"


def settle_office(db: Session, admin: str) -> None:
    """Write how news was opened to more and more, and a setting that was tried and taken back."""
    by, seen = person(db, admin), Rollout("off")
    for days, rollout, why in _OPENED:
        with as_of(db, now(db) - timedelta(days=days), by):
            if days == _OPENED[0][0]:
                store.open_module(db, "news", seen, Rollout(), "До запуска раздел закрыт")
            store.open_module(db, "news", rollout, seen, why)
        seen = rollout
    for days, value, before, why in (
        (15, 5, None, "Просили предупреждать раньше"),
        (6, None, 5, "Пять дней забывают, вернули три"),
    ):
        with as_of(db, now(db) - timedelta(days=days), by):
            store.change_setting(db, _SETTING, value, before, why)


def return_letter(db: Session) -> None:
    """Let a letter to somebody of the crowd come back: her address is marked, her account's card says so."""
    row = db.execute(
        select(Identity.id, Account.public_id)
        .join(Membership, Membership.identity_id == Identity.id)
        .join(Account, Account.id == Membership.account_id)
        .where(Identity.login.startswith("home-"))
        .order_by(Identity.id)
        .limit(1)
    ).first()
    if row is None:
        return
    moment = now(db) - timedelta(days=4)
    mine = {"email": MAILBOX, "email_confirmed_at": moment - timedelta(days=200), "name": NAME}
    db.execute(update(Identity).where(Identity.id == row.id).values(mine))
    letter = {
        "public_id": public_id(), "message_id": f"<{public_id()}@example.org>", "identity_id": row.id, "account": row.public_id,
        "kind": "payments.bills", "template": "payments/notices/bill_arrived", "facts": {}, "state": "bounced",
        "error": "mailbox_gone", "attempts": 1, "created_at": moment, "sent_at": moment,
    }  # fmt: skip
    db.execute(insert(Letter), letter)
    with as_of(db, moment):
        marking.count(db, row.id, MAILBOX, "5.1.1")
