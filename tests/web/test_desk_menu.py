"""The desk's menu: lines under headings in one order, short menus open, of long ones the group of the page."""

from __future__ import annotations

from typing import Any

from lkportal.core.contributions import DeskGroup, MenuItem
from lkportal.core.i18n import text
from lkportal.web.page.frame import ALL_OPEN, DESK_GROUPS, Menu

LABEL = text("demo.menu.list", "Readings")


def url(name: str, **_params: Any) -> str:
    return f"/{name}"


def menu(*groups: DeskGroup, at: str = "") -> Menu:
    items = tuple(MenuItem(f"demo:{place}", LABEL, "gauge", group=group) for place, group in enumerate(groups))
    return Menu(items, url, at)


def test_lines_stand_under_their_heading_and_empty_headings_are_left_out() -> None:
    found = menu("settings", "money", "customers", "money").groups
    assert [(each.label, len(each.entries)) for each in found] == [
        (DESK_GROUPS["customers"], 1), (DESK_GROUPS["money"], 2), (DESK_GROUPS["settings"], 1)
    ]  # fmt: skip
    assert [each.url for each in found[1].entries] == ["/demo:1", "/demo:3"]


def test_a_short_menu_is_open_and_a_long_one_where_one_is() -> None:
    short: list[DeskGroup] = ["work"] * (ALL_OPEN - 1)
    assert all(each.open for each in menu(*short, "money").groups)
    long = menu(*short, "money", "texts", at=f"demo:{ALL_OPEN - 1}").groups
    assert [(each.label, each.open) for each in long if each.open] == [(DESK_GROUPS["money"], True)]


def test_what_says_no_group_is_work() -> None:
    assert MenuItem("demo:list", LABEL, "gauge").group == "work"
