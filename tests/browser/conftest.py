"""Browsers at a demo portal: one demo for a run, and a fresh one for stories that change everything they touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.judge import Judge
from tests.browser.stage import Demo, Look, chromium, running_demo, visitor
from tests.browser.town import Examples

Open = Callable[[Look], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium, closed after each file: its driver runs an event loop, in which no asynchronous test can start."""
    with sync_playwright() as playwright:
        opened = chromium(playwright)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was filled and stopped: filling takes longer than all a test does with one."""
    folder = tmp_path_factory.mktemp("seeded")
    with running_demo(folder):
        return folder


@pytest.fixture(scope="session")
def shared_demo(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[Demo]:
    """A demo for tests that leave nothing behind that another minds."""
    with running_demo(tmp_path_factory.mktemp("demo"), seeded=seeded) as demo:
        yield demo


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examples]:
    """The examples, filled once for a run, in whatever they wear."""
    with ExitStack() as running:
        yield Examples(tmp_path_factory.mktemp("examples"), running)


@pytest.fixture
def fresh_demo(tmp_path: Path, seeded: Path) -> Iterator[Demo]:
    """A demo as it was seeded."""
    with running_demo(tmp_path, seeded=seeded) as demo:
        yield demo


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> Demo:
    """The demo of the test: the shared one, unless it asks for `fresh_demo`."""
    name = "fresh_demo" if "fresh_demo" in request.fixturenames else "shared_demo"
    found: Demo = request.getfixturevalue(name)
    return found


@pytest.fixture
def judge(browser: Browser, demo: Demo) -> Iterator[Judge]:
    """Judges pages; at the end of the test nothing was said to a console and no policy was broken."""
    reports = len(demo.policy_reports)
    context = browser.new_context(bypass_csp=True, reduced_motion="reduce")
    judge = Judge(context.new_page())
    yield judge
    context.close()
    assert judge.heard == []
    assert demo.policy_reports[reports:] == []


@pytest.fixture
def opened(browser: Browser, demo: Demo, judge: Judge) -> Iterator[Open]:
    """Open a browser that looks so: `page = opened(Look(width=360))`. Each has cookies of its own."""
    with ExitStack() as contexts:

        def make(look: Look) -> Page:
            context = visitor(browser, demo, look)
            contexts.callback(context.close)
            judge.inspector.emulate_media(color_scheme=look.mode)
            return judge.listen(context.new_page())

        yield make
