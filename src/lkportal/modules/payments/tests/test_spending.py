"""What was charged, beside the year before, and why it changed: to the kopeck, on the page and in files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.app import Portal
from lkportal.core.imports import run_import
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.spending.changes import explain
from lkportal.modules.payments.spending.folding import fold, month_after, months_between
from lkportal.testing import Visitor, World

LINES = st.lists(
    st.builds(
        SimpleNamespace,
        service=st.sampled_from(["Вода", "Тепло", "Газ"]),
        kind=st.sampled_from(["charge", "recalculation", "benefit", "penalty", "new kind"]),
        amount=st.integers(-(10**9), 10**9),
        volume_milli=st.none() | st.integers(-(10**6), 10**6),
        unit=st.sampled_from(["m3", "gcal", ""]),
        rate_millionths=st.none() | st.sampled_from([4_218_000_000, 4_500_000_000]),
    ),
    max_size=6,
)


@given(LINES, LINES)
def test_the_parts_of_a_change_add_up_whatever_the_bills_say(
    now: list[SimpleNamespace], then: list[SimpleNamespace]
) -> None:
    parts = explain(now, then)
    assert sum(part.change for part in parts) == sum(x.amount for x in now) - sum(x.amount for x in then)


def line(amount: int, volume: int | None = None, rate: int | None = None, kind: str = "charge") -> SimpleNamespace:
    return SimpleNamespace(
        service="Вода", kind=kind, amount=amount, volume_milli=volume, unit="m3", rate_millionths=rate
    )


def told(now: list[SimpleNamespace], then: list[SimpleNamespace]) -> list[tuple[str, int]]:
    return [(part.because.english if part.because else "", part.change) for part in explain(now, then)]


def test_volume_tariff_and_recalculation_are_told_apart() -> None:
    cheap, dear = 4_000_000_000, 5_000_000_000
    assert told([line(20_000, 5_000, cheap)], [line(12_000, 3_000, cheap)]) == [("volume", 8_000)]
    assert told([line(15_000, 3_000, dear)], [line(12_000, 3_000, cheap)]) == [("tariff", 3_000)]
    assert told([line(25_000, 5_000, dear)], [line(12_000, 3_000, cheap)]) == [("volume", 8_000), ("tariff", 5_000)]
    assert told([line(-500, kind="recalculation")], []) == [("recalculation", -500)]
    assert told([line(100)], []) == [("was not charged before", 100)]
    assert told([], [line(100)]) == [("is not charged any more", -100)]
    assert told([line(300)], [line(100)]) == [("", 200)]


def test_months_are_counted_over_years() -> None:
    assert [month_after(date(2026, 1, 1), n) for n in (-1, 0, 12)] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2027, 1, 1),
    ]
    assert len(months_between(date(2025, 11, 1), date(2026, 2, 1))) == 4
    empty = fold([], date(2026, 1, 1), date(2026, 2, 1))
    assert (empty.total, empty.known_before, empty.parts) == (0, False, ())


@pytest.fixture
def homes(portal: Portal, world: World, account: AccountRef, tmp_path: Path) -> list[AccountRef]:
    """Two accounts with bills of October of this year and the last, and one of a stranger."""
    found = [account, world.account("0530118846"), world.account("0999000022")]
    rows = ["Лицевой счёт;Период;Услуга;Объём;Ед. изм.;Тариф;Сумма"]
    for place, one in enumerate(found, 1):
        rows += [f"{one.number};10.2025;Вода;3;м3;40,00;{120 * place},00", f"{one.number};10.2025;=1+1;;;;10,00"]
        rows += [f"{one.number};10.2026;Вода;5;м3;50,00;{250 * place},00"]
    file = tmp_path / "charges.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    run_import(portal.database, portal.unit_context("test"), portal.registry.import_kinds["charges"], file)
    return found


@pytest.fixture
def anna(visit: Callable[..., Visitor], world: World, homes: list[AccountRef]) -> Visitor:
    """Somebody who owns the first two accounts."""
    return visit(world.customer("pair@example.org", *homes[:2]), homes[0])


def test_the_page_begins_with_what_changed_and_says_why(anna: Visitor) -> None:
    page = anna.get(anna.url("payments:spending"))
    assert page.status_code == 200
    assert "120,00\u00a0₽ more than a year before" in page.text
    assert "volume" in page.text
    assert "tariff" in page.text
    assert "is not charged any more" in page.text
    one = anna.get(f"{anna.url('payments:spending')}?service=%D0%92%D0%BE%D0%B4%D0%B0").text
    assert "130,00\u00a0₽ more than a year before" in one
    assert "2026" in anna.get(f"{anna.url('payments:spending')}?since=2026-01&until=2026-12-01").text
    assert "Nothing was charged" in anna.get(f"{anna.url('payments:spending')}?since=2020-01&until=2020-02").text


def test_all_addresses_of_a_person_are_counted_together_and_no_others(homes: list[AccountRef], anna: Visitor) -> None:
    page = anna.get(anna.url("payments:spending_all")).text
    assert "750,00" in page
    assert homes[1].title in page
    assert homes[2].title not in page
    file = anna.get(anna.url("payments:spending_all_csv")).content.decode("utf-8-sig")
    assert "2026-10-01;750,00;380,00;370,00" in file


@pytest.mark.parametrize("query", ["since=x", "since=2026-10&until=2026-01", "since=2001-01&until=2026-01"])
def test_months_that_make_no_sense_are_told(anna: Visitor, query: str) -> None:
    assert anna.get(f"{anna.url('payments:spending')}?{query}").status_code == 422
    assert anna.get(f"{anna.url('payments:spending_xlsx')}?{query}").status_code == 404


def test_files_hold_numbers_and_no_formulas(anna: Visitor) -> None:
    for name in ("payments:spending_xlsx", "payments:statement_xlsx"):
        answer = anna.get(anna.url(name))
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
        with ZipFile(BytesIO(answer.content)) as file:
            sheets = [file.read(one).decode() for one in file.namelist() if "worksheets/sheet" in one]
        assert "<v>250</v>" in "".join(sheets)
        assert not [one for one in sheets if "<f>" in one]


def test_a_statement_for_days_that_make_no_sense_leads_back_to_the_form(anna: Visitor) -> None:
    answer = anna.get(f"{anna.url('payments:statement_xlsx')}?since=2026-10-01&until=2026-01-01")
    assert answer.status_code == 303
    assert anna.url("payments:papers") in answer.headers["location"]
