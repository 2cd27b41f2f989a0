"""Run as a program of its own: gives away what it does not need, then lets the program named to it read a stranger's file from stdin
and writes the answer to stdout. It has no secrets (an empty environment), little memory and time, and can write no more than a small
file; once the program is loaded it can open nothing: no file, no connection. Who starts it is strangers.
"""

import os
import runpy
import sys

BAD, LARGE, UNABLE = 4, 3, 5
"""How it ends: the file is not what the program reads, it is too large, the program itself could not be started."""


def limit(memory: int, seconds: int, written: int) -> None:
    """Take from this process what it does not need. Where the system knows no limits, the parent's clock is left."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_FSIZE, written, written),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NPROC, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))


def close_doors() -> None:
    """Let this process open nothing more: what is open stays."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def main(memory: str, seconds: str, written: str, program: str, *words: str) -> int:
    """Let a program answer within limits and return how it ended."""
    try:
        limit(int(memory), int(seconds), int(written))
        answer = runpy.run_path(program)["answer"]
        close_doors()
    except BaseException:  # noqa: BLE001 - nothing of the file was read yet: it is not to blame
        return UNABLE
    try:
        said = answer(sys.stdin.buffer, *words)
    except (MemoryError, OverflowError):
        return LARGE
    except BaseException:  # noqa: BLE001 - whatever a stranger's file does to a reader (a panic of Rust too), the answer is one
        return BAD
    try:
        rest = memoryview(said)
        while rest:
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
    except OSError:
        return LARGE
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
