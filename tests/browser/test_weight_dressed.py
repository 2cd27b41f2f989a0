"""What a first visit costs in the themes and brands that the other tests of weight do not wear."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.stage import ANNA, Look
from tests.browser.town import Examples
from tests.browser.wardrobe import Outfit, outfits
from tests.browser.weighing import KB, first_visit, known, total, unruled

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]

DRESSED = [outfits("telecom")[0], *(outfit for outfit in outfits("utility") if outfit.theme == "strict")]


@pytest.mark.parametrize("outfit", DRESSED, ids=str)
def test_the_dashboard_is_light_in_other_themes(browser: Browser, examples: Examples, outfit: Outfit) -> None:
    with known(browser, examples.demo(outfit), Look("light", 360), ANNA) as page:
        loads = first_visit(page, "/")
        assert total(loads, "stylesheet") <= 10 * KB, loads
        assert total(loads, "stylesheet", "document") <= 20 * KB, loads
        assert unruled(page) == [], "classes that only the stylesheets know which a dashboard goes without"
