"""axe-core in a page as it stands: in a world of its own beside the page's scripts, which the page's policy does not bind."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.packages import npm_package

LAW = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
TAGS = (*LAW, "best-practice")
_RUN = """axe.run(document, {{runOnly: {tags}, iframes: false, preload: false, resultTypes: ["violations"]}})
    .then(found => JSON.stringify(found.violations.map(
        one => one.id + ": " + one.nodes.map(node => node.html.slice(0, 200)).join(" | "))))"""


@cache
def source() -> str:
    """Return the text of axe-core."""
    return (npm_package("gates", "axe-core") / "axe.min.js").read_text("utf-8")


def violations(page: Page, tags: tuple[str, ...] = TAGS) -> list[str]:
    """Return what axe-core finds on a page: "rule: html | html". The page is neither loaded again nor changed."""
    session = page.context.new_cdp_session(page)
    try:
        frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
        assert _evaluate(session, world, "matchMedia('(scripting: enabled)').matches"), (
            f"{page.url} runs no scripts: axe-core needs them"
        )
        _evaluate(session, world, source() + ";0")
        found: list[str] = json.loads(_evaluate(session, world, _RUN.format(tags=json.dumps(tags))))
    finally:
        session.detach()
    return found


def _evaluate(session: Any, world: int, expression: str) -> Any:
    answer = session.send(
        "Runtime.evaluate",
        {"expression": expression, "contextId": world, "awaitPromise": True, "returnByValue": True},
    )
    if "exceptionDetails" in answer:
        raise AssertionError(f"axe-core could not judge: {answer['exceptionDetails']}")
    return answer["result"]["value"]
