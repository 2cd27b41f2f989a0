"""What the telecom company explains before anybody has to ask."""

from __future__ import annotations

from seeding.answers import Page

_HOME = (
    Page(
        (
            "Нет интернета дома",
            "Сначала посмотрите на главной, нет ли аварии по вашему адресу: там же написано, когда починим.\n\n"
            "1. Отключите роутер от розетки на минуту и включите снова.\n2. Подождите пять минут.\n"
            "3. Откройте роутер в «Оборудовании»: там видно, есть ли с ним связь.\n\n"
            "Не помогло? Напишите нам с его страницы: специалист проверит линию.",
            "не работает, пропал, обрыв, wi-fi, вай-фай, медленно",
        ),
        (
            "No internet at home",
            "Look on the home page first, whether there is an accident at your address, and when it will be repaired.\n\n"
            "1. Unplug the router for a minute.\n2. Wait five minutes.\n3. Open the router in Equipment: it says whether it "
            "has contact.\n\nIf that did not help, write to us from its page: a specialist looks at the line.",
            "broken, offline, wi-fi, slow",
        ),
        ("tickets.repair",),
    ),
    Page(
        (
            "Уезжаю: как не платить за интернет",
            "Откройте «Услуги», интернет, «Заморозить» и выберите дни.\n\nЗаморозка бесплатная, до трёх месяцев. "
            "В последний день интернет включится сам, а раньше его можно включить одной кнопкой.",
            "отпуск, приостановить, блокировка, дача",
        ),
        (
            "I am leaving: how not to pay for internet",
            "Open Services, the internet, Freeze, and choose the days.\n\nIt is free for up to three months. On the last day "
            "it goes on by itself, or sooner by one button.",
            "holiday, suspend, block",
        ),
    ),
)
_MONEY = (
    Page(
        (
            "На мобильном закончились деньги",
            "Пополните счёт картой или через СБП: связь вернётся через минуту.\n\nНет денег сейчас? Возьмите обещанный платёж "
            "на три дня: его цена написана перед кнопкой.",
            "баланс, пополнить, обещанный платёж, отключили, долг",
        ),
        (
            "The mobile ran out of money",
            "Top up by card: it works again within a minute.\n\nNo money now? Take the promised payment for three days: its "
            "price stands before the button.",
            "balance, top up, promised payment",
        ),
        ("tickets.charge",),
    ),
    Page(
        (
            "Как сменить тариф",
            "Откройте «Услуги», свой тариф, «Сменить тариф».\n\nПеред кнопкой видно, сколько он стоит, с какого дня начнёт "
            "действовать и как вернуться.",
            "дешевле, быстрее, скорость, поменять",
        ),
        (
            "How to change the plan",
            "Open Services, your plan, Change the plan.\n\nBefore the button stand its price, its day and the way back.",
            "cheaper, faster, speed",
        ),
        ("tickets.charge",),
    ),
)
SECTIONS = (
    ("Связь и оборудование", "Connection and equipment", _HOME),
    ("Деньги и тарифы", "Money and plans", _MONEY),
)
BEGUN = Page(
    ("Переход со своим номером", "Допишем, когда договоримся с операторами.", ""),
    ("Bringing your number", "To be written when the operators agree.", ""),
)
