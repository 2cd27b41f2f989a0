"""What people of the telecom company answered when they were asked how they were helped: praise, a complaint that waits, a question open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from seeding.moments import account_of, as_of, person, tell_nobody_of_old
from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Member
from lkportal.auth.models import Identity
from lkportal.core.ids import public_id
from lkportal.core.unit import now
from lkportal.modules.surveys import service as surveys
from lkportal.modules.surveys.models import Answer
from lkportal.modules.surveys.occasions import KNOWN, SOLVED
from lkportal.modules.surveys.settings import SurveysSettings
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.models import Ticket

_OPERATOR = "operator@example.org"
TOLD = (
    (26 * 24, "tickets.paper", "Нужен акт сверки за квартал", "Акт готов, отправили на почту бухгалтерии.", 5, "Быстро, спасибо."),
    (17 * 24, "tickets.repair", "Во втором корпусе не звонят два номера", "Заменили плату на станции, номера звонят.", 4, ""),
    (6 * 24, "tickets.repair", "В цехе третий день медленный интернет", "Линию проверили, скорость в норме.", 1,
     "Никто не приезжал, скорость та же. Закрыли, не спросив."),
)  # fmt: skip
"""Hours ago, type, words, the answer that solved it, the score and what was added."""


def settle_opinions(db: Session, offices: Sequence[str], works: str, asked: tuple[str, str]) -> None:
    """Write the rated requests of the works, an office each, and ask one person, `asked` (account number, login), about theirs."""
    for number, (hours, kind, words, answer, score, remark) in zip(offices, TOLD, strict=False):
        who, desk, start = person(db, works), person(db, _OPERATOR), now(db)
        account = account_of(db, number)
        with as_of(db, start - timedelta(hours=hours), who):
            draft = service.Draft(kind, words, words, public_id())
            ticket = service.ask(db, account, who.id or 0, draft)[0].public_id
        with as_of(db, start - timedelta(hours=hours - 20), desk):
            service.answer(db, account, ticket, desk.id or 0, service.Words(answer, public_id(), states.SOLVED))
            db.expire_all()
        with as_of(db, start - timedelta(hours=hours - 24), who):
            service.rate(db, account, ticket, score, remark)
            surveys.rated(db, account, ticket, score, (KNOWN[SOLVED].scale, KNOWN[SOLVED].low), who.id)
            given = select(Answer.public_id).where(Answer.contact == ticket)
            surveys.remark(db, account, db.execute(given).scalar_one(), remark)
            db.expire_all()
    tell_nobody_of_old(db)
    _ask(db, *asked)


def _ask(db: Session, number: str, login: str) -> None:
    """Ask somebody about their request that was solved last."""
    account = account_of(db, number)
    row = db.scalars(select(Identity).where(Identity.login == login)).one()
    member = Member(row.id, row.public_id, row.login, row.name, "")
    solved = select(Ticket.public_id).where(Ticket.account_id == account.id, Ticket.state == states.SOLVED)
    contact = db.execute(solved.order_by(Ticket.id.desc()).limit(1)).scalar_one()
    with as_of(db, now(db) - timedelta(hours=1)):
        surveys.ask(db, account, member, (SOLVED, contact), (KNOWN[SOLVED].scale, KNOWN[SOLVED].low), SurveysSettings())
