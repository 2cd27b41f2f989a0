"""What the water company explains before anybody has to ask."""

from __future__ import annotations

from seeding.answers import Page

_PAYING = (
    Page(
        (
            "Почему сумма больше, чем в прошлом месяце",
            "Откройте счёт: сверху написано, что изменилось и на сколько.\n\nЧаще всего причина одна из трёх:\n"
            "- показания за месяц больше обычных\n- месяц посчитан по среднему, а теперь показания переданы\n"
            "- изменился тариф\n\nЕсли строка непонятна, нажмите под счётом «Спросить про одну строку».",
            "много начислили, перерасчёт, дорого, вырос счёт, горячей воды больше",
        ),
        (
            "Why the sum is larger than last month",
            "Open the bill: on top it says what changed and by how much.\n\nMostly it is one of three things:\n"
            "- the readings of the month are larger than usual\n- a month was charged by average and is now read\n"
            "- the tariff changed\n\nIf a line is not clear, press “Ask about one line” below the bill.",
            "too much, recalculation, expensive, hot water",
        ),
        ("tickets.charge",),
    ),
    Page(
        (
            "Как заплатить без комиссии",
            "1. Откройте «Счета» и нажмите «Оплатить».\n2. Выберите счёт или впишите сумму.\n"
            "3. Заплатите на странице платёжной системы: картой или через СБП.\n\n"
            "Деньги видны здесь сразу, в расчётной системе на следующий день.",
            "оплата, карта, СБП, комиссия, автоплатёж",
        ),
        (
            "How to pay without a fee",
            "1. Open Bills and press Pay.\n2. Choose a bill or type a sum.\n3. Pay on the provider's page.\n\n"
            "The money is seen here at once, in billing on the next day.",
            "payment, card, fee, autopay",
        ),
        ("tickets.charge",),
    ),
    Page(
        (
            "Справка, что долгов нет",
            "Справку и акт сверки можно скачать сразу: «Счета», затем «Выписки и акт сверки».\n\n"
            "С печатью она готова за день. Напишите нам, что нужна печать, и заберите её на Морской, 4.",
            "документ, субсидия, задолженность, акт сверки, печать",
        ),
        (
            "A certificate that there are no debts",
            "The certificate and the act of reconciliation can be downloaded at once: Bills, then Statements.\n\n"
            "With a stamp it is ready in a day: write to us and collect it at Morskaya, 4.",
            "document, subsidy, debt, act, stamp",
        ),
        ("tickets.paper",),
    ),
)
_METERS = (
    Page(
        (
            "Как передать показания",
            "1. Откройте «Показания».\n2. Впишите цифры до запятой, чёрные.\n3. Нажмите «Передать показания».\n\n"
            "Передавайте с 15-го по 25-е. Без сети форма подождёт в телефоне и уйдёт сама.",
            "счётчик, цифры, срок передачи",
        ),
        (
            "How to send readings",
            "1. Open Readings.\n2. Type the black digits.\n3. Press Send readings.\n\n"
            "Send them from the 15th to the 25th. Without network the form waits in the phone and goes by itself.",
            "meter, digits, term",
        ),
    ),
    Page(
        (
            "Заменить или поверить счётчик",
            "Поверить счётчик может любая аккредитованная организация.\n\n# Если меняем мы\n\n"
            "1. Напишите нам, выбрав «Подключить, перенести, заменить».\n2. Мастер позвонит и назовёт время.\n"
            "3. Акт появится у нас в тот же день, новый счётчик в «Показаниях» на следующий.\n\n"
            "До замены платите по среднему, но не дольше трёх месяцев.",
            "поверка, замена счётчика, пломба, опломбировать, срок поверки",
        ),
        (
            "To replace or verify a meter",
            "Any accredited company may verify a meter.\n\n# When we replace it\n\n"
            "1. Write to us: Connect, move or replace.\n2. A master calls and names the time.\n"
            "3. The new meter is in Readings on the next day.\n\n"
            "Until then you pay by average, at most for three months.",
            "verification, replacement, seal",
        ),
        ("tickets.connect",),
    ),
)
_REPAIRS = (
    Page(
        (
            "Слабый напор или нет воды",
            "Сначала посмотрите, нет ли отключения: оно стоит на главной и на странице «Новости».\n\n"
            "Если слабый напор только в одном кране, прочистите сетку на нём. Если во всей квартире, напишите нам.\n\n"
            "- Труба лопнула, вода бежит: звоните, аварийная служба работает круглосуточно\n"
            "- Вода ржавая дольше двух часов: напишите, приедем и возьмём пробу",
            "авария, течёт, протечка, давление, ржавая вода, нет воды, отключение",
        ),
        (
            "Low pressure or no water",
            "Look first whether there is an outage: it stands on the home page and in News.\n\n"
            "If one tap alone is weak, clean its filter. If all are, write to us.\n\n"
            "- A pipe burst: call, the emergency service works day and night\n"
            "- Brown water for more than two hours: write, we come and take a sample",
            "leak, pressure, brown water, no water, outage",
        ),
        ("tickets.repair",),
    ),
    Page(
        (
            "Что починим мы, а что управляющая компания",
            "Мы отвечаем за трубы до ввода в дом и за счётчики, которые ставили сами.\n\n"
            "Стояки, подвал и краны в подъезде чинит управляющая компания. Если не уверены, напишите нам: передадим сами.",
            "стояк, подвал, управляющая компания, чья труба",
        ),
        (
            "What we repair and what the house does",
            "We answer for pipes up to the house and for meters that we installed.\n\n"
            "Risers and the cellar are the house's. If you are not sure, write to us: we pass it on.",
            "riser, cellar, whose pipe",
        ),
        ("tickets.repair", "tickets.complaint"),
    ),
)
SECTIONS = (
    ("Счета и оплата", "Bills and payment", _PAYING),
    ("Счётчики и показания", "Meters and readings", _METERS),
    ("Вода и аварии", "Water and accidents", _REPAIRS),
)
BEGUN = Page(
    ("Как оформить нового собственника", "Допишем, когда юристы пришлют список документов.", ""),
    ("How to tell of a new owner", "To be written when the lawyers send the list of papers.", ""),
)
