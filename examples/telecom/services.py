"""The catalogue of the company and what is connected to its contracts, as its billing would write them; orders that wait at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from seeding.files import Row, money, write

from telecom.contracts import CINEMA, HOME_PLANS, MOBILE_PLANS, OWN, ROUTER, TV, Contract

OFFERINGS = (
    "код", "вид", "группа", "название", "цена", "цена с", "подключение", "предоплата", "по адресу", "сегмент", "порядок", "значок", "описание",
)  # fmt: skip
SERVICES = ("договор", "код", "ключ", "подключена с", "следующее списание", "адрес", "состояние", "заморожена до")
SEGMENTS = ("договор", "сегмент")
PROMOTIONS = (
    "код предложения",
    "код",
    "название",
    "цена",
    "месяцев",
    "действует с",
    "действует по",
    "сегмент",
    "описание",
)
EQUIPMENT = (
    "договор", "ключ", "вид", "модель", "серийный номер", "аренда", "состояние", "нет связи с", "последний раз на связи", "услуга",
)  # fmt: skip
HOME, TELEVISION, MOBILE, OFFICE = "Домашний интернет", "Телевидение", "Мобильная связь", "Для офиса"
_SPEEDS = {"Полёт 100": "100 Мбит/с", "Полёт 300": "300 Мбит/с", "Полёт 500": "500 Мбит/с", "Полёт 1000": "1 Гбит/с"}
_PACKETS = {"Тукан 10": "10 ГБ и 300 минут", "Тукан 30": "30 ГБ и 600 минут", "Безлимит": "Без счёта"}
IN_HAND = 12_000
"""What is in hand on a mobile contract beyond its next month, minor units: of the first of them, instead of it."""


def write_services(folder: Path, contracts: list[Contract], now: datetime) -> dict[str, Path]:
    """Write the files into `folder`; return kind -> file in the order in which they are imported. `now` is the company's time."""
    today = now.date()
    return {
        "offerings": write(folder / "offerings.csv", OFFERINGS, _offerings(today)),
        "segments": write(folder / "segments.csv", SEGMENTS, _segments(contracts)),
        "services": write(folder / "services.csv", SERVICES, _services(contracts, today)),
        "promotions": write(folder / "promotions.csv", PROMOTIONS, _promotions(today)),
        "equipment": write(folder / "equipment.csv", EQUIPMENT, _equipment(contracts, now)),
    }


def top_ups(contracts: Iterable[Contract], today: date) -> Iterator[tuple[str, int, date]]:
    """Yield what was paid in advance on mobile contracts: account number, minor units, day."""
    for contract in contracts:
        if is_mobile(contract):
            own = contract.number == OWN[1][0]
            yield contract.number, IN_HAND if own else contract.services[0][1] + IN_HAND, today - timedelta(days=2)


def is_mobile(contract: Contract) -> bool:
    """Whether a contract is paid in advance."""
    return bool(contract.minutes)


def _offerings(today: date) -> Iterator[Row]:
    new_year = date(today.year + 1, 1, 1)
    for place, (plan, price) in enumerate(HOME_PLANS):
        rest = ("500,00", "нет", "да", "", f"{10 + place}", "globe", _SPEEDS[plan])
        yield _code(plan), "тариф", HOME, plan, money(price), "", *rest
        if place == 1:
            yield _code(plan), "тариф", HOME, plan, money(price + 4_000), f"{new_year:%d.%m.%Y}", *rest
    own = ("0,00", "нет", "да", "свои", "9", "globe", "300 Мбит/с по цене сотни: для тех, у кого три договора")
    yield "own-300", "тариф", HOME, "Полёт 300 для своих", "450,00", "", *own
    for place, ((title, price), group) in enumerate(((TV, TELEVISION), (CINEMA, TELEVISION), (ROUTER, HOME))):
        icon = "monitor" if group == TELEVISION else "wrench"
        yield _code(title), "услуга", group, title, money(price), "", "0,00", "нет", "да", "", f"{20 + place}", icon, ""
    for place, (plan, price) in enumerate(MOBILE_PLANS):
        rest = ("0,00", "да", "нет", "", f"{30 + place}", "smartphone", _PACKETS[plan])
        yield _code(plan), "тариф", MOBILE, plan, money(price), "", *rest
    office = ("0,00", "нет", "да", "офис", "40", "building-2", "")
    yield "office-500", "услуга", OFFICE, "Интернет для офиса, 500 Мбит/с", "2900,00", "", *office
    yield "office-10", "услуга", OFFICE, "Телефония, 10 линий", "1450,00", "", *office


_CODES = {f"Интернет «{plan}»": plan for plan, _ in HOME_PLANS} | {f"Тариф «{plan}»": plan for plan, _ in MOBILE_PLANS}


def _codes(contract: Contract) -> list[str]:
    """The codes of what is connected, the plan first."""
    offices = {"Интернет для офиса, 500 Мбит/с": "office-500", "Телефония, 10 линий": "office-10"}
    return [offices.get(title) or _code(_CODES.get(title, title)) for title, _ in contract.services]


def _services(contracts: Iterable[Contract], today: date) -> Iterator[Row]:
    for place, contract in enumerate(contracts):
        since = today - timedelta(days=400 + place * 37 % 1500)
        charge_on = f"{today + timedelta(days=3 + place % 25):%d.%m.%Y}" if is_mobile(contract) else ""
        for (title, _), code in zip(contract.services, _codes(contract), strict=True):
            where = contract.address.removeprefix("Дом, ").removeprefix("Мобильный, ").removeprefix("Родители, ")
            away = place == 0 and title == TV[0]
            frozen = ("заморожена", f"{today + timedelta(days=20):%d.%m.%Y}") if away else ("", "")
            yield contract.number, code, code, f"{since:%d.%m.%Y}", charge_on, where, *frozen


def _segments(contracts: Iterable[Contract]) -> Iterator[Row]:
    own = {number for number, _, _ in OWN}
    for contract in contracts:
        if not contract.inn and not is_mobile(contract):
            yield contract.number, "дом"
        if contract.number in own:
            yield contract.number, "свои мобильные" if is_mobile(contract) else "свои"


def _promotions(today: date) -> Iterator[Row]:
    first, last = f"{today - timedelta(days=10):%d.%m.%Y}", f"{today + timedelta(days=35):%d.%m.%Y}"
    note = "Для тех, у кого несколько договоров. Потом цена как у всех."
    yield "winter-500", _code("Полёт 500"), "Полёт 500 на три месяца", "450,00", "3", first, last, "свои", note
    yield "mobile-30", _code("Тукан 30"), "Больше гигабайт на полгода", "450,00", "6", first, last, "свои мобильные", ""
    yield "cinema", "cinema", "Кино за 49 рублей", "49,00", "2", first, last, "дом", "Отключить можно в любой день."


def _equipment(contracts: Iterable[Contract], now: datetime) -> Iterator[Row]:
    seen, lost = f"{now - timedelta(minutes=4):%d.%m.%Y %H:%M}", f"{now - timedelta(minutes=50):%d.%m.%Y %H:%M}"
    for place, contract in enumerate(contracts):
        titles, key = {title for title, _ in contract.services}, contract.number
        works = ("работает", "", seen)
        if is_mobile(contract):
            plan = next(iter(_codes(contract)))
            yield key, f"{key}/sim", "сим", "Тукан, nano-SIM", f"8970199{place:012d}", "нет", *works, plan
        elif not contract.inn:
            state = ("нет связи", lost, lost) if place == 0 else works
            rented = "да" if ROUTER[0] in titles or place == 0 else "нет"
            plan = next(iter(_codes(contract)))
            yield key, f"{key}/router", "роутер", "Тукан AX3000", f"TX31-{place:06d}", rented, *state, plan
            if TV[0] in titles:
                yield key, f"{key}/box", "приставка", "Тукан Бокс 4K", f"TB4-{place:06d}", "да", *works, _code(TV[0])


def _code(title: str) -> str:
    return {TV[0]: "tv-180", CINEMA[0]: "cinema", ROUTER[0]: "router", "Безлимит": "mobile-max"}.get(
        title, title.replace("Полёт", "home").replace("Тукан", "mobile").replace(" ", "-")
    )


def moves(contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    """Yield who wants to move and where: (account number, new address). They wait at the desk."""
    home = [
        each
        for each in contracts
        if not is_mobile(each) and not each.inn and each.number not in {row[0] for row in OWN}
    ]
    for each, address in zip(home, ("Новая, 14, кв. 3", "Озёрная, 2, кв. 41"), strict=False):
        yield each.number, address
