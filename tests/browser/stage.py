"""A demo portal as people start it, in a process of its own, and browsers that hear what goes wrong on its pages."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx2
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ROOT = Path(__file__).parents[2]
PASSWORD = "lkportal-demo"
ANNA, WORKS = "anna@example.org", "buh@zavod.example.org"
OPERATOR, CASHIER, ADMIN = "operator@example.org", "cashier@example.org", "admin@example.org"
START_SECONDS = 240


MODES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Demo:
    """A running `lkportal demo`: its address, the folder it writes to, what it said."""

    address: str
    folder: Path

    @property
    def policy_reports(self) -> list[str]:
        """What browsers complained of to /csp-report."""
        lines = (self.folder / "demo.log").read_text("utf-8").splitlines()
        return [line for line in lines if '"csp_report"' in line]

    def letters(self) -> list[str]:
        """The raw letters in the demo's mailbox."""
        return [file.read_text("utf-8", "replace") for file in self.folder.glob("var/*/mailbox/*.eml")]


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the portal."""

    mode: Literal["light", "dark"] = "light"
    width: int = 1280
    scripts: bool = True
    language: str = "ru"

    def __str__(self) -> str:
        return f"{self.mode}-{self.width}-{'js' if self.scripts else 'nojs'}-{self.language}"

    @property
    def height(self) -> int:
        """A phone is 844 high, a desk's screen 900."""
        return 844 if self.width < 640 else 900


@contextmanager
def running_demo(
    folder: Path, accounts: int = 40, example: str = "utility", brand: Path | None = None, seeded: Path | None = None
) -> Iterator[Demo]:
    """Run `lkportal demo` with few accounts in an empty folder until the block ends.

    `brand` is another brand book to wear; `seeded` the folder of an earlier demo whose data is gone on with, on a copy.
    """
    (folder / "examples").symlink_to(ROOT / "examples")
    if seeded is not None:
        shutil.copytree(seeded / "var", folder / "var")
    port = _free_port()
    program = "from lkportal.cli import main; main()"
    command = [sys.executable, "-c", program, "demo", example, "--port", str(port), "--accounts", str(accounts)]
    command += ["--brand", str(brand)] if brand else []
    with (folder / "demo.log").open("wb") as log:
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            demo = Demo(f"http://127.0.0.1:{port}", folder)
            _wait(demo, process)
            yield demo
        finally:
            process.terminate()
            process.wait(30)


def program() -> str | None:
    """Return the machine's own Chromium ($CHROMIUM, or by its usual names)."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def chromium(playwright: Playwright) -> Browser:
    """Open the machine's own Chromium. It knows no host but this machine: the look-up of another name fails at once, on every network."""
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"
    return playwright.chromium.launch(executable_path=program(), args=["--no-sandbox", "--disable-gpu", alone])


def visitor(browser: Browser, demo: Demo, look: Look, **more: Any) -> BrowserContext:
    """Open a browser of its own cookies that looks so. `more` goes to the context."""
    context = browser.new_context(
        base_url=demo.address,
        viewport={"width": look.width, "height": look.height},
        color_scheme=look.mode,
        java_script_enabled=look.scripts,
        locale=look.language,
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(20_000)
    return context


def sign_in(page: Page, login: str) -> None:
    """Sign in through the page, as people do."""
    page.goto("/login")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url(lambda url: "/login" not in url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(demo: Demo, process: subprocess.Popen[bytes]) -> None:
    """Wait until the portal answers; say what it said when it does not."""
    deadline = time.monotonic() + START_SECONDS
    with httpx2.Client(trust_env=False, timeout=5.0) as client:
        while time.monotonic() < deadline and process.poll() is None:
            try:
                if client.get(f"{demo.address}/health/live").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.2)
    raise RuntimeError("The demo did not start:\n" + (demo.folder / "demo.log").read_text("utf-8"))
