"""The company's files of meters and readings: what is kept, what is refused and why, on both databases."""

from __future__ import annotations

from pathlib import Path

from lkportal.core.imports import ImportKind, ImportReport, run_import
from lkportal.core.policy import SYSTEM, AccountRef
from lkportal.core.unit import UnitContext
from lkportal.modules.readings.corrections import correct
from lkportal.modules.readings.imports import METERS, READINGS
from lkportal.testing.world import World, rows

METERS_FILE = """Лицевой счёт;Заводской номер;Ресурс;Место;Знаков;Начальное показание;Поверка до
0412778215;18-204417;Холодная вода;ванная;5;100,5;25.11.2030
0412778215;18-204418;ГВС;ванная;5;;
999;1;Холодная вода;;;;
"""
READINGS_FILE = """Лицевой счёт;Номер счётчика;Показание;Дата
0412778215;18-204417;104,306;19.09.2026
0412778215;18-204417;109;18.10.2026
0412778215;18-204417;108;19.10.2026
0412778215;18-204418;3,2;18.10.2026
0412778215;77;1;18.10.2026
"""


def bring(world: World, kind: ImportKind, folder: Path, content: str) -> ImportReport:
    file = folder / f"{kind.name}.csv"
    file.write_text(content, encoding="windows-1251")
    return run_import(world.database, UnitContext(world.clock, SYSTEM, "import", world.ports), kind, file)


def test_meters_and_their_readings_come_in_from_files(world: World, account: AccountRef, tmp_path: Path) -> None:
    meters = bring(world, METERS, tmp_path, METERS_FILE)
    assert (meters.accepted, meters.rejected) == (2, 1)
    assert rows(world.database, "SELECT last_milli FROM readings_registers ORDER BY id") == [(100_500,), (0,)]

    readings = bring(world, READINGS, tmp_path, READINGS_FILE)
    assert (readings.accepted, readings.rejected) == (3, 2)
    assert rows(world.database, "SELECT value_milli, added_milli FROM readings_readings ORDER BY value_milli") == [
        (3_200, 3_200),
        (104_306, 3_806),
        (109_000, 4_694),
    ]
    last = rows(world.database, "SELECT last_milli, last_on, last_period FROM readings_registers ORDER BY last_milli")
    assert [(value, str(day), str(period)) for value, day, period in last] == [
        (3_200, "2026-10-18", "2026-10-01"),
        (109_000, "2026-10-18", "2026-10-01"),
    ]


def test_a_correction_is_no_month_of_its_own_in_what_is_usual(
    world: World, account: AccountRef, tmp_path: Path
) -> None:
    bring(world, METERS, tmp_path, METERS_FILE)
    bring(world, READINGS, tmp_path, READINGS_FILE)
    (newest,) = rows(world.database, "SELECT public_id FROM readings_readings WHERE value_milli = 109000")[0]
    with world.unit() as db:
        correct(db, account, str(newest), 107_500)
    bring(
        world, READINGS, tmp_path, "Лицевой счёт;Номер счётчика;Показание;Дата\n0412778215;18-204417;112;18.11.2026\n"
    )
    usual = rows(world.database, "SELECT usual_milli FROM readings_registers WHERE last_milli = 112000")
    assert usual == [((112_000 - 100_500) // 3,)], "three months, four readings"


def test_the_same_readings_again_change_nothing(world: World, account: AccountRef, tmp_path: Path) -> None:
    bring(world, METERS, tmp_path, METERS_FILE)
    bring(world, READINGS, tmp_path, READINGS_FILE)
    again = bring(world, READINGS, tmp_path, READINGS_FILE + "0412778215;18-204417;110;20.10.2026\n")
    assert again.accepted == 1
    assert rows(world.database, "SELECT count(*), sum(added_milli) FROM readings_readings WHERE register_id = 1") == [
        (3, 9_500)
    ]
