"""What customers asked the water company for of late, and what came of it: answers, notes of staff, prepared answers, ratings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Literal

from seeding.moments import account_of, as_of, person
from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Membership
from lkportal.auth.models import Identity
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.core.storage import Storage
from lkportal.core.unit import now
from lkportal.modules.payments.models import Bill
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.chat import managers, talking
from lkportal.modules.tickets.files import Kept
from lkportal.modules.tickets.models import Macro, Manager, Rule
from lkportal.modules.tickets.types import CHAT
from utility.dials import dial

Asker = tuple[str, str]
"""Number of an account, login of who asks."""
_OPERATOR, _ADMIN = "operator@example.org", "admin@example.org"


@dataclass(frozen=True)
class Line:
    """Something written so many hours ago. `after` is the state it leads to; a `note` is for staff alone."""

    hours: int
    side: Literal["customer", "company", "note"]
    words: str
    after: str = ""
    by: str = _OPERATOR


@dataclass(frozen=True)
class Asked:
    """A request: its type and words, what its form asked, what followed. `rated` is a rating with its remark."""

    hours: int
    type: str
    words: str
    facts: dict[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    rated: tuple[int, str] | None = None
    closed: bool = False
    about_bill: bool = False
    photo: bool = False


FLAT = (
    Asked(
        31 * 24,
        "tickets.paper",
        "Нужна справка для субсидии, заберу сама.",
        {"paper": "no_debt"},
        (
            Line(31 * 24 - 5, "company", "Справка готова, она лежит в абонентском зале на Морской, 4.", states.SOLVED),
        ),
        closed=True,
    ),
    Asked(
        12 * 24,
        "tickets.repair",
        "На кухне еле течёт холодная вода.\n\nВ ванной напор обычный, фильтр я промыла.",
        {"place": "Кухня", "phone": "+79210000037"},
        (
            Line(12 * 24 - 1, "company", "Мастер будет завтра с 10 до 12. Удобно?", states.WAITING),
            Line(12 * 24 - 2, "customer", "Да, буду дома."),
            Line(11 * 24 - 4, "note", "Засор на вводе в кухню, сетка счётчика. Пломбу поставили новую, акт у мастера."),
            Line(11 * 24 - 6, "company", "Прочистили сетку перед счётчиком. Напор проверили вместе с вами.", states.SOLVED),
        ),
        (5, "Пришли вовремя и убрали за собой."),
        closed=True,
    ),
    Asked(
        2 * 24,
        "tickets.charge",
        "Почему горячей воды стало больше?\n\nМы две недели были в отъезде.",
        lines=(
            Line(2 * 24 - 3, "note", "Показание за месяц выше обычного вдвое. Похоже на опечатку, ждём фото."),
            Line(26, "company", "Проверили начисление: оно по показанию 18-го числа. Пришлите, пожалуйста, фото счётчика горячей воды.", states.WAITING),
        ),
        about_bill=True,
    ),
    Asked(
        22,
        CHAT.name,
        "Уезжаем на месяц. Можно передать показания заранее?",
        lines=(
            Line(21, "company", "Да, с 15-го числа. Если уедете раньше, посчитаем по среднему, а потом пересчитаем."),
            Line(20, "customer", "Уезжаем 16-го, успею."),
            Line(20, "company", "Хорошей дороги!"),
        ),
    ),
)  # fmt: skip
SUMMER = (
    Asked(
        4,
        "tickets.connect",
        "Закрыть воду на зиму и опломбировать кран.",
        {"phone": "+79210000037"},
    ),
)
MOTHER = (
    Asked(
        9 * 24,
        "tickets.complaint",
        "Контролёр пришёл без предупреждения и говорил грубо.",
        lines=(
            Line(9 * 24 - 6, "note", "Маршрут участка 3. Передано начальнику участка.", by=_ADMIN),
            Line(8 * 24, "company", "Просим прощения. С контролёром поговорили, о следующем обходе предупредим за два дня.", states.SOLVED, _ADMIN),
        ),
        rated=(4, "Ответили по делу."),
    ),
)  # fmt: skip
WORKS = (
    Asked(
        3 * 24,
        "tickets.paper",
        "Просим акт сверки за квартал с печатью.",
        {"paper": "act"},
        (Line(3 * 24 - 4, "company", "Готовим, пришлём на этой неделе.", states.OPEN),),
    ),
    Asked(
        50,
        "tickets.repair",
        "Во втором цехе счётчик стоит, хотя вода идёт.",
        {"place": "Цех 2, подвал"},
        (
            Line(49, "note", "Взять с собой поверочную установку, пломбы проверить до снятия."),
            Line(48, "company", "Контролёр придёт в среду с 10 до 12 и проверит счётчик на месте.", states.OPEN),
        ),
        photo=True,
    ),
)
CROWD = (
    Asked(7, "tickets.repair", "Вода ржавая с самого утра", {"place": "Вся квартира"}),
    Asked(20, "tickets.charge", "Посчитали как для троих, а нас двое"),
    Asked(30, "tickets.other", "Как перевести счёт на новую собственницу?"),
    Asked(
        72,
        "tickets.connect",
        "Заменить счётчик, срок поверки вышел",
        lines=(Line(70, "company", "Заявка принята. Какой день вам удобен?", states.WAITING),),
    ),
    Asked(
        100,
        "tickets.complaint",
        "Третий раз звоню, никто не приезжает",
        lines=(
            Line(96, "company", "Мастер приедет сегодня до 18 часов.", states.SOLVED),
            Line(90, "customer", "Никто не приехал."),
        ),
    ),
    Asked(
        150,
        "tickets.other",
        "Где посмотреть показания за прошлый год?",
        lines=(Line(148, "company", "«Показания», затем «История и графики»: там все годы.", states.SOLVED),),
        rated=(2, "Ответ нашла, но ждала долго."),
    ),
)
MACROS = (
    ("Мастер придёт", states.WAITING, "Мастер может прийти завтра с 10 до 12 или с 14 до 16. Какое время вам удобно?",
     "A master can come tomorrow from 10 to 12 or from 14 to 16. Which time suits you?"),
    ("Пришлите фото счётчика", states.WAITING, "Пришлите, пожалуйста, фото счётчика: нужны цифры и заводской номер.",
     "Please send a photo of the meter: the digits and the serial number are needed."),
    ("Справка готова", states.SOLVED, "Справка готова. Её можно забрать на Морской, 4, с 9 до 18 часов.",
     "The certificate is ready. It can be collected at Morskaya, 4, from 9 to 18."),
)  # fmt: skip


def settle_requests(db: Session, storage: Storage, own: Sequence[Asker], works: Sequence[Asker]) -> None:
    """Write the requests of the first customer, of the works and of some of the crowd, and what the desk prepared."""
    told = [
        *zip(own, (FLAT, SUMMER, MOTHER), strict=False),
        *((each, (one,)) for each, one in zip(works, WORKS, strict=False)),
    ]
    told += [(each, (one,)) for each, one in zip(_crowd(db, len(CROWD)), CROWD, strict=False)]
    waiting = [(one, who) for who, requests in told for one in requests]
    for one, (number, login) in sorted(waiting, key=lambda each: -each[0].hours):
        _live(db, storage, account_of(db, number), login, one)
    for title, state, russian, english in MACROS:
        db.add(Macro(title=title, texts={"ru": russian, "en": english}, state=state, changed_at=now(db)))
    admin = person(db, _ADMIN).id or 0
    managers.keep(db, admin, "Менеджер по работе с организациями", {})
    db.flush()
    manager = db.execute(select(Manager.public_id).where(Manager.identity_id == admin)).scalar_one()
    for number, _ in works:
        managers.assign(db, account_of(db, number), manager)
    db.add(Rule(title="Течёт и заливает", words=["течь", "заливает", "прорвало"], urgent=True, changed_at=now(db)))


def _live(db: Session, storage: Storage, account: AccountRef, login: str, one: Asked) -> None:
    """Write a request and all that followed, each at its time."""
    who, start = person(db, login), now(db)
    with as_of(db, start - timedelta(hours=one.hours), who):
        files = _photo(storage) if one.photo else []
        about = _bill(db, account) if one.about_bill else ("", "", "")
        title = one.words.partition("\n")[0].rstrip(".")
        draft = service.Draft(one.type, title, one.words, public_id(), one.facts, about, files)
        ticket = (
            talking.talk(db, account, who.id or 0, service.Words(one.words, draft.token))[0]
            if one.type == CHAT.name
            else service.ask(db, account, who.id or 0, draft)[0].public_id
        )
    for line in one.lines:
        _say(db, account, ticket, login, line)
    last = one.lines[-1].hours if one.lines else one.hours
    if one.rated:
        with as_of(db, start - timedelta(hours=last - 1), who):
            service.rate(db, account, ticket, *one.rated)
    if one.closed:
        with as_of(db, start - timedelta(hours=last - 2), who):
            service.move(db, account, ticket, "customer", states.CLOSED, who.id)


def _say(db: Session, account: AccountRef, ticket: str, login: str, line: Line) -> None:
    who = person(db, login if line.side == "customer" else line.by)
    with as_of(db, now(db) - timedelta(hours=line.hours), who):
        words = service.Words(line.words, public_id(), line.after)
        if line.side == "note":
            service.note(db, ticket, who.id or 0, words)
        else:
            (service.say if line.side == "customer" else service.answer)(db, account, ticket, who.id or 0, words)
        db.expire_all()


def _bill(db: Session, account: AccountRef) -> tuple[str, str, str]:
    row = db.execute(
        select(Bill.public_id, Bill.period).where(Bill.account_id == account.id).order_by(Bill.period.desc()).limit(1)
    ).first()
    return ("payments.bill", row.public_id, f"Счёт за {row.period:%m.%Y}") if row else ("", "", "")


def _photo(storage: Storage) -> list[Kept]:
    picture = dial("80-4127", 4_127_350)
    if picture is None:
        return []
    stored = storage.put("tickets", BytesIO(picture))
    return [Kept("meter.jpg", "image/jpeg", stored.size, stored.sha256, stored.key)]


def _crowd(db: Session, most: int) -> Iterator[Asker]:
    """Yield accounts of people who are only counted, each with its holder; a small demo has none."""
    rows = db.execute(
        select(Account.number, Identity.login)
        .join(Membership, Membership.account_id == Account.id)
        .join(Identity, Identity.id == Membership.identity_id)
        .where(Identity.login.startswith("home-"))
        .order_by(Identity.id)
        .limit(most)
    )
    yield from ((row.number, row.login) for row in rows)
