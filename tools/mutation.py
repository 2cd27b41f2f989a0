"""Asks of the tests whether they notice a fault: runs those of a file on each of its mutants (`make mutation`).
What is judged, by which tests, and which mutants do no harm stands in tests/mutation.toml; mutants are made in mutants."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
import time
import tomllib
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import cast

import pytest
from coverage import Coverage, CoverageData

from tools.mutants import Mutant, mutants_of

SETTINGS = Path("tests/mutation.toml")
WORK = Path("build/mutation")
WANTED = 0.9
_SLOWEST = 300
_OURS = frozenset({"lkportal", "tests"})
_ARGUMENTS = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-m", "not proof and not postgres")


@dataclass(frozen=True, slots=True)
class Judged:
    """A file and the tests that are asked about it."""

    file: Path
    tests: tuple[str, ...]

    @property
    def module(self) -> str:
        return ".".join(self.file.with_suffix("").parts[1:])


@dataclass(slots=True)
class Reach:
    """Which tests reach which line of a file, and in what order to ask them: files of quick tests first."""

    order: list[str]
    by_line: dict[int, set[str]] = field(default_factory=dict)

    def of(self, lines: range) -> list[str]:
        """Return the tests that reach one of these lines; all, when no test runs them: they run as the file is imported."""
        found = {test for line in lines for test in self.by_line.get(line, ())}
        return [test for test in self.order if test in found] or self.order


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the files of the settings, or those whose path holds one of the words given; return how many fell short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="parts of paths, such as auth/totp: only these files")
    parser.add_argument("--workers", type=int, default=1, help="mutants at the same time")
    asked = parser.parse_args(arguments)
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    WORK.mkdir(parents=True, exist_ok=True)
    known = [Judged(Path(each["file"]), tuple(each["tests"])) for each in settings["judged"]]
    _warm(known)
    short = 0
    for judged in known:
        if not asked.words or any(word in str(judged.file) for word in asked.words):
            harmless = [each for each in settings.get("harmless", ()) if each["file"] == str(judged.file)]
            short += _judge(judged, harmless, asked.workers)
    return short


def _judge(judged: Judged, harmless: Sequence[dict[str, str]], workers: int) -> bool:
    """Judge one file and tell of it; return whether it falls short: of the score, or by a survivor nobody gave a reason for."""
    mutants = list(mutants_of(judged.file.read_text(encoding="utf-8")))
    survivors = _survivors(judged, mutants, _reach(judged), workers)
    reasons = {(each["function"], each["was"], each["now"]) for each in harmless}
    unexplained = [each for each in survivors if (each.function, each.was, each.now) not in reasons]
    outlived = reasons - {(each.function, each.was, each.now) for each in survivors}
    score = 1 - len(survivors) / len(mutants)
    print(f"{judged.file}: {len(mutants)} mutants, {score:.1%} noticed, {len(survivors)} survived", flush=True)
    for each in unexplained:
        print(f"  {judged.file}:{each.lines.start} {each.function or '-'}: {each.was} -> {each.now}", flush=True)
    for function, was, now in sorted(outlived):
        print(f"  {SETTINGS}: {function or '-'}: {was} -> {now} is noticed (or gone): delete it")
    return score < WANTED or bool(unexplained) or bool(outlived)


def _survivors(judged: Judged, mutants: Sequence[Mutant], reach: Reach, workers: int) -> list[Mutant]:
    running: dict[int, Mutant] = {}
    survivors = []
    for mutant in [*mutants, *[None] * workers]:
        while running and (len(running) >= workers or mutant is None):
            process, status = os.wait()
            ended = running.pop(process)
            if status == 0:
                survivors.append(ended)
        if mutant is None:
            continue
        tests = reach.of(mutant.lines)
        running[_forked(partial(_tested, judged, mutant, tests))] = mutant
    return sorted(survivors, key=lambda each: each.lines.start)


def _tested(judged: Judged, mutant: Mutant, tests: Sequence[str]) -> int:
    signal.alarm(_SLOWEST)  # ends this process: a mutant that never ends is noticed
    _plant(sys.modules[judged.module], mutant.source)
    return pytest.main([*_ARGUMENTS, *tests])


def _plant(module: ModuleType, source: str) -> None:
    """Put a mutant in the place of a module that is imported: functions get its code, other names its values wherever they are."""
    made = {name: value for name, value in vars(module).items() if name.startswith("__")}
    exec(compile(source, str(module.__file__), "exec"), made)  # noqa: S102 - this is what a mutant is for
    ours = [each for name, each in list(sys.modules.items()) if name.partition(".")[0] in _OURS]
    for name, new in made.items():
        old = vars(module).get(name)
        if getattr(new, "__module__", "") != module.__name__ or not isinstance(new, FunctionType | type):
            for other in ours if not name.startswith("__") else ():
                if vars(other).get(name) is old:
                    setattr(other, name, new)
        elif isinstance(new, FunctionType):
            _swap(cast(FunctionType, old), new)
        else:
            for method, function in vars(new).items():
                if isinstance(function, FunctionType):
                    _swap(vars(old)[method], function)


def _swap(old: FunctionType, new: FunctionType) -> None:
    """Let a function that many hold already do what another does."""
    for name, held, given in zip(new.__code__.co_freevars, old.__closure__ or (), new.__closure__ or (), strict=True):
        if name != "__class__":
            held.cell_contents = given.cell_contents
    old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__


def _reach(judged: Judged) -> Reach:
    """Run the tests on the file as it is; return what each of them reaches. Raises SystemExit when they fail by themselves."""
    data, times = WORK / "reach.coverage", WORK / "times.json"
    data.unlink(missing_ok=True)
    begun = time.monotonic()
    process = _forked(lambda: _measured(judged, data, times))
    if os.waitpid(process, 0)[1]:
        raise SystemExit(f"{judged.file}: its tests fail without a mutant, see {WORK}/{process}.log")
    took: dict[str, float] = json.loads(times.read_text())
    print(f"{judged.file}: {len(took)} tests in {time.monotonic() - begun:.0f} s", flush=True)
    quickest: dict[str, float] = defaultdict(lambda: float(_SLOWEST))
    for test, seconds in took.items():
        quickest[test.partition("::")[0]] = min(seconds, quickest[test.partition("::")[0]])
    order = sorted(took, key=lambda test: (quickest[test.partition("::")[0]], test.partition("::")[0], took[test]))
    measured = CoverageData(str(data))
    measured.read()
    lines = measured.contexts_by_lineno(str(judged.file.resolve()))
    return Reach(order, {line: set(tests) for line, tests in lines.items()})


def _measured(judged: Judged, data: Path, times: Path) -> int:
    watch = _Watch(Coverage(data_file=str(data), include=[str(judged.file)], branch=False, config_file=False))
    watch.coverage.start()
    status = pytest.main([*_ARGUMENTS, *judged.tests], plugins=[watch])
    watch.coverage.stop()
    watch.coverage.save()
    times.write_text(json.dumps(watch.took))
    return status


class _Watch:
    """A plugin of pytest: lines are counted under the name of the test that ran them, tests by how long they took."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.took: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.took[report.nodeid] = report.duration


def _forked(work: Callable[[], int]) -> int:
    """Do the work in a process of its own, its words in a file of the work folder; return the id of the process."""
    process = os.fork()
    if process:
        return process
    status = 70
    try:
        words = os.open(WORK / f"{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(words, 1)
        os.dup2(words, 2)
        status = int(work())
    except BaseException:  # noqa: BLE001 - a process that ends tells why
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(status)


def _warm(judged: Sequence[Judged]) -> None:
    """Import everything once: each process begins with it."""
    for name in ("lkportal.app", "lkportal.testing.plugin", *(each.module for each in judged)):
        importlib.import_module(name)


if __name__ == "__main__":
    raise SystemExit(bool(main()))
