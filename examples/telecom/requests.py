"""What customers asked the telecom company for of late: an answer that came, one that is awaited."""

from __future__ import annotations

from datetime import timedelta

from seeding.moments import account_of, as_of, person, tell_nobody_of_old
from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Organisation
from lkportal.core.ids import public_id
from lkportal.core.unit import now
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.chat import managers
from lkportal.modules.tickets.models import Macro, Manager, Rule

OPERATOR, ADMIN = "operator@example.org", "admin@example.org"
ASKED = (
    (0, 9 * 24, "tickets.charge", "За что списали 110 рублей в поездке?", "Это 1 ГБ интернета за границей. Пакет для поездок дешевле: он в «Услугах».", states.SOLVED),
    (2, 30, "tickets.repair", "У родителей вечером рвётся связь", "Проверили линию: меняем порт завтра с 10 до 12, дома быть не нужно.", states.OPEN),
    (1, 2, "tickets.other", "Можно ли второй номер на тот же договор?", "", ""),
)  # fmt: skip
"""Which of the first customer's contracts, hours ago, type, words, the answer and the state it led to."""

MACROS = (
    ("Перезагрузите роутер", states.WAITING, "Выключите роутер из розетки на минуту и включите снова. Связь появилась?",
     "Unplug the router for a minute and plug it in again. Is the connection back?"),
    ("Мастер придёт", states.WAITING, "Мастер может прийти завтра с 10 до 12 или с 18 до 20. Какое время вам удобно?",
     "A master can come tomorrow from 10 to 12 or from 18 to 20. Which time suits you?"),
)  # fmt: skip


def settle_requests(db: Session, numbers: list[str], login: str) -> None:
    """Write the requests of the first customer, each at its time."""
    who, start = person(db, login), now(db)
    for place, hours, kind, words, answer, state in ASKED:
        account = account_of(db, numbers[place])
        with as_of(db, start - timedelta(hours=hours), who):
            draft = service.Draft(kind, words.rstrip("."), words, public_id())
            ticket = service.ask(db, account, who.id or 0, draft)[0].public_id
        if answer:
            operator = person(db, OPERATOR)
            with as_of(db, start - timedelta(hours=hours - 1), operator):
                service.answer(db, account, ticket, operator.id or 0, service.Words(answer, public_id(), state))
                db.expire_all()
    tell_nobody_of_old(db)


def settle_desk(db: Session, tax_number: str) -> None:
    """Write what the desk prepared: answers, a rule, and who looks after the contracts of an organisation."""
    for title, state, russian, english in MACROS:
        db.add(Macro(title=title, texts={"ru": russian, "en": english}, state=state, changed_at=now(db)))
    db.add(Rule(title="Нет связи", words=["нет связи", "не работает", "пропал"], urgent=True, changed_at=now(db)))
    admin = person(db, ADMIN).id or 0
    managers.keep(db, admin, "Менеджер по работе с организациями", {})
    db.flush()
    manager = db.execute(select(Manager.public_id).where(Manager.identity_id == admin)).scalar_one()
    theirs = select(Account.number).join(Organisation, Organisation.id == Account.organisation_id)
    for number in db.execute(theirs.where(Organisation.tax_number == tax_number)).scalars():
        managers.assign(db, account_of(db, number), manager)
