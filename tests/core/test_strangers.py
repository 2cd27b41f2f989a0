"""Files of strangers are read by a program that has nothing else, and what became of one is told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from lkportal.core.errors import PortalError
from lkportal.core.strangers import Limits, Opener

LIMITS = Limits(memory=256 * 1024 * 1024, answer=1024, cpu=5, seconds=10.0)
Program = Callable[[str], Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Write a program whose `answer` does this."""

    def written(body: str) -> Path:
        path = tmp_path / "program.py"
        path.write_text(f"import os, socket, sys\ndef answer(sent, *words):\n    {body}\n", "utf-8")
        return path

    return written


def opened(program: Path, limits: Limits = LIMITS, *words: str) -> tuple[str, bytes]:
    with TemporaryFile() as answer:
        outcome = Opener().open(program, b"a file", answer, limits, words)
        return outcome, answer.read()


def test_a_program_answers_to_a_file_and_to_words(program: Program) -> None:
    joined = program("return sent.read() + ' '.join(words).encode()")
    assert opened(joined, LIMITS, " of", "ours") == ("answered", b"a file of ours")


def test_an_open_file_is_handed_over_from_its_start(program: Program) -> None:
    with TemporaryFile() as sent, TemporaryFile() as answer:
        sent.write(b"from the start")
        assert Opener().open(program("return sent.read()"), sent, answer, LIMITS) == "answered"
        assert answer.read() == b"from the start"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("raise ValueError", "bad"),
        ("raise KeyboardInterrupt", "bad"),
        ("os.abort()", "bad"),
        ("os.kill(os.getpid(), 11)", "bad"),
        ("raise OverflowError", "large"),
        ("return bytes(1 << 30)", "large"),
        ("return bytes(1025)", "large"),
    ],
)
def test_what_became_of_a_file_is_told_apart(program: Program, body: str, outcome: str) -> None:
    assert opened(program(body))[0] == outcome


def test_what_takes_too_long_is_ended_by_the_processor_and_by_the_clock(program: Program) -> None:
    assert opened(program("while True: pass"), replace(LIMITS, cpu=1))[0] == "slow"
    assert opened(program("import time; time.sleep(60)"), replace(LIMITS, seconds=0.5))[0] == "slow"


@pytest.mark.parametrize("reach", ["open('/etc/passwd')", "socket.socket()", "os.fork()", "__import__('json')"])
def test_a_program_reaches_nothing_but_its_file(program: Program, reach: str) -> None:
    if reach == "os.fork()" and Path("/proc/self/status").read_text("ascii").split("Uid:")[1].split()[0] == "0":
        reach = "open('/proc/self/environ')"  # no limit holds the processes of root
    assert opened(program(f"{reach}; return b'reached'")) == ("bad", b"")
    assert opened(program("return repr(dict(os.environ)).encode()")) in (
        ("answered", b"{}"),
        ("answered", b"{'LC_CTYPE': 'C.UTF-8'}"),
    )


def test_a_program_that_cannot_start_is_not_the_fault_of_the_file(tmp_path: Path) -> None:
    without = tmp_path / "without.py"
    without.write_text("import a_package_nobody_has\n", "utf-8")
    killed = tmp_path / "killed.py"
    killed.write_text("import os\ndef answer(sent):\n    os.kill(os.getpid(), 9)\n", "utf-8")
    for path in (without, killed, tmp_path / "absent.py"):
        with pytest.raises(PortalError) as caught:
            opened(path)
        assert (caught.value.code, caught.value.status) == ("file_not_opened", 503)


def test_who_finds_no_place_is_asked_to_come_again(program: Program) -> None:
    with TemporaryFile() as answer, pytest.raises(PortalError) as caught:
        Opener(at_once=0, wait=0.01).open(program("return b''"), b"", answer, LIMITS)
    assert (caught.value.code, caught.value.status) == ("files_busy", 503)
