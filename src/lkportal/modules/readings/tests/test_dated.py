"""Rules by date: the most special and newest row that has begun holds; where none speaks, the settings do."""

from __future__ import annotations

from datetime import date

from lkportal.core.ids import public_id
from lkportal.core.unit import now
from lkportal.modules.readings import queries
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.models import Home, Rule
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.tests.conftest import House
from lkportal.modules.readings.windows import window

SETTINGS = ReadingsSettings()


def rule(house: House, begins: date, category: str = "", resource: str = "", **said: object) -> None:
    with house.world.unit() as db:
        made = Rule(category=category, resource=resource, valid_from=begins, made_at=now(db), public_id=public_id())
        for name, value in said.items():
            setattr(made, name, value)
        db.add(made)


def on(house: House, day: date) -> Rules:
    with house.world.database.reading() as connection:
        return Rules(SETTINGS, queries.rules(connection, house.account.id, day))


def test_a_rule_holds_from_its_day_and_a_category_goes_before_all(house: House) -> None:
    rule(house, date(2026, 1, 1), window_first=10, window_last=20, jump_factor=3)
    rule(house, date(2026, 10, 1), window_last=22)
    rule(house, date(2026, 6, 1), "household", window_first=12)
    rule(house, date(2026, 6, 1), "company", window_first=1)
    before, after = on(house, date(2026, 9, 30)), on(house, date(2026, 10, 1))
    assert (before.general.window_first, before.general.window_last, before.general.jump_factor) == (12, 20, 3)
    assert after.general.window_last == 22
    assert window(date(2026, 10, 5), after.general).first == date(2026, 10, 12)
    assert on(house, date(2025, 1, 1)).general == SETTINGS


def test_a_resource_has_limits_of_its_own_and_a_home_its_category(house: House) -> None:
    rule(house, date(2026, 1, 1), "garden", "hot_water", jump_floor=50)
    assert on(house, date(2026, 11, 22)).of("hot_water").jump_floor == 10
    with house.world.unit() as db:
        db.add(Home(account_id=house.account.id, category="garden", residents=2, seen_at=now(db)))
    found = on(house, date(2026, 11, 22))
    assert (found.of("hot_water").jump_floor, found.of("cold_water").jump_floor) == (50, 10)
