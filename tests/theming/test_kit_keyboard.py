"""Every component of the kit by keyboard alone, in Chromium under the portal's policy, as the gallery promises it.

One page of all components is opened; each test goes to its own and presses keys.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import axe
from tests.theming.test_kit_browser import address, chromium, page

__all__ = ["address", "chromium", "page"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("kit")]


@pytest.fixture
def kit(address: str, page: Page) -> Page:
    """The page of all components, on a desk."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}kit-light.html")
    return page


def focused(page: Page) -> str:
    """What has the focus: its id, or its text."""
    said = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    return str(said)


@pytest.mark.parametrize(
    ("mode", "width"),
    [
        ("light", 360),
        ("dark", 1280),
        pytest.param("light", 1280, marks=pytest.mark.proof),
        pytest.param("dark", 360, marks=pytest.mark.proof),
    ],
)
def test_all_components_pass_the_judge(address: str, page: Page, mode: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}kit-{mode}.html")
    page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = !one.matches('.drop, [name]'); })"
    )
    assert axe.violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_combobox_filters_moves_takes_and_closes_by_keys(kit: Page) -> None:
    field = kit.get_by_role("combobox", name="Улица")
    field.focus()
    kit.keyboard.type("озер")
    assert field.get_attribute("aria-expanded") == "true"
    assert kit.locator("#kit-street-list [role=option]").all_inner_texts() == ["Озёрная улица"]
    field.fill("улица")
    kit.keyboard.press("ArrowDown")
    kit.keyboard.press("ArrowDown")
    active = kit.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert active.inner_text() == "Лётная улица"
    assert active.get_attribute("aria-selected") == "true"
    kit.keyboard.press("Enter")
    assert field.input_value() == "Лётная улица"
    assert kit.locator("#kit-street-select").input_value() == "2"
    assert field.get_attribute("aria-expanded") == "false"


def test_escape_closes_a_combobox_then_clears_it_and_nonsense_is_given_up(kit: Page) -> None:
    field = kit.get_by_role("combobox", name="Банк")
    field.focus()
    kit.keyboard.press("ArrowUp")
    kit.keyboard.press("Escape")
    assert field.input_value() == "Портовый"
    assert kit.locator("#kit-bank-list").is_hidden()
    field.fill("такого нет")
    assert kit.locator("#kit-bank-list").inner_text() == "Ничего не нашлось"
    kit.keyboard.press("Tab")
    assert field.input_value() == "Портовый", "what was taken stays"
    assert kit.locator("#kit-bank-select").input_value() == "b"


def test_without_a_script_a_combobox_is_a_select(address: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}kit-light.html")
    page.select_option("#kit-street", "3")
    assert page.locator("#kit-street").input_value() == "3"
    assert page.locator(".js-only >> visible=true").count() == 0
    assert page.locator(".toast").first.is_visible(), "a toast is a notice then"
    context.close()


def test_a_menu_opens_by_enter_closes_by_escape_and_by_leaving_it(kit: Page) -> None:
    summary = kit.locator("#kit-menu summary", has_text="Ещё")
    summary.focus()
    kit.keyboard.press("Enter")
    kit.keyboard.press("Tab")
    assert focused(kit) == "Скачать PDF"
    kit.keyboard.press("Escape")
    assert focused(kit) == "Ещё", "Escape brings the focus back"
    assert drop(summary).get_attribute("open") is None
    kit.keyboard.press("Enter")
    for _ in range(4):
        kit.keyboard.press("Tab")
    assert drop(summary).get_attribute("open") is None


def test_an_open_menu_stays_on_a_phones_screen(address: str, page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}kit-light.html")
    for place in range(page.locator("#kit-menu .drop > summary").count()):
        page.locator("#kit-menu .drop > summary").nth(place).click()
        box = page.locator("#kit-menu .drop[open] > .drop-body").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        page.keyboard.press("Escape")


def drop(summary: Locator) -> Locator:
    """The disclosure a summary opens."""
    return summary.locator("xpath=..")


def test_a_dialog_takes_the_focus_keeps_it_and_gives_it_back(kit: Page) -> None:
    opener = kit.get_by_role("link", name="Выйти везде")
    opener.focus()
    kit.keyboard.press("Enter")
    assert kit.evaluate("document.activeElement.closest('dialog').id") == "kit-ask"
    for _ in range(5):
        kit.keyboard.press("Tab")
        assert kit.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    kit.keyboard.press("Escape")
    assert kit.locator("#kit-ask").is_hidden()
    assert focused(kit) == "Выйти везде"


def test_a_button_that_cannot_be_pressed_is_reached_and_says_why(kit: Page) -> None:
    button = kit.get_by_role("button", name="Передать показания")
    button.focus()
    assert focused(kit) == "Передать показания"
    expect(button).to_have_accessible_description("Приём откроется 15 декабря.")
    assert button.get_attribute("aria-disabled") == "true"


def test_questions_open_one_at_a_time(kit: Page) -> None:
    first, second = (kit.locator("#kit-accordion .fold summary").nth(place) for place in (0, 1))
    first.focus()
    kit.keyboard.press("Enter")
    assert drop(first).get_attribute("open") is not None
    kit.keyboard.press("Tab")
    kit.keyboard.press("Space")
    assert [drop(one).get_attribute("open") for one in (first, second)] == [None, ""]


def test_tabs_steps_and_heads_that_sort_are_links(kit: Page) -> None:
    assert kit.locator("#kit-tabs .tabs a[aria-current=page]").inner_text() == "Счета"
    assert kit.locator("#kit-stepper [aria-current=step]").first.inner_text() == "Услуга"
    assert kit.locator("#kit-table th[aria-sort=descending] a").inner_text() == "Дата"
    assert kit.locator("[role=tab], [role=menu]").count() == 0


def test_a_toast_is_read_out_closed_by_its_button_and_an_error_stays(address: str, page: Page) -> None:
    page.clock.install()
    page.goto(f"{address}kit-light.html")
    page.clock.run_for(500)
    good, bad = page.locator(".toasts[role=status]"), page.locator(".toasts[role=alert]")
    assert good.inner_text() == "Номер скопирован"
    good.get_by_role("button").focus()
    page.clock.run_for(64_000)
    assert good.count() == 1, "it waits while somebody is at it"
    page.evaluate("document.activeElement.blur()")
    page.clock.run_for(5_000)
    assert good.count() == 0
    assert bad.count() == 1
    bad.get_by_role("button", name="Закрыть").focus()
    page.keyboard.press("Enter")
    assert bad.count() == 0


def test_the_end_of_a_session_is_told_two_minutes_before_and_escape_stays(address: str, page: Page) -> None:
    page.clock.install()
    page.goto(f"{address}kit-light.html")
    page.clock.run_for((7200 - 180) * 1000)
    assert page.locator("#kit-session").is_hidden()
    page.clock.run_for(61_000)
    assert page.locator("#kit-session").is_visible()
    with page.expect_request(lambda request: request.resource_type == "fetch"):  # the visit that keeps the session
        page.keyboard.press("Escape")
    assert page.locator("#kit-session").is_hidden()


def test_chosen_files_are_listed_by_name_and_size(kit: Page, tmp_path: Path) -> None:
    photo = tmp_path / "акт.pdf"
    photo.write_bytes(b"x" * 2_400_000)
    kit.set_input_files("#kit-act", photo)
    assert kit.locator("#kit-file .chosen").first.locator("span").all_inner_texts() == ["акт.pdf", "2,4 МБ"]


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(address: str, page: Page) -> None:
    page.goto(f"{address}pay-light.html")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused(page) == "other"


def test_a_lost_network_is_told_and_the_word_goes_when_it_is_back(kit: Page) -> None:
    line = kit.locator("[data-offline]")
    kit.context.set_offline(True)
    expect(line).to_be_visible()
    kit.context.set_offline(False)
    expect(line).to_be_hidden()


def test_dense_intervals_are_drawn_when_they_come_into_view_and_not_before(kit: Page) -> None:
    loaded: list[str] = []
    kit.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[-1]))
    assert kit.locator(".dense canvas").count() == 0
    kit.locator(".dense").scroll_into_view_if_needed()
    expect(kit.locator(".dense canvas")).to_be_visible()
    assert {name.partition("?")[0] for name in loaded} >= {"uplot.min.js", "uplot.min.css"}
    assert kit.locator(".dense svg[role=img] title").first.text_content() == "Мощность по получасам"


def test_targets_are_large_for_a_finger_at_any_density(address: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{address}kit-light.html")
    small = """() => [...document.querySelectorAll(".kit-sample :is(button, .btn, .tool, .chip, .control, summary, .act, .check, .pages a, thead a)")]
        .filter((one) => one.offsetParent && one.getBoundingClientRect().height < %d)
        .map((one) => one.className + ": " + one.textContent.trim().slice(0, 30) + " " + one.getBoundingClientRect().height)"""
    for density in ("comfortable", "compact"):
        page.evaluate(f"document.documentElement.dataset.density = '{density}'")
        assert page.evaluate(small % (40 if density == "comfortable" else 43)) == [], density
    context.close()
