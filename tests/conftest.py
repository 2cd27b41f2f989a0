"""What every test of the checkout shares: how much hypothesis tries, where it writes, that what belongs together is run together, and
that a skipped test is a red one.
The portal, its clients, clock and mailbox come from lkportal.testing."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "test", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("proof", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 << 30
"""Bytes. A whole run holds less than one GB at a time: what a green test wrote goes with it."""

_COMPILED = "LKPORTAL_WEB__COMPILED_DIR"

_SKIPPED: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Take the long hypothesis profile for `-m proof`, the short one that repeats exactly otherwise."""
    write_into_memory()
    _keep_compiled(config)
    config.stash[_SKIPPED] = []
    settings.load_profile("proof" if config.getoption("markexpr") == "proof" else "test")
    config.pluginmanager.register(NothingSkipped(config.stash[_SKIPPED]), "nothing-skipped")


def write_into_memory() -> None:
    """Let databases and files of tests lie in memory where the system offers a roomy folder of it; TMPDIR decides before.

    Tests kill processes, never the machine: waiting for a disk, seven milliseconds a commit, and copying a PostgreSQL database
    of a thousand files on it prove nothing.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return
    there = os.statvfs(_MEMORY)
    if there.f_bavail * there.f_frsize >= _ENOUGH and not there.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def _keep_compiled(config: pytest.Config) -> None:
    """Let all portals of a run, of all its processes, share their compiled templates: 0.3 s of each one's first page."""
    if _COMPILED not in os.environ:
        folder = tempfile.TemporaryDirectory(prefix="lkportal-compiled-", ignore_cleanup_errors=True)
        os.environ[_COMPILED] = folder.name
        config.add_cleanup(folder.cleanup)
        config.add_cleanup(functools.partial(os.environ.__delitem__, _COMPILED))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a file on one worker, where they share a portal; files of a group too, for they share a demo."""
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.location[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:
    """End a run whose pytest-xdist cannot tell with its pytest what belongs together: each worker would fill every demo of its own."""
    apart = [name for name in ids if "@" not in name] if node.config.option.dist == "loadgroup" else ()
    if apart:
        pytest.exit(f"pytest-xdist keeps no groups with this pytest: {apart[0]} is in none", 4)


class NothingSkipped:
    """A test that did not run proves nothing: each skip is named and makes the run fail. Expected failures are not skips."""

    def __init__(self, skipped: list[str]) -> None:
        self.skipped = skipped

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a skipped test."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a whole file that skipped itself."""
        if report.skipped:
            self.skipped.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn a run with skips red."""
        if self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which tests did not run."""
        if self.skipped:
            terminalreporter.section("tests that did not run make the run fail", red=True)
            for nodeid in self.skipped:
                terminalreporter.line(nodeid)
