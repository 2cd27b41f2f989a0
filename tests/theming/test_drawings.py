"""Drawings and charts tell the truth: bars start at zero, seals differ, sums keep their kopecks, text cannot become markup."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.theming.drawing.charts import bars, change_bar, gauge, share, sparkline, stacked_bars
from lkportal.theming.drawing.drawings import drum, icon_set, initials, qr, qr_image, rosette, seal, small_change

readings = st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=24)


def heights(svg: str) -> list[float]:
    """The height of every bar drawn, from its path."""
    found = []
    for path in re.findall(r'<path class="c\d[^"]*" d="([^"]+)"', svg):
        start, end = re.match(r"M[\d.]+ ([\d.]+)", path), re.search(r"V([\d.]+)z$", path)
        top = re.search(r"V([\d.]+)q", path)
        low = float(start[1]) if start else 0.0
        found.append(low - float(top[1]) + 4 if top else float(end[1]) - low if end else 0.0)
    return found


@given(readings)
def test_the_height_of_a_bar_is_its_share_of_the_tallest(values: list[int | None]) -> None:
    drawn = heights(bars([""] * len(values), values, title="Расход", height=400))
    present = [value for value in values if value]
    assert len(drawn) == len(present)
    tall = max([*present, 2])  # two thousandths: the least an axis shows
    for height, value in zip(drawn, present, strict=True):
        expected = value / tall * 352 / 1.04
        if expected > 5:
            assert height == pytest.approx(expected, abs=0.51)  # whole pixels


@given(st.integers(2, 10**12))
def test_two_round_levels_stand_under_the_tallest_bar(top: int) -> None:
    svg = bars(["окт"], [top], title="Расход", unit="м³")
    lines = re.findall(r'class="grid" x1="0" x2="46" y1="([\d.]+)"', svg)
    assert len(lines) == 2
    assert float(lines[0]) > float(lines[1]) >= 24


def test_the_current_period_is_in_full_colour_and_carries_its_number() -> None:
    svg = stacked_bars(["сен", "окт"], [[5000, 6000], [1000, None]], title="Вода", text="6", compare=[6000, 7000])
    assert svg.count("past") == 2
    assert 'class="c1" ' in svg
    assert '<text class="on"' in svg
    assert svg.count('class="mark"') == 2


def test_text_given_to_a_chart_stays_text() -> None:
    evil = '"><script>x</script>'
    for svg in (
        bars([evil], [1], title=evil, desc=evil, unit=evil, text=evil),
        share([(evil, 1)], title=evil),
        gauge(1, 2, title=evil),
        sparkline([1, 2], title=evil),
        qr("x", evil),
        qr_image(evil, evil),
        small_change(evil),
        icon_set("/s.svg")(evil),
        drum(1, label=evil),
        rosette(evil),
        seal(evil),
    ):
        assert "<script" not in svg


def test_nothing_drawn_is_styled_in_place() -> None:
    seen: list[str] = []

    class Attributes(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.extend(name for name, _ in attrs)

    for svg in (
        bars(["a"], [1], title="t"),
        share([("a", 1)], title="t"),
        gauge(1, 2, title="t"),
        change_bar(1, -1, 1),
        sparkline([1, None, 2], title="t"),
        rosette("12"),
        seal("12"),
        qr("x", "y"),
        qr_image("/x.svg", "y"),
        drum(1),
    ):
        Attributes().feed(svg)
    assert "style" not in seen
    assert "class" in seen


@pytest.mark.parametrize(("value", "x", "width"), [(100, "50", "50"), (-100, "0", "50"), (50, "50", "25")])
def test_changes_grow_from_one_zero_line(value: int, x: str, width: str) -> None:
    svg = change_bar(value, -100, 100)
    assert f'x="{x}%"' in svg
    assert f'width="{width}%"' in svg
    assert 'x1="50%"' in svg
    assert ("up" in svg) == (value > 0)


def test_a_gap_in_data_is_a_gap_in_the_line() -> None:
    assert sparkline([1, None, 2], title="t").count("M") == 2
    assert "NaN" not in sparkline([], title="t")


@pytest.mark.parametrize(
    ("amount", "small"),
    [("1\u00a0482,60\u00a0₽", ",60\u00a0₽"), ("₽1,482.60", ".60"), ("−0,05 ₽", ",05 ₽"), ("640 ₽", ""), ("1,482", "")],
)
def test_only_kopecks_and_the_sign_grow_small(amount: str, small: str) -> None:
    drawn = small_change(amount)
    assert f'<span class="kop">{small}</span>' in drawn
    assert re.sub(r"<[^>]+>", "", drawn) == amount


def figures(drawn: str) -> str:
    return "".join(re.findall(r">(.)</b>", drawn))


def test_a_window_shows_a_reading_as_the_meter_does() -> None:
    assert figures(drum(416306, 5, 3)) == "00416306"
    assert drum(416306, 5, 3).count("class=z") == 2
    assert drum(416306, 5, 3).count("class=red") == 3
    assert figures(drum(None, 5, 0)) == "·····"
    assert figures(drum(0, 5, 0)) == "00000"
    assert figures(drum(1234567000, 5, 0)) == "1234567"


@given(st.text(min_size=1, max_size=20))
def test_any_number_has_its_pattern_and_always_the_same(number: str) -> None:
    assert rosette(number) == rosette(number)
    assert seal(number) == seal(number)


def test_the_first_eight_accounts_of_a_person_never_share_a_family() -> None:
    def shape(drawn: str) -> str:
        return re.sub(r"rotate\(\d+\.?\d*\)", "", drawn)

    assert len({shape(seal("0412778215", family)) for family in range(8)}) == 8


def test_a_qr_code_is_black_on_white_with_its_margin() -> None:
    code = qr("ST00012|Name=АО", "Код")
    assert 'viewBox="-4 -4 ' in code
    assert set(re.findall(r'fill="([^"]+)"', code)) == {"#fff", "#000"}
    assert 'aria-label="Код"' in code


def test_initials_are_of_the_name_as_said() -> None:
    assert initials("Анна Викторовна Соколова") == "АВ"
    assert initials("") == ""
