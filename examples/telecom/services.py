"""The catalogue of the company and what is connected to its contracts, as its billing would write them; orders that wait at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from seeding.files import Row, money, write

from telecom.contracts import CINEMA, HOME_PLANS, MOBILE_PLANS, OWN, ROUTER, TV, Contract

OFFERINGS = (
    "код", "вид", "группа", "название", "цена", "цена с", "подключение", "предоплата", "сегмент", "порядок", "значок", "описание",
)  # fmt: skip
SERVICES = ("договор", "код", "ключ", "подключена с", "следующее списание", "адрес", "состояние", "заморожена до")
SEGMENTS = ("договор", "сегмент")
HOME, TELEVISION, MOBILE, OFFICE = "Домашний интернет", "Телевидение", "Мобильная связь", "Для офиса"
_SPEEDS = {"Полёт 100": "100 Мбит/с", "Полёт 300": "300 Мбит/с", "Полёт 500": "500 Мбит/с", "Полёт 1000": "1 Гбит/с"}
_PACKETS = {"Тукан 10": "10 ГБ и 300 минут", "Тукан 30": "30 ГБ и 600 минут", "Безлимит": "Без счёта"}
IN_HAND = 12_000
"""What is in hand on a mobile contract beyond its next month, minor units: of the first of them, instead of it."""


def write_services(folder: Path, contracts: list[Contract], today: date) -> dict[str, Path]:
    """Write the files into `folder`; return kind -> file in the order in which they are imported."""
    return {
        "offerings": write(folder / "offerings.csv", OFFERINGS, _offerings(today)),
        "segments": write(folder / "segments.csv", SEGMENTS, ((number, "свои") for number, _, _ in OWN)),
        "services": write(folder / "services.csv", SERVICES, _services(contracts, today)),
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
        rest = ("500,00", "нет", "", f"{10 + place}", "globe", _SPEEDS[plan])
        yield _code(plan), "тариф", HOME, plan, money(price), "", *rest
        if place == 1:
            yield _code(plan), "тариф", HOME, plan, money(price + 4_000), f"{new_year:%d.%m.%Y}", *rest
    own = ("0,00", "нет", "свои", "9", "globe", "300 Мбит/с по цене сотни: для тех, у кого три договора")
    yield "own-300", "тариф", HOME, "Полёт 300 для своих", "450,00", "", *own
    for place, ((title, price), group) in enumerate(((TV, TELEVISION), (CINEMA, TELEVISION), (ROUTER, HOME))):
        icon = "monitor" if group == TELEVISION else "wrench"
        yield _code(title), "услуга", group, title, money(price), "", "0,00", "нет", "", f"{20 + place}", icon, ""
    for place, (plan, price) in enumerate(MOBILE_PLANS):
        rest = ("0,00", "да", "", f"{30 + place}", "smartphone", _PACKETS[plan])
        yield _code(plan), "тариф", MOBILE, plan, money(price), "", *rest
    office = ("0,00", "нет", "офис", "40", "building-2", "")
    yield "office-500", "услуга", OFFICE, "Интернет для офиса, 500 Мбит/с", "2900,00", "", *office
    yield "office-10", "услуга", OFFICE, "Телефония, 10 линий", "1450,00", "", *office


def _services(contracts: Iterable[Contract], today: date) -> Iterator[Row]:
    codes = {f"Интернет «{plan}»": _code(plan) for plan, _ in HOME_PLANS}
    codes |= {f"Тариф «{plan}»": _code(plan) for plan, _ in MOBILE_PLANS}
    codes |= {title: _code(title) for title, _ in (TV, CINEMA, ROUTER)}
    codes |= {"Интернет для офиса, 500 Мбит/с": "office-500", "Телефония, 10 линий": "office-10"}
    for place, contract in enumerate(contracts):
        since = today - timedelta(days=400 + place * 37 % 1500)
        charge_on = f"{today + timedelta(days=3 + place % 25):%d.%m.%Y}" if is_mobile(contract) else ""
        for title, _ in contract.services:
            where = contract.address.removeprefix("Дом, ").removeprefix("Мобильный, ").removeprefix("Родители, ")
            away = place == 0 and title == TV[0]
            frozen = ("заморожена", f"{today + timedelta(days=20):%d.%m.%Y}") if away else ("", "")
            yield contract.number, codes[title], codes[title], f"{since:%d.%m.%Y}", charge_on, where, *frozen


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
