"""What the water company has to tell its customers: an accident, planned works, one that is over, an announcement."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lkportal.modules.news.service import Draft

UNFINISHED = Draft(
    "announcement",
    {"ru": {"title": "Как мы работаем в праздники", "body": ""}, "en": {"title": "Our hours on holidays", "body": ""}},
)
"""What somebody of the desk began to write."""


def bulletins(now: datetime, zone: str) -> list[Draft]:
    """Return what is out on the day of `now`. The first customer's street has works tomorrow, their mother's an accident."""
    today = now.astimezone(ZoneInfo(zone))
    return [_over(today), _office(today.date()), _accident(today), _works(today)]


def _works(today: datetime) -> Draft:
    ru = "Меняем задвижку на вводе в квартал.\n\n- Наберите воды заранее\n- Закройте краны, уходя из дома"
    en = "We replace a valve at the quarter's inlet.\n\n- Draw some water beforehand\n- Close the taps when you leave"
    places = ("Ломоносова, 2-20", "Озёрная, 1-12")
    return _outage("cold_water", "planned", _at(today, 1, 10), 4, places, ru, en)


def _accident(today: datetime) -> Draft:
    ru = "Лопнула труба у дома 50. Бригада на месте, воду подвезут к дому 48."
    en = "A pipe burst near house 50. The crew is there, water is brought to house 48."
    begun = (today - timedelta(hours=2)).replace(minute=20, second=0, microsecond=0)
    return _outage("hot_water", "accident", begun, 8, ("Советская, 40-60",), ru, en)


def _over(today: datetime) -> Draft:
    ru, en = "Промыли сеть перед зимой.", "The network was flushed before winter."
    places = ("Ломоносова", "Мира", "Садовая, 1-30")
    return _outage("cold_water", "planned", _at(today, -9, 9), 4, places, ru, en)


def _office(day: date) -> Draft:
    ru = {
        "title": "Абонентский зал теперь работает и в субботу",
        "body": "С этого месяца зал на Морской, 4 открыт по субботам с 9:00 до 14:00.\n\nПередать показания и оплатить счёт"
        " можно и здесь, в кабинете.",
    }
    en = {
        "title": "The customers' office is now open on Saturdays",
        "body": "From this month the office at Morskaya, 4 is open on Saturdays from 9:00 to 14:00.\n\nReadings and"
        " payments are taken here in the portal as well.",
    }
    shown = day - timedelta(days=2)
    return Draft("announcement", {"ru": ru, "en": en}, show_from=shown, show_until=day + timedelta(days=30))


def _outage(service: str, cause: str, begins: datetime, hours: int, places: tuple[str, ...], ru: str, en: str) -> Draft:
    texts = {"ru": {"body": ru}, "en": {"body": en}}
    ends = begins + timedelta(hours=hours)
    return Draft("outage", texts, places, service=service, cause=cause, begins_at=begins, expected_end=ends)


def _at(today: datetime, days: int, hour: int) -> datetime:
    return datetime.combine(today.date() + timedelta(days=days), time(hour), today.tzinfo)
