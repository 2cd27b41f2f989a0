"""The words of the payment page in Russian and English, and how each language writes an amount."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

RU: Words = {
    "lang": "ru",
    "title": "Учебная оплата",
    "banner": "Песочница: деньги не списываются",
    "to_pay": "К оплате",
    "choose": "Какой картой заплатить",
    "pay": "Оплатить %s",
    "leave": "Вернуться без оплаты",
    "leave_note": "Платёж останется открытым ещё час: его можно оплатить позже.",
    "number": "номер карты",
    "success": "Пройдёт сразу",
    "secure": "Попросит код из СМС",
    "slow": "Банк ответит через\u00a05\u00a0секунд",
    "insufficient_funds": "Откажет: не хватает денег",
    "card_expired": "Откажет: срок карты истёк",
    "issuer_unavailable": "Откажет: банк не отвечает",
    "notices": "Как придёт уведомление магазину",
    "notices_note": "Чтобы проверить, что магазин не теряет и не удваивает оплату.",
    "fault_none": "Как обычно",
    "fault_delay": "Через 10 секунд",
    "fault_double": "Три раза подряд",
    "fault_hold": "Не по порядку",
    "fault_lost": "Не придёт",
    "no_card": "Выберите карту.",
    "code_title": "Код из СМС",
    "code_note": "Так банк проверяет, что платите вы. Верный код — 1234, с любым другим платёж не пройдёт.",
    "code": "Код",
    "confirm": "Подтвердить",
    "done_succeeded": "Оплачено",
    "done_waiting_for_capture": "Деньги придержаны до подтверждения магазином",
    "done_canceled": "Платёж отменён. Деньги не списаны.",
    "done_pending": "Банк ещё отвечает. Второй раз платить не нужно.",
    "back": "Вернуться в магазин",
    "close": "Страницу можно закрыть.",
    "missing": "Такого платежа нет",
    "missing_note": "Вернитесь в магазин и начните оплату снова.",
}

EN: Words = {
    "lang": "en",
    "title": "Practice payment",
    "banner": "Sandbox: no money is taken",
    "to_pay": "To pay",
    "choose": "Which card to pay with",
    "pay": "Pay %s",
    "leave": "Go back without paying",
    "leave_note": "The payment stays open for an hour: it can be paid later.",
    "number": "card number",
    "success": "Goes through at once",
    "secure": "Asks for a code from a text message",
    "slow": "The bank answers in 5 seconds",
    "insufficient_funds": "Refused: not enough money",
    "card_expired": "Refused: the card has expired",
    "issuer_unavailable": "Refused: the bank does not answer",
    "notices": "How the shop will be notified",
    "notices_note": "To see that the shop neither loses nor doubles a payment.",
    "fault_none": "As usual",
    "fault_delay": "After 10 seconds",
    "fault_double": "Three times in a row",
    "fault_hold": "Out of order",
    "fault_lost": "Never",
    "no_card": "Choose a card.",
    "code_title": "Code from the text message",
    "code_note": "This is how the bank checks that it is you. The right code is 1234; with any other the payment fails.",
    "code": "Code",
    "confirm": "Confirm",
    "done_succeeded": "Paid",
    "done_waiting_for_capture": "The money is held until the shop confirms",
    "done_canceled": "The payment is cancelled. No money was taken.",
    "done_pending": "The bank is still answering. There is no need to pay again.",
    "back": "Back to the shop",
    "close": "You can close this page.",
    "missing": "There is no such payment",
    "missing_note": "Go back to the shop and start paying again.",
}


def chosen(accept_language: str) -> Words:
    """Return the words for a browser's Accept-Language: Russian unless English is wanted more."""
    best, language = 0.0, "ru"
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.strip().lower()[:2]
        try:
            wanted = float(weight or 1)
        except ValueError:
            wanted = 0.0
        if name in {"ru", "en"} and wanted > best:
            best, language = wanted, name
    return EN if language == "en" else RU


def amount(value: str, words: Words) -> str:
    """Return "2 450,50 ₽" or "₽2,450.50" for "2450.50"."""
    whole, _, part = value.partition(".")
    if words["lang"] == "en":
        return f"₽{int(whole):,}.{part}"
    return f"{int(whole):,}".replace(",", "\u00a0") + f",{part}\u00a0₽"
