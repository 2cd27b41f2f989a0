"""Asks of the tests whether they notice a fault: runs those of a file on each of its mutants (`make mutation`).
What is judged, by which tests, and which mutants do no harm stands in tests/mutation.toml; mutants are made in mutants."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from coverage import Coverage, CoverageData

from tools.mutants import Mutant, mutants_of

SETTINGS = Path("tests/mutation.toml")
WORK = Path("build/mutation")
WANTED = 0.9
_SLOWEST = 300
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
        """Return the tests that reach one of these lines; all, when a line runs as the file is imported."""
        found = {test for line in lines for test in self.by_line.get(line, ())}
        return self.order if "" in found else [test for test in self.order if test in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge the files of the settings, or those whose path holds one of the words given; return how many fell short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="parts of paths, such as auth/totp: only these files")
    parser.add_argument("--workers", type=int, default=1, help="mutants at the same time")
    asked = parser.parse_args(arguments)
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    WORK.mkdir(parents=True, exist_ok=True)
    _warm()
    short = 0
    for entry in settings["judged"]:
        judged = Judged(Path(entry["file"]), tuple(entry["tests"]))
        if not asked.words or any(word in entry["file"] for word in asked.words):
            harmless = [each for each in settings.get("harmless", ()) if each["file"] == entry["file"]]
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
        if tests := reach.of(mutant.lines):
            running[_forked(lambda each=mutant, ids=tests: _tested(judged, each, ids))] = mutant  # type: ignore[misc]
        else:
            survivors.append(mutant)
    return sorted(survivors, key=lambda each: each.lines.start)


def _tested(judged: Judged, mutant: Mutant, tests: Sequence[str]) -> int:
    signal.alarm(_SLOWEST)  # ends this process: a mutant that never ends is noticed
    sys.meta_path.insert(0, _Planted(judged, mutant.source))
    return pytest.main([*_ARGUMENTS, *tests])


class _Planted:
    """Imports the mutant in place of its module."""

    def __init__(self, judged: Judged, source: str) -> None:
        self._judged, self._source = judged, source

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._judged.module:
            return None
        return importlib.util.spec_from_file_location(
            name, self._judged.file, loader=_MutantLoader(name, self._judged.file, self._source)
        )


class _MutantLoader(SourceFileLoader):
    def __init__(self, name: str, file: Path, source: str) -> None:
        super().__init__(name, str(file.resolve()))
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec")


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


def _warm() -> None:
    """Import what is not ours, once: each process begins with it."""
    listed = "import json, sys, lkportal.app, lkportal.testing.plugin, pytest; print(json.dumps(list(sys.modules)))"
    names: Any = json.loads(subprocess.run([sys.executable, "-c", listed], check=True, capture_output=True).stdout)
    for name in names:
        if name.partition(".")[0] not in {"lkportal", "tests", "__main__"}:
            try:
                importlib.import_module(name)
            except ImportError:
                continue  # made by another module as it runs: it comes with that one


if __name__ == "__main__":
    raise SystemExit(bool(main()))
