"""Every page of every example, as every kind of reader, in every theme: axe-core finds nothing, nothing is wider than the screen,
nothing is asked of another host, the policy has nothing to report. `make test` looks at each kind of page once, in one of the examples
and as one of the readers that see it, in a pairwise sample: themes, modes, widths and languages meet each other, and the pages take
turns in these looks. The long proof looks at all."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser import axe
from tests.browser.atlas import READERS, REFUSAL, Atlas, Place
from tests.browser.pairs import pairwise
from tests.browser.stage import ROOT, Demo, Look, visitor
from tests.browser.town import Examples
from tests.browser.wardrobe import EXAMPLES, Outfit, outfits

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]

Scheme = Literal["light", "dark"]
MODES = ("light", "dark", "light-more", "dark-more", "forced")
"""The two modes, each for readers who ask for more contrast too, and the colours of the system's own."""
EXPECTED = ("status of 4", "the document's frame is sandboxed and the 'allow-scripts'")
"""What a browser says of an answer that refuses, and of a picture of a page that is to run nothing."""
SAMPLED = MODES[:4]
LETTER = "notify:mail_html"
"""A letter by itself is judged by the law alone: it is no page with landmarks and a heading of its own."""
WIDTHS = (320, 360, 768, 1280)
LANGUAGES = ("ru", "en")
HANDS = {
    reader.name: next((hand for hand in ("staff", "customer") if hand in reader.who), "nobody") for reader in READERS
}
"""In whose hands the pages of each reader are."""
Case = tuple[Place, str, int, str]
Kind = tuple[str, str, bool]


@given(st.lists(st.lists(st.integers(), min_size=1, max_size=6, unique=True), min_size=2, max_size=5))
def test_every_two_values_meet_in_a_pairwise_sample(factors: list[list[int]]) -> None:
    rows = pairwise(*factors)
    for one, other in itertools.combinations(range(len(factors)), 2):
        met = {(row[one], row[other]) for row in rows}
        assert met == set(itertools.product(factors[one], factors[other]))


def test_each_kind_of_page_is_seen_once_by_readers_in_turn() -> None:
    card, queue = "staff:card", "staff:queue"
    seen = [
        Place("operator", card, "/1"),
        Place("admin", card, "/1"),
        Place("admin", queue, "/q"),
        Place("anna", card, "/"),
    ]
    seen += [Place("cashier", queue, "/q"), Place("admin", card, "/2")]
    assert one_of_each(seen) == [seen[0], seen[4], seen[3]]


def test_each_kind_of_page_falls_to_one_example_that_shows_it() -> None:
    both, bills, readings = ("anna", "home", False), ("anna", "bills", True), ("anna", "readings", False)
    shares = shared_out({"one": {both, bills}, "other": {both, bills, readings}})
    assert sorted([*shares["one"], *shares["other"]]) == sorted([both, bills, readings])
    assert readings in shares["other"]
    assert bills in shares["one"]
    assert not [file for example in EXAMPLES for file in (ROOT / "examples" / example).rglob("*.html")], (
        "a page of its own template is to be judged in its example too"
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_sample_of_every_page_is_fit_for_everybody(example: str, examples: Examples, browser: Browser) -> None:
    worn, atlas = outfits(example), examples.atlas(example)
    assert atlas.unseen == [], "no page leads to these routes: lead there, or give a start in atlas.READERS"
    mine = shared_out({each: {kind(place) for place in examples.atlas(each).places} for each in EXAMPLES})[example]
    places = one_of_each([place for place in atlas.places if kind(place) in mine])
    rows = in_turn(places, pairwise(range(len(worn)), SAMPLED, WIDTHS, LANGUAGES))
    assert {row[1:] for row in rows} == set(pairwise(range(len(worn)), SAMPLED, WIDTHS, LANGUAGES)), (
        "a look nobody wears"
    )
    wrong: list[str] = []
    for number, outfit in reversed([*enumerate(worn)]):  # the own book last: the next tests go on in it
        cases = [row[:1] + row[2:] for row in rows if row[1] == number]
        wrong += [f"{outfit}: {said}" for said in look_over(browser, examples.demo(outfit), atlas, cases)]
    print(f"{len(rows)} views of {len(places)} pages of {example} in {len(worn)} outfits")
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof
@pytest.mark.parametrize("outfit", [outfit for example in EXAMPLES for outfit in outfits(example)], ids=str)
def test_every_page_is_fit_for_everybody(outfit: Outfit, examples: Examples, browser: Browser) -> None:
    atlas = examples.atlas(outfit.example)
    cases = list(itertools.product(atlas.places, MODES, WIDTHS, LANGUAGES))
    wrong = look_over(browser, examples.demo(outfit), atlas, cases)
    assert not wrong, "\n".join(wrong)


def kind(place: Place) -> Kind:
    """Return what makes two pages the same template in the same hands (a customer's, the company's, nobody's); a refusal is told
    apart by its address."""
    bare, _, query = place.path.partition("?")
    return HANDS[place.reader], bare if place.route == REFUSAL else place.route, bool(query)


def one_of_each(places: Sequence[Place]) -> list[Place]:
    """Return one page of each kind. Where several readers see it they take turns: each has other buttons."""
    seen: defaultdict[Kind, list[Place]] = defaultdict(list)
    for place in places:
        seen[kind(place)].append(place)
    return [shown[number % len(shown)] for number, shown in enumerate(seen.values())]


def shared_out(shown: Mapping[str, Set[Kind]]) -> dict[str, set[Kind]]:
    """Give each kind of page to one of the examples that show it, in turns. The examples have no templates of their own."""
    shares: dict[str, set[Kind]] = {example: set() for example in shown}
    for number, each in enumerate(sorted(set().union(*shown.values()))):
        showing = [example for example, kinds in shown.items() if each in kinds]
        shares[showing[number % len(showing)]].add(each)
    return shares


def in_turn(places: Sequence[Place], looks: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return each page in one look, (page, *look): neighbours take the next ones, so that every look is worn by some pages."""
    return [(place, *looks[number % len(looks)]) for number, place in enumerate(places)]


def look_over(browser: Browser, demo: Demo, atlas: Atlas, cases: Sequence[Case]) -> list[str]:
    """Look at a demo's pages so; return what is wrong with them."""
    wrong: list[str] = []
    for (reader, language), views in grouped(cases).items():
        context = visitor(browser, demo, Look(language=language))
        sign(context, demo, atlas.cookies[reader])
        page = heard(context.new_page(), demo, wrong)
        page.route("**/mailbox/*/html", unboxed)
        for place, mode, width, _ in views:
            wrong += [f"{place} in {mode}, {width} px, {language}: {said}" for said in judged(page, place, mode, width)]
            if place.route != LETTER and page.locator("html").get_attribute("lang") != language:
                wrong.append(f"{place}: not in {language}")
        context.close()
    return [*dict.fromkeys(wrong), *demo.policy_reports]


def unboxed(route: Route) -> None:
    """Show a letter outside the sandbox it is shown in, where nothing could judge it."""
    answer = route.fetch()
    kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
    route.fulfill(response=answer, headers=kept)


def heard(page: Page, demo: Demo, wrong: list[str]) -> Page:
    """Add to `wrong` what a page says to its console, breaks on, or asks of another host."""
    page.on("console", lambda said: wrong.append(f"console: {said.text}") if _bad(said.type, said.text) else None)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("request", lambda asked: wrong.append(f"asks {asked.url}") if _away(asked.url, demo) else None)
    return page


def judged(page: Page, place: Place, mode: str, width: int) -> list[str]:
    """Open a page in a mode at a width; return what is wrong with it."""
    scheme: Scheme = "dark" if mode.startswith("dark") else "light"
    page.emulate_media(
        color_scheme=scheme,
        contrast="more" if mode.endswith("more") else "no-preference",
        forced_colors="active" if mode == "forced" else "none",
        reduced_motion="reduce",
    )
    page.set_viewport_size({"width": width, "height": 844 if width < 640 else 900})
    answer = page.goto(place.path)
    if answer is not None and place.route != REFUSAL and answer.status not in (200, 410):
        return [f"answers {answer.status}"]
    if urlsplit(page.url)[2:4] != urlsplit(place.path)[2:4]:
        return [f"leads to {page.url}"]
    page.evaluate("document.fonts.ready.then(() => true)")
    found = axe.violations(page, axe.LAW if place.route == LETTER else axe.TAGS)
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [*found, f"is {wide} px wide"] if wide > width else found


def grouped(cases: Iterable[Case]) -> dict[tuple[str, str], list[Case]]:
    """Return cases by reader and language: what shares a browser context."""
    groups: defaultdict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case[0].reader, case[3]].append(case)
    return groups


def sign(context: BrowserContext, demo: Demo, cookies: dict[str, str]) -> None:
    """Give a browser the cookies of somebody who signed in before."""
    context.add_cookies([{"name": name, "value": value, "url": demo.address} for name, value in cookies.items()])


def _away(url: str, demo: Demo) -> bool:
    return url.startswith(("http:", "https:", "ws:", "wss:")) and not url.startswith(demo.address + "/")


def _bad(kind: str, text: str) -> bool:
    return kind in ("error", "warning") and not any(fine in text for fine in EXPECTED)
