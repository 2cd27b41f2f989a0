"""What customers asked the telecom company for of late: an answer that came, one that is awaited."""

from __future__ import annotations

from datetime import timedelta

from seeding.moments import account_of, as_of, person, tell_nobody_of_old
from sqlalchemy.orm import Session

from lkportal.core.ids import public_id
from lkportal.core.unit import now
from lkportal.modules.tickets import service, states

OPERATOR = "operator@example.org"
ASKED = (
    (0, 9 * 24, "tickets.charge", "За что списали 110 рублей в поездке?", "Это 1 ГБ интернета за границей. Пакет для поездок дешевле: он в «Услугах».", states.SOLVED),
    (2, 30, "tickets.repair", "У родителей вечером рвётся связь", "Проверили линию: меняем порт завтра с 10 до 12, дома быть не нужно.", states.OPEN),
    (1, 2, "tickets.other", "Можно ли второй номер на тот же договор?", "", ""),
)  # fmt: skip
"""Which of the first customer's contracts, hours ago, type, words, the answer and the state it led to."""


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
