"""Asks of the tests whether they notice a fault: runs the tests of a file on each of its mutants (`make mutation`).
What is judged, by which tests, and which mutants do no harm stands in tests/mutation.toml; mutants are made in mutants.

Tests are collected and set up once; each mutant is planted in a fork, and the tests that reach its line run there until one fails."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, cast

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage

from tools.mutants import Mutant, mutants_of

SETTINGS = Path("tests/mutation.toml")
WANTED = 0.9
_SLOWEST = 120
_OURS = frozenset({"lkportal", "tests"})
_ARGUMENTS = ("--assert=plain", "-qq", "--no-summary", "-p", "no:cacheprovider", "-m", "not proof and not postgres")


@dataclass(slots=True)
class Trial:
    """A plugin of pytest that takes the place of the run: first the tests as they are, then for each mutant in a fork."""

    file: Path
    mutants: list[Mutant]
    survivors: list[Mutant] = field(default_factory=list)
    failed: str = "what was collected"

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests on the file as it is, then on each mutant."""
        self.failed = ""
        reach = self._reach(session.items)
        module = sys.modules[".".join(self.file.with_suffix("").parts[1:])]
        for mutant in self.mutants if not self.failed else ():
            tests = [item for item in session.items if any(item.nodeid in reach.get(line, ()) for line in mutant.lines)]
            if _outlives(module, mutant, tests or session.items):
                self.survivors.append(mutant)
        return True

    def _reach(self, items: Sequence[pytest.Item]) -> dict[int, list[str]]:
        """Run all tests once and return which of them run which line; a line that is in nobody's runs at import."""
        with tempfile.TemporaryDirectory() as folder:
            coverage = Coverage(data_file=f"{folder}/reach", include=[str(self.file)], config_file=False)
            coverage.start()
            for item in items:
                coverage.switch_context(item.nodeid)
                if _fails(item):
                    self.failed = item.nodeid
            coverage.stop()
            return coverage.get_data().contexts_by_lineno(str(self.file.resolve()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the files of the settings, or those whose path holds one of the words given; return how many fell short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="parts of paths, such as auth/totp: only these files")
    words = parser.parse_args(arguments).words
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    short = 0
    for judged in settings["judged"]:
        if not words or any(word in judged["file"] for word in words):
            harmless = [each for each in settings.get("harmless", ()) if each["file"] == judged["file"]]
            short += _judge(judged["file"], judged["tests"], harmless)
    return short


def _judge(file: str, tests: str, harmless: Sequence[dict[str, str]]) -> bool:
    """Judge one file and tell of it; return whether it falls short: of the score, or by a survivor nobody gave a reason for."""
    trial = Trial(Path(file), list(mutants_of(Path(file).read_text(encoding="utf-8"))))
    pytest.main([*_ARGUMENTS, tests], plugins=[trial])
    if trial.failed:
        print(f"{file}: {trial.failed} fails without a mutant")
        return True
    reasons = {(each["function"], each["was"], each["now"]) for each in harmless}
    unexplained = [each for each in trial.survivors if _name(each) not in reasons]
    outlived = reasons - {_name(each) for each in trial.survivors}
    score = 1 - len(trial.survivors) / len(trial.mutants)
    print(f"{file}: {len(trial.mutants)} mutants, {score:.1%} noticed, {len(trial.survivors)} survived")
    for each in unexplained:
        print(f"  {file}:{each.lines.start} {each.function or '-'}: {each.was} -> {each.now}")
    for function, was, now in sorted(outlived):
        print(f"  {SETTINGS}: {function or '-'}: {was} -> {now} is noticed, or gone: delete it")
    return score < WANTED or bool(unexplained) or bool(outlived)


def _name(mutant: Mutant) -> tuple[str, str, str]:
    return mutant.function, mutant.was, mutant.now


def _outlives(module: ModuleType, mutant: Mutant, items: Sequence[pytest.Item]) -> bool:
    """Whether none of the tests fails on a mutant. What ends a process, or never ends, is noticed."""
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1] == 0
    status = 1
    try:
        signal.alarm(_SLOWEST)
        _plant(module, mutant.source)
        status = int(any(_fails(item) for item in items))
    finally:
        os._exit(status)


def _fails(item: pytest.Item) -> bool:
    """Run one test; what it shares with the others of its file stays set up."""
    other = next(each for each in item.session.items if each is not item)
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=other))


def _plant(module: ModuleType, source: str) -> None:
    """Put a mutant in the place of a module that is imported: functions get its code, other names its values wherever they are."""
    made = {name: value for name, value in vars(module).items() if name.startswith("__")}
    exec(compile(source, str(module.__file__), "exec"), made)  # noqa: S102 - this is what a mutant is for
    ours = [each for name, each in list(sys.modules.items()) if name.partition(".")[0] in _OURS]
    for name, new in made.items():
        old = vars(module).get(name)
        if isinstance(new, FunctionType | type) and new.__module__ == module.__name__:
            _swap_all(old, new)
        elif not name.startswith("__"):
            for other in ours:
                if vars(other).get(name) is old:
                    setattr(other, name, new)


def _swap_all(old: Any, new: Any) -> None:
    if isinstance(new, FunctionType):
        _swap(old, new)
        return
    for method, function in vars(new).items():
        if isinstance(function, FunctionType):
            _swap(cast(FunctionType, vars(old)[method]), function)


def _swap(old: FunctionType, new: FunctionType) -> None:
    """Let a function that many hold already do what another does."""
    for name, held, given in zip(new.__code__.co_freevars, old.__closure__ or (), new.__closure__ or (), strict=True):
        if name != "__class__":
            held.cell_contents = given.cell_contents
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


if __name__ == "__main__":
    raise SystemExit(bool(main()))
